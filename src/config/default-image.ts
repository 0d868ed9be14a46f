/** k3s that is used unless another is asked for. k3d version/version.go. */
export const DEFAULT_K3S_IMAGE = 'docker.io/rancher/k3s:v1.35.5-k3s1';

/** Repository that `latest`, `stable` and `+CHANNEL` get their version's image from. */
export const K3S_IMAGE_REPOSITORY = 'docker.io/rancher/k3s';

/** k3d pkg/types/images.go. */
export const DEFAULT_REGISTRY_IMAGE = 'docker.io/library/registry:2';

const PROXY_REPOSITORY = 'ghcr.io/k3d-io/k3d-proxy';
const HELPER_TAG = '5.9.0';

/** Load balancer image when the environment says nothing. */
export const DEFAULT_LOAD_BALANCER_IMAGE = `${PROXY_REPOSITORY}:${HELPER_TAG}`;

/** Load balancer image: K3D_IMAGE_LOADBALANCER, else k3d's with the tag K3D_HELPER_IMAGE_TAG or 5.9.0. */
export function loadBalancerImage(env: NodeJS.ProcessEnv): string {
  return env.K3D_IMAGE_LOADBALANCER || `${PROXY_REPOSITORY}:${env.K3D_HELPER_IMAGE_TAG || HELPER_TAG}`;
}

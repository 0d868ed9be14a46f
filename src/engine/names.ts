/** Names of what belongs to a cluster. k3d pkg/client/{cluster,loadbalancer}.go, pkg/types/node.go. */

/** `k3d-demo-server-0` */
export function nodeName(cluster: string, role: 'server' | 'agent', index: number): string {
  return `k3d-${cluster}-${role}-${index}`;
}

/** `k3d-demo-serverlb` */
export function loadBalancerName(cluster: string): string {
  return `k3d-${cluster}-serverlb`;
}

/** `k3d-demo`: the network that a cluster makes for itself. */
export function networkName(cluster: string): string {
  return `k3d-${cluster}`;
}

/** `k3d-demo-images`: the volume mounted at /k3d/images in every node and the load balancer. */
export function imageVolumeName(cluster: string): string {
  return `k3d-${cluster}-images`;
}

/** `k3d-demo-registry`: the registry that a cluster is given when nobody names it. */
export function registryName(cluster: string): string {
  return `k3d-${cluster}-registry`;
}

/** Context and cluster entry in a kubeconfig. k3d pkg/client/kubeconfig.go. */
export function contextName(cluster: string): string {
  return `k3d-${cluster}`;
}

/** User entry in a kubeconfig. */
export function userName(cluster: string): string {
  return `admin@k3d-${cluster}`;
}

/** The address of the first server inside the cluster's network. */
export function clusterUrl(cluster: string): string {
  return `https://${nodeName(cluster, 'server', 0)}:${API_PORT}`;
}

/** Port of the Kubernetes API inside every server and of the load balancer's listener for it. */
export const API_PORT = 6443;

/** k3s writes the admin kubeconfig here; k3d sets the path by K3S_KUBECONFIG_OUTPUT on every container (pkg/types/defaults.go). */
export const KUBECONFIG_IN_NODE = '/output/kubeconfig.yaml';

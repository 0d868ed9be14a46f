/** The environment variables that tell tests which images to run, with what the bed builds itself. */
const defaults = {
  K3DUI_TEST_IMAGE: 'k3dui-test/k3s:v1.31.5-k3s1',
  K3DUI_TEST_LB_IMAGE: 'k3dui-test/loadbalancer:1',
  K3DUI_TEST_REGISTRY_IMAGE: 'k3dui-test/registry:1',
};

/** A second version of the stand-in, for tests of upgrades and of choosing a version. */
export const otherNodeImage = 'k3dui-test/k3s:v1.30.0-k3s1';

export type ImageVariables = typeof defaults;

/** The images to test with: what the environment asks for, else the bed's own. */
export function imageNames(env: NodeJS.ProcessEnv): ImageVariables {
  const chosen = Object.entries(defaults).map(([name, value]) => [name, env[name] || value]);
  return Object.fromEntries(chosen) as ImageVariables;
}

import { dump, load } from 'js-yaml';
import { hostAddress, type Registry } from './model.ts';

/** Where k3d puts the ConfigMap's text in the nodes, from where it is applied. */
export const HOSTING_PATH = '/tmp/localRegistryHostingCM.yaml';
export const HOSTING_MODE = 0o644;
export const HOSTING_NAMESPACE = 'kube-public';
export const HOSTING_NAME = 'local-registry-hosting';
const HELP = 'https://k3d.io/stable/usage/registries/#using-a-local-registry';

/**
 * The ConfigMap that tells tools such as Tilt and Skaffold which registry a cluster has (KEP-1755: one only), as k3d
 * writes it. A registry that only listens on one address is named by it.
 */
export function hostingConfigMap(registry: Pick<Registry, 'hostIP' | 'hostPort' | 'port'>, name: string): string {
  const { port, hostPort } = registry;
  const inside = `${name}:${port}`;
  const hosting = {
    help: HELP,
    host: hostAddress(registry) ?? `localhost:${hostPort}`,
    hostFromClusterNetwork: inside,
    hostFromContainerRuntime: inside,
  };
  return dump(
    {
      apiVersion: 'v1',
      data: { 'localRegistryHosting.v1': dump(hosting, { lineWidth: -1 }) },
      kind: 'ConfigMap',
      metadata: { name: HOSTING_NAME, namespace: HOSTING_NAMESPACE },
    },
    { lineWidth: -1 },
  );
}

/** `NAME:PORT` that such a ConfigMap names for the cluster; undefined when it cannot be read. */
export function hostedRegistry(configMap: string): string | undefined {
  try {
    const { data } = load(configMap) as { data?: Record<string, string> };
    const { hostFromContainerRuntime } = load(data?.['localRegistryHosting.v1'] ?? '') as Record<string, string>;
    return hostFromContainerRuntime || undefined;
  } catch {
    return undefined;
  }
}

import type { Container } from '../types.ts';
import { clusterOf, type K3s } from './k3s.ts';
import type { KubeCluster } from './kubernetes-cluster.ts';
import { upstreams } from './nginx-config.ts';

/** The server that answers behind a K3S_URL: named directly, or through a load balancer. undefined: the name does not resolve. */
export function joinTarget(
  node: K3s,
  url: string,
): { container: Container; ip: string; cluster: KubeCluster | undefined } | undefined {
  const { hostname } = new URL(url);
  const found = node.world.resolve(node.container, hostname);
  if (!found) return undefined;
  const cluster = clusterOf(found.container);
  if (cluster) return { ...found, cluster };
  for (const { name } of upstreams(found.container, 6443)) {
    const behind = node.world.resolve(found.container, name);
    const itsCluster = behind ? clusterOf(behind.container) : undefined;
    if (behind && itsCluster) return { ...behind, cluster: itsCluster };
  }
  return { ...found, cluster: undefined };
}

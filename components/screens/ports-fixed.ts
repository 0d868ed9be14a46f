import type { PortLine } from './ports-list.ts';

/** Why a path cannot be changed after the cluster was made; undefined when it can. */
export function fixedBecause({ row, cluster }: PortLine): string | undefined {
  if (row.kind === 'api') return 'it is the Kubernetes API, without which nobody could reach the cluster';
  if (row.kind === 'direct') {
    return 'the node itself publishes it: Docker does that only when it makes a container, and a node made again would lose its data';
  }
  if (!cluster.loadBalancer) return 'the cluster has no load balancer';
  return row.hostPort === 0 ? 'no port of this machine leads to it' : undefined;
}

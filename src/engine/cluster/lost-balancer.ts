import type { Cluster } from '../model.ts';

/** The name of a load balancer that the servers were made for and that is not there. */
export function lostBalancer({ loadBalancer, servers }: Cluster): string | undefined {
  if (loadBalancer) return undefined;
  return servers.map(({ labels }) => labels['k3d.server.loadbalancer']).find(label => label);
}

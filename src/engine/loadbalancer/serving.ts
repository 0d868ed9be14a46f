import type { Cluster, Node } from '../model.ts';
import { loadBalancerName } from '../names.ts';

/** What a replacement calls the container that is not the load balancer, as k3d does: `k3d-demo-serverlb-KAezs`. */
const ASIDE = /-[A-Za-z]{5}$/;

/**
 * Which of several load balancer containers is the one that serves, or did last: a replacement that was killed half way
 * leaves two. One that runs on the cluster's network, else one that ran there before, else the one with the right name.
 */
export function chooseLoadBalancer(nodes: Node[], cluster: string): Node | undefined {
  const rank = (node: Node): number => {
    const placed = onClusterNetwork(node);
    const state = placed && isUp(node) ? 0 : placed && node.state !== 'created' ? 2 : isUp(node) ? 4 : 6;
    return state + (node.name === loadBalancerName(cluster) ? 0 : 1);
  };
  return nodes.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** Containers that a killed replacement left beside the load balancer; none of them serves. */
export function leftByReplacement(cluster: Cluster): Node[] {
  const name = loadBalancerName(cluster.name);
  return cluster.others.filter(
    node =>
      node.role === 'loadbalancer' &&
      !(isUp(node) && onClusterNetwork(node)) &&
      (node.name === name || isAside(node.name, cluster.name)),
  );
}

/** True for a name that a replacement gives, to a container or to the network on which the new one waits. */
export function isAside(name: string, cluster: string): boolean {
  return ASIDE.test(name) && name.replace(ASIDE, '') === loadBalancerName(cluster);
}

/** A new one that waits to take over is not on it yet. */
export function onClusterNetwork(node: Node): boolean {
  const network = node.labels['k3d.cluster.network'];
  return !network || node.networks.some(({ name }) => name === network);
}

function isUp(node: Node): boolean {
  return node.running || node.state === 'restarting' || node.state === 'paused';
}

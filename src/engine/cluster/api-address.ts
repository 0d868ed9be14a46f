import { reachableHost } from '../endpoint.ts';
import type { Cluster, Node } from '../model.ts';
import { API_PORT } from '../names.ts';
import type { ApiAddress } from '../plan.ts';
import type { Facts } from './facts.ts';
import { lostBalancer } from './lost-balancer.ts';

/**
 * Where this machine reaches the cluster's Kubernetes API: the published port of the load balancer, or of the first
 * server without one. undefined when nothing publishes it (a broken cluster, the host's network aside).
 */
export function apiAddress(cluster: Cluster, facts: Pick<Facts, 'env' | 'endpoint'>): ApiAddress | undefined {
  const published = [cluster.loadBalancer, ...cluster.servers]
    .filter((node): node is Node => node !== undefined)
    .flatMap(node => node.ports)
    .find(port => port.containerPort === API_PORT && port.hostPort > 0);
  const port = published?.hostPort ?? cluster.api?.port;
  if (!port) return undefined;
  const api = { host: cluster.api?.host ?? '', hostIP: published?.hostIP ?? cluster.api?.hostIP ?? '', port };
  return { host: reachableHost(api, facts.env, facts.endpoint), port };
}

/** The same, where something can answer there: undefined as well while the load balancer that published it is lost. */
export function answeringAddress(cluster: Cluster, facts: Pick<Facts, 'env' | 'endpoint'>): ApiAddress | undefined {
  return lostBalancer(cluster) ? undefined : apiAddress(cluster, facts);
}

import type { Call } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { reachableHost } from '../endpoint.ts';
import type { Engine } from '../engine.ts';
import { kubeconfigOf } from '../kubeconfig/of-cluster.ts';
import type { LoadBalancerModel } from '../loadbalancer/values.ts';
import type { Cluster, NodePort } from '../model.ts';
import { readLoadBalancer } from '../ports/read.ts';
import { portTable } from '../ports/table.ts';
import { limited } from '../wait.ts';
import type { Ground } from './context.ts';
import { exposures } from './exposures.ts';
import type { Exposure } from './model.ts';
import { type Traffic, TrafficWatch } from './traffic.ts';

/** What was read of a load balancer, as far as the ground needs it. */
export interface Listeners {
  model: LoadBalancerModel;
  ports: NodePort[];
}

/** Docker's part of the ways into a cluster. `listeners`: undefined when the load balancer was not read. */
export function groundOf(
  engine: Pick<Engine, 'docker' | 'env' | 'inventory'>,
  cluster: Cluster,
  listeners: Listeners | undefined,
): Ground {
  const { docker, env, inventory } = engine;
  const published = inventory.snapshot.nodes.flatMap(node => node.ports.map(({ hostPort }) => hostPort));
  return {
    cluster,
    rows: portTable(cluster, listeners?.model, listeners?.ports),
    listenersKnown: listeners !== undefined,
    taken: new Set(published),
    hostOf: (hostIP, port) => reachableHost({ host: '', hostIP, port }, env, docker.endpoint),
  };
}

/** What was found at one moment. */
export interface Survey {
  ground: Ground;
  traffic: Traffic;
  exposures: Exposure[];
}

/** Milliseconds until a cluster's Kubernetes must have told everything. */
const LIMIT = 20_000;

/** Reads all ways into a cluster once. Throws CLUSTER_STOPPED, LB_STOPPED, KUBERNETES_*, KUBECONFIG_*, API_NOT_PUBLISHED. */
export async function surveyCluster(engine: Engine, cluster: Cluster, call: Call): Promise<Survey> {
  if (cluster.servers.every(server => !server.running)) {
    throw new K3duiError({
      code: 'CLUSTER_STOPPED',
      message: `cluster '${cluster.name}' is ${cluster.status}: its Kubernetes cannot be asked`,
      hint: `start it: k3dui cluster start ${cluster.name}`,
    });
  }
  const { loadBalancer } = cluster;
  if (loadBalancer && !loadBalancer.running) {
    throw new K3duiError({
      code: 'LB_STOPPED',
      message: `the way breaks at the load balancer: ${loadBalancer.name} is ${loadBalancer.state}, so neither a port nor the Kubernetes API is reached`,
      hint: `start it: k3dui node start ${loadBalancer.name}`,
    });
  }
  const [kubeconfig, reading] = await Promise.all([
    kubeconfigOf(engine, cluster, call),
    loadBalancer ? readLoadBalancer(engine.docker, cluster, call).catch(() => undefined) : undefined,
  ]);
  const traffic = await readTraffic(kubeconfig, call);
  const ground = groundOf(engine, cluster, reading);
  return { ground, traffic, exposures: exposures(ground, traffic) };
}

/** Everything on the way of traffic, once. Throws KUBERNETES_*, CANCELLED. */
async function readTraffic(kubeconfig: string, call: Call): Promise<Traffic> {
  const { signal } = limited(call, LIMIT);
  signal.throwIfAborted();
  let watch: TrafficWatch | undefined;
  try {
    return await new Promise<Traffic>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      watch = new TrafficWatch(kubeconfig, ({ traffic, complete, error }) => {
        if (complete) resolve(traffic);
        else if (error) reject(error);
      });
    });
  } finally {
    watch?.close();
  }
}

import { gatherFacts } from '../src/engine/cluster/facts.ts';
import { portOwner, stoppedPortOwners } from '../src/engine/cluster/port-owner.ts';
import { reachableHost } from '../src/engine/endpoint.ts';
import type { Engine } from '../src/engine/engine.ts';
import { kubeconfigOf } from '../src/engine/kubeconfig/of-cluster.ts';
import { factsForPortEdit, planPortEdit, previewPortEdit } from '../src/engine/loadbalancer/edit.ts';
import { leftByReplacement } from '../src/engine/loadbalancer/serving.ts';
import { probePort } from '../src/engine/ports/probe.ts';
import { readLoadBalancer } from '../src/engine/ports/read.ts';
import type { PortActions } from './port-actions.ts';
import { targetsOf } from './port-targets.ts';

/** What the ports screen asks, answered by the engine. */
export function enginePortActions(engine: Engine): PortActions {
  const { docker, env } = engine;
  return {
    read: (cluster, signal) => readLoadBalancer(docker, cluster, { signal }),
    probe: (cluster, row, signal) => probePort(docker, cluster, row, { signal }),
    async targets(cluster, signal) {
      // Kubernetes is asked only by who adds a port: not loaded before.
      const { listServices } = await import('../src/kubernetes/services.ts');
      return targetsOf(await listServices(await kubeconfigOf(engine, cluster, { signal }), { signal }));
    },
    async portOwners(cluster, ports, signal) {
      const facts = await gatherFacts(engine, { ports: [...ports], stoppedPorts: true }, { signal });
      const own = [...(cluster.loadBalancer ? [cluster.loadBalancer] : []), ...leftByReplacement(cluster)];
      const ids = new Set(own.map(node => node.id));
      const names = new Set(own.map(node => node.name));
      // Docker's own proxy listens for a running load balancer: that socket is its own.
      const published = cluster.loadBalancer?.ports ?? [];
      const isOwn = (port: number, protocol: string) =>
        published.some(bound => bound.hostPort === port && bound.protocol === protocol);
      return {
        owner: wanted => (isOwn(wanted.port, wanted.protocol) ? undefined : portOwner(facts, wanted, ids)),
        stopped: wanted => stoppedPortOwners(facts, wanted, names),
      };
    },
    async plan(cluster, change, signal) {
      const { model, inspect } = await readLoadBalancer(docker, cluster, { signal });
      const preview = previewPortEdit(cluster, model, inspect, change);
      const facts = await gatherFacts(engine, factsForPortEdit(change, inspect), { signal });
      return { change, preview, plan: planPortEdit(cluster, model, inspect, change, facts) };
    },
    hostOf: (hostIP, port) => reachableHost({ host: '', hostIP, port }, env, docker.endpoint),
  };
}

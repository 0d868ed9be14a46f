import { bindingSpec, bindingsOf, listenerOf } from '../loadbalancer/bindings.ts';
import { applyPortChange, type PortChange, sameModel } from '../loadbalancer/change.ts';
import { planPortEdit } from '../loadbalancer/edit.ts';
import { renderNginxConf } from '../loadbalancer/nginx.ts';
import { formatValues, type LoadBalancerModel } from '../loadbalancer/values.ts';
import type { Cluster, Node } from '../model.ts';
import { API_PORT } from '../names.ts';
import { changeMembers } from '../node/members.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import type { Facts } from './facts.ts';
import type { ClusterLayout } from './layout.ts';
import { type PortGap, portGap, renamer } from './port-differences.ts';
import type { ClusterReading } from './reading.ts';

/** The change of host ports, planned on what is there now. Listeners lead to nodes that are there and stay. */
export function planPorts(
  want: ClusterLayout,
  have: ClusterLayout,
  reading: ClusterReading,
  facts: Facts,
  leaving: Node[],
): { plan: Plan | undefined; model: LoadBalancerModel } | undefined {
  const { cluster, inspects, model } = reading;
  const inspect = cluster.loadBalancer && inspects.get(cluster.loadBalancer.name);
  if (!inspect || !model) return undefined;
  const gap = portGap(want, have, reading, renamer(want, reading));
  const change = portChange(gap, cluster, leaving);
  if (change.add.length + change.remove.length === 0 && Object.keys(gap.settings).length === 0) {
    return { plan: undefined, model };
  }
  const outcome = applyPortChange(cluster, model, bindingsOf(inspect), change);
  return { plan: planPortEdit(cluster, model, inspect, change, facts), model: outcome.model };
}

function portChange(gap: PortGap, cluster: Cluster, leaving: Node[]): PortChange {
  const gone = new Set(leaving.map(({ name }) => name));
  const there = new Set(
    [...cluster.servers, ...cluster.agents].map(({ name }) => name).filter(name => !gone.has(name)),
  );
  const replaceUpstreams: Record<string, string[]> = {};
  for (const listener of new Set(gap.add.map(listenerOf))) {
    const nodes = (gap.upstreams[listener] ?? []).filter(name => there.has(name));
    // Of nodes that are yet to come none resolves: until then it leads to all.
    if (nodes.length > 0) replaceUpstreams[listener] = nodes;
  }
  return {
    add: gap.add.map(binding => ({ port: bindingSpec(binding), nodeFilters: ['loadbalancer'] })),
    remove: gap.remove.map(binding => ({ port: bindingSpec(binding), nodeFilters: [] })),
    ...(Object.keys(gap.settings).length > 0 ? { settings: gap.settings } : {}),
    replaceUpstreams,
  };
}

/** Where the listeners shall lead at the end, if they do not when all else is done. */
export function finalModel(
  want: ClusterLayout,
  reading: ClusterReading,
  before: LoadBalancerModel | undefined,
  leaving: Node[],
  joining: { name: string; role: 'server' | 'agent' }[],
): LoadBalancerModel | undefined {
  const { cluster } = reading;
  if (!before || !cluster.loadBalancer || !want.loadBalancer) return undefined;
  const gone = new Set(leaving.map(({ name }) => name));
  const names = (nodes: Node[]) => nodes.map(({ name }) => name).filter(name => !gone.has(name));
  const [servers, agents] = [names(cluster.servers), names(cluster.agents)];
  const reached = changeMembers(before, {
    container: '',
    running: true,
    servers: cluster.servers.map(({ name }) => name),
    agents: cluster.agents.map(({ name }) => name),
    joining,
    leaving: [...gone],
  });
  for (const { name, role } of joining) (role === 'server' ? servers : agents).push(name);
  const real = new Map([
    ...want.servers.map(({ name }, i) => [name, servers[i]] as const),
    ...want.agents.map(({ name }, i) => [name, agents[i]] as const),
  ]);
  const ports = Object.entries(want.model.ports)
    .map(([listener, nodes]) => [listener, nodes.flatMap(name => real.get(name) ?? [])] as const)
    .filter(([, nodes]) => nodes.length > 0);
  const api = `${API_PORT}.tcp`;
  const wanted = {
    ports: { ...Object.fromEntries(ports), [api]: reached.ports[api] ?? servers },
    settings: reached.settings,
  };
  return sameModel(wanted, reached) ? undefined : wanted;
}

/** Puts it in, in a load balancer that runs. */
export function configureStep(cluster: Cluster, model: LoadBalancerModel): PlannedStep {
  const { name } = cluster.loadBalancer!;
  return {
    id: 'upstreams',
    title: 'lead every port where it shall',
    subject: name,
    after: [],
    action: {
      kind: 'loadbalancer.configure',
      container: name,
      values: formatValues(model),
      nginx: renderNginxConf(model),
      running: true,
    },
  };
}

import { roleFilter } from '../../config/choose-filters.ts';
import type { NodeRef } from '../../config/node-filters.ts';
import type { PortMapping } from '../../config/ports.ts';
import { bindingSpec, bindingsOf, type HostBinding, isAny, listenerOf } from '../loadbalancer/bindings.ts';
import type { PortChange } from '../loadbalancer/change.ts';
import type { LoadBalancerModel } from '../loadbalancer/values.ts';
import { API_PORT } from '../names.ts';
import { nodeRefs } from '../ports/filters.ts';
import type { Difference } from './differences.ts';
import type { ClusterLayout } from './layout.ts';
import type { ClusterReading } from './reading.ts';

/** The load balancer as it is and as a request wants it, host bindings and upstreams by the nodes' real names. */
export interface PortGap {
  add: HostBinding[];
  remove: HostBinding[];
  /** Settings that differ; undefined: to be taken out. */
  settings: NonNullable<PortChange['settings']>;
  /** Upstreams as asked for, by listener, those of the API left out. */
  upstreams: Record<string, string[]>;
}

/**
 * Pure.
 * @param have the cluster as a create of what it is would lay it out
 * @param rename gives the name a node has or will have for the name that a create would give it
 */
export function portGap(
  want: ClusterLayout,
  have: ClusterLayout,
  reading: ClusterReading,
  rename: (name: string) => string,
): PortGap {
  const { cluster, inspects } = reading;
  const inspect = cluster.loadBalancer && inspects.get(cluster.loadBalancer.name);
  const live = (inspect ? bindingsOf(inspect) : []).filter(binding => !isApiBinding(binding, cluster.api?.port));
  const wanted = (want.loadBalancer?.ports ?? []).map(toBinding);
  const remove = [...live];
  const take = (fits: (binding: HostBinding) => boolean) => {
    const place = remove.findIndex(fits);
    if (place >= 0) remove.splice(place, 1);
    return place >= 0;
  };
  const sameTarget = (a: HostBinding, b: HostBinding) =>
    listenerOf(a) === listenerOf(b) && sameAddress(a.hostIP, b.hostIP);
  const left = wanted.filter(binding => !take(one => sameTarget(one, binding) && one.hostPort === binding.hostPort));
  // A host port that Docker may choose is whichever is there.
  const add = left.filter(
    binding => /^[1-9]\d*$/.test(binding.hostPort) || !take(one => sameTarget(one, binding) && within(one, binding)),
  );
  const upstreams = Object.entries(want.model.ports)
    .filter(([listener]) => listener !== `${API_PORT}.tcp`)
    .map(([listener, nodes]) => [listener, nodes.map(rename)]);
  return {
    add,
    remove,
    settings: settingsGap(want.model, have.model),
    upstreams: Object.fromEntries(upstreams),
  };
}

/** What of the load balancer is not as asked for. All of it can be changed while the cluster runs. Pure. */
export function portDifferences(want: ClusterLayout, have: ClusterLayout, reading: ClusterReading): Difference[] {
  const { cluster, model } = reading;
  const refs = nodeRefs(cluster);
  const rename = renamer(want, reading);
  const gap = portGap(want, have, reading, rename);
  const differences: Difference[] = [];
  const add = (field: string, live: string, wanted: string) =>
    differences.push({ field, live, wanted, how: 'in place' });
  const names = new Set(refs.map(ref => ref.name));
  // Nodes that are yet to come are told by the place that they will have.
  const wantedRefs = [...want.servers, ...want.agents];
  const wantedText = (listener: string) => filterText(wantedRefs, want.model.ports[listener] ?? []);
  for (const binding of gap.remove) {
    add('ports', `${bindingSpec(binding)}@${filterText(refs, model?.ports[listenerOf(binding)] ?? [])}`, '');
  }
  for (const binding of gap.add) add('ports', '', `${bindingSpec(binding)}@${wantedText(listenerOf(binding))}`);
  const added = new Set(gap.add.map(listenerOf));
  for (const [listener, nodes] of Object.entries(gap.upstreams)) {
    const live = (model?.ports[listener] ?? []).filter(name => names.has(name));
    // Nodes that are yet to come or to go lead or are led there as they do so.
    const wanted = nodes.filter(name => names.has(name));
    const staying = live.filter(name => stays(name, want, reading));
    if (!added.has(listener) && !sameNodes(staying, wanted)) {
      const text = (targets: string) => `${listener.replace('.', '/')} → ${targets}`;
      add('ports', text(filterText(refs, live)), text(wantedText(listener)));
    }
  }
  for (const [key, value] of Object.entries(gap.settings)) {
    add('lbConfigOverrides', `${key} ${model?.settings[key] ?? 'as usual'}`, `${key} ${value ?? 'as usual'}`);
  }
  return differences;
}

/** By place: the third agent asked for is the third that is there. New ones keep the name that a create would give them. */
export function renamer(want: ClusterLayout, { cluster }: ClusterReading): (name: string) => string {
  const names = new Map<string, string>();
  for (const [i, { name }] of want.servers.entries()) names.set(name, cluster.servers[i]?.name ?? name);
  for (const [i, { name }] of want.agents.entries()) names.set(name, cluster.agents[i]?.name ?? name);
  return name => names.get(name) ?? name;
}

function stays(name: string, want: ClusterLayout, { cluster }: ClusterReading): boolean {
  const server = cluster.servers.findIndex(node => node.name === name);
  const agent = cluster.agents.findIndex(node => node.name === name);
  return (server >= 0 && server < want.servers.length) || (agent >= 0 && agent < want.agents.length);
}

function settingsGap(want: LoadBalancerModel, have: LoadBalancerModel): PortGap['settings'] {
  const gap: PortGap['settings'] = {};
  for (const key of ['workerConnections', 'defaultProxyTimeout'] as const) {
    if (want.settings[key] !== have.settings[key]) gap[key] = want.settings[key] as number;
  }
  return gap;
}

function filterText(refs: NodeRef[], upstream: string[]): string {
  const chosen = new Set(upstream);
  const nodes = refs.filter(ref => ref.role !== 'loadbalancer');
  if (nodes.every(node => chosen.has(node.name))) return 'loadbalancer';
  return (['server', 'agent'] as const).flatMap(role => roleFilter(refs, chosen, role)).join(';');
}

function toBinding({ containerPort, protocol, hostIP, hostPort, hostPortEnd }: PortMapping): HostBinding {
  const port = hostPort === undefined ? '' : hostPortEnd === undefined ? `${hostPort}` : `${hostPort}-${hostPortEnd}`;
  return { containerPort, protocol, hostIP, hostPort: port };
}

function isApiBinding(binding: HostBinding, port: number | undefined): boolean {
  return listenerOf(binding) === `${API_PORT}.tcp` && (port === undefined || binding.hostPort === String(port));
}

/** Whether a chosen port is one of those that Docker could choose from. */
function within(chosen: HostBinding, { hostPort }: HostBinding): boolean {
  if (hostPort === '') return true;
  const [first = 0, last = first] = hostPort.split('-').map(Number);
  const port = Number(chosen.hostPort);
  return chosen.hostPort === hostPort || (port >= first && port <= last);
}

function sameAddress(left: string, right: string): boolean {
  return left === right || (isAny(left) && isAny(right));
}

function sameNodes(left: string[], right: string[]): boolean {
  return left.length === right.length && left.every(name => right.includes(name));
}

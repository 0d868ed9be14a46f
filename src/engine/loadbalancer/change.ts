import { filterNodesWithSuffix, type NodeRef } from '../../config/node-filters.ts';
import { expandPortFilters, placePorts } from '../../config/place-ports.ts';
import { type PortMapping, parsePortSpec, upstreamKey } from '../../config/ports.ts';
import { K3duiError } from '../../errors.ts';
import type { Cluster } from '../model.ts';
import { API_PORT } from '../names.ts';
import { nodeRefs } from '../ports/filters.ts';
import { bindingSpec, type HostBinding, isAny, listenerOf } from './bindings.ts';
import type { LoadBalancerModel, LoadBalancerSettings } from './values.ts';

/** One mapping as `--port-add` and `--port-delete` name it: `8080:80` and `loadbalancer`. */
export interface PortRequest {
  /** `[IP:][HOST[-HOST]:]CONTAINER[-CONTAINER][/PROTOCOL]` */
  port: string;
  /** Empty: all servers and agents. */
  nodeFilters: string[];
}

/** What is to become different, as one set: removals are done first, then additions, then the rest. */
export interface PortChange {
  add: PortRequest[];
  remove: PortRequest[];
  /** Settings to change; undefined as a value takes one out. Others stay. */
  settings?: Partial<LoadBalancerSettings>;
  /** Listener (`80.tcp`) → the nodes that shall stand behind it, all of them. */
  replaceUpstreams?: Record<string, string[]>;
}

/** The load balancer as it shall be, and what of its host bindings that changes. */
export interface PortOutcome {
  model: LoadBalancerModel;
  bindings: HostBinding[];
  added: HostBinding[];
  removed: HostBinding[];
  /** What a person should know: a mapping to be removed that is not there. */
  notes: string[];
}

const API_LISTENER = `${API_PORT}.tcp`;

/**
 * What becomes of a load balancer by a change. Pure; alters only what was asked for. A listener goes with its last host
 * binding. Nodes named in a removal's filters leave the listener if another binding still needs it. What is there already
 * is not added again.
 * Throws PORT_SPEC_INVALID, NODE_FILTER_INVALID, PORT_TARGET_INVALID, PORT_TWICE, API_PORT_FIXED, LISTENER_UNKNOWN.
 */
export function applyPortChange(
  cluster: Cluster,
  current: LoadBalancerModel,
  bindings: HostBinding[],
  change: PortChange,
): PortOutcome {
  const refs = nodeRefs(cluster);
  const outcome: PortOutcome = {
    model: { ports: structuredClone(current.ports), settings: { ...current.settings } },
    bindings: [...bindings],
    added: [],
    removed: [],
    notes: [],
  };
  for (const request of change.remove) removeMapping(request, cluster, refs, outcome);
  // A listener whose last binding goes stays in sight until all additions are known: `change` is remove and add.
  const before = current.ports;
  for (const request of change.add) addMapping(request, refs, before, outcome);
  // Taken away and put back in one set: nothing happened to that binding.
  for (const added of [...outcome.added]) {
    const same = outcome.removed.find(removed => sameBinding(removed, added));
    if (!same) continue;
    outcome.added = outcome.added.filter(other => other !== added);
    outcome.removed = outcome.removed.filter(other => other !== same);
    outcome.bindings = outcome.bindings.map(other => (other === added ? same : other));
  }
  for (const [listener, nodes] of Object.entries(change.replaceUpstreams ?? {})) {
    setUpstreams(listener, nodes, refs, outcome.model);
  }
  for (const [key, value] of Object.entries(change.settings ?? {})) {
    if (value === undefined) delete outcome.model.settings[key];
    else outcome.model.settings[key] = value;
  }
  return outcome;
}

/** Whether two models mean the same: order of nodes and keys does not count. */
export function sameModel(left: LoadBalancerModel, right: LoadBalancerModel): boolean {
  const plain = ({ ports, settings }: LoadBalancerModel) =>
    JSON.stringify([
      Object.entries(ports)
        .map(([listener, nodes]) => [listener, [...nodes].sort()])
        .sort(),
      Object.entries(settings).sort(),
    ]);
  return plain(left) === plain(right);
}

function addMapping(request: PortRequest, refs: NodeRef[], before: LoadBalancerModel['ports'], outcome: PortOutcome) {
  refuseDirect(request);
  const { port, nodeFilters } = request;
  const placed = placePorts([{ port, nodeFilters }], refs, true, ['proxy']);
  for (const [listener, nodes] of placed.upstreams) {
    const there = outcome.model.ports[listener];
    if (listener === API_LISTENER) continue;
    // In the order of the nodes for a new listener; those that were there keep their place.
    outcome.model.ports[listener] = there ? [...new Set([...there, ...nodes])] : keepOrder(nodes, before[listener]);
  }
  for (const mapping of [...placed.bindings.values()].flat()) {
    const wanted = toBinding(mapping);
    if (wanted.hostPort !== '' && outcome.bindings.some(binding => sameBinding(binding, wanted))) continue;
    const taken = outcome.bindings.find(
      binding =>
        binding.hostPort === wanted.hostPort &&
        /^\d+$/.test(wanted.hostPort) &&
        binding.protocol === wanted.protocol &&
        (isAny(binding.hostIP) || isAny(wanted.hostIP) || binding.hostIP === wanted.hostIP),
    );
    if (taken) {
      throw new K3duiError({
        code: 'PORT_TWICE',
        message: `host port ${wanted.hostPort}/${wanted.protocol} already leads to ${taken.containerPort} on this load balancer (${bindingSpec(taken)})`,
        hint: `remove that mapping in the same go: --port-delete ${bindingSpec(taken)}, or choose another host port`,
      });
    }
    outcome.bindings.push(wanted);
    outcome.added.push(wanted);
  }
}

function removeMapping(request: PortRequest, cluster: Cluster, refs: NodeRef[], outcome: PortOutcome): void {
  refuseDirect(request);
  const named =
    request.nodeFilters.length > 0 && !request.nodeFilters.some(filter => filter.startsWith('loadbalancer'));
  const filters = expandPortFilters(request.nodeFilters, refs.length);
  const targets = new Set([...filterNodesWithSuffix(refs, filters, ['proxy']).values()].flat().map(ref => ref.name));
  for (const mapping of parsePortSpec(request.port)) {
    const found = findBinding(mapping, outcome.bindings);
    if (!found) {
      outcome.notes.push(
        `there is no mapping ${bindingSpec(toBinding(mapping))}, so nothing is removed for it; there ${listing(outcome.bindings)}`,
      );
      continue;
    }
    refuseApi(found, cluster, outcome.bindings);
    outcome.bindings = outcome.bindings.filter(binding => binding !== found);
    if (outcome.added.includes(found)) outcome.added = outcome.added.filter(binding => binding !== found);
    else outcome.removed.push(found);
    const listener = upstreamKey(mapping);
    const behind = outcome.model.ports[listener];
    if (listener === API_LISTENER || !behind) continue;
    if (!outcome.bindings.some(binding => listenerOf(binding) === listener)) {
      delete outcome.model.ports[listener];
    } else if (named) {
      const left = behind.filter(node => !targets.has(node));
      if (left.length > 0) outcome.model.ports[listener] = left;
    }
  }
}

/** The binding meant: the same address, or the only one of that port; as k3d does, every local address counts as one. */
function findBinding(mapping: PortMapping, bindings: HostBinding[]): HostBinding | undefined {
  const wanted = toBinding(mapping);
  const candidates = bindings.filter(
    binding =>
      binding.containerPort === wanted.containerPort &&
      binding.protocol === wanted.protocol &&
      (wanted.hostPort === '' || binding.hostPort === wanted.hostPort),
  );
  const exact = candidates.filter(binding => sameAddress(binding.hostIP, wanted.hostIP));
  if (exact.length > 0 && wanted.hostPort !== '') return exact[0];
  const local = (ip: string) => isAny(ip) || ip === '127.0.0.1';
  const loose = candidates.filter(binding => mapping.hostIP === '' || (local(binding.hostIP) && local(mapping.hostIP)));
  if (loose.length > 1) {
    throw new K3duiError({
      code: 'PORT_AMBIGUOUS',
      message: `${bindingSpec(wanted)} could be ${loose.map(bindingSpec).join(' or ')}`,
      hint: 'name the host port, and the address if need be',
    });
  }
  return loose[0];
}

function setUpstreams(listener: string, nodes: string[], refs: NodeRef[], model: LoadBalancerModel): void {
  if (!(listener in model.ports)) {
    throw new K3duiError({
      code: 'LISTENER_UNKNOWN',
      message: `the load balancer does not listen on ${listener.replace('.', '/')}`,
      hint: `it listens on ${Object.keys(model.ports).join(', ').replaceAll('.', '/')}`,
    });
  }
  const unknown = nodes.find(name => !refs.some(ref => ref.name === name && ref.role !== 'loadbalancer'));
  if (unknown !== undefined || nodes.length === 0) {
    throw new K3duiError({
      code: 'PORT_TARGET_INVALID',
      message:
        unknown === undefined
          ? `no node would be left behind ${listener.replace('.', '/')}`
          : `${unknown} is no server or agent of this cluster`,
      hint: 'name at least one server or agent; to close the port remove its mapping',
    });
  }
  model.ports[listener] = [...new Set(nodes)];
}

/** Docker can only publish a container's ports when it creates it, and a node created again is an empty one (k3d #89). */
function refuseDirect({ port, nodeFilters }: PortRequest): void {
  const direct = nodeFilters.find(filter => filter.endsWith(':direct'));
  if (direct === undefined) return;
  throw new K3duiError({
    code: 'PORT_DIRECT',
    message: `unallowed suffix 'direct' in nodefilter '${direct}': Docker publishes a container's ports only when it creates it, and a node created again would lose its pods, images and, if it is a server, the cluster's data`,
    hint: `go through the load balancer instead, which reaches the same node: ${port}@${direct.replace(/:direct$/, ':proxy')}; direct ports can be given when the cluster is created`,
  });
}

/** kubectl, other nodes' kubeconfigs and k3d itself find the cluster by it. */
function refuseApi(binding: HostBinding, cluster: Cluster, bindings: HostBinding[]): void {
  if (listenerOf(binding) !== API_LISTENER) return;
  const others = bindings.some(other => other !== binding && listenerOf(other) === API_LISTENER);
  if (others && cluster.api && binding.hostPort !== String(cluster.api.port)) return;
  throw new K3duiError({
    code: 'API_PORT_FIXED',
    message: `${bindingSpec(binding)} is the Kubernetes API of cluster '${cluster.name}': without it nobody could reach the cluster`,
    hint: 'add another mapping for 6443 if you want one more; the first one stays as long as the cluster does',
  });
}

function toBinding({ containerPort, protocol, hostIP, hostPort, hostPortEnd }: PortMapping): HostBinding {
  const port = hostPort === undefined ? '' : hostPortEnd === undefined ? `${hostPort}` : `${hostPort}-${hostPortEnd}`;
  return { containerPort, protocol, hostIP, hostPort: port };
}

function sameBinding(left: HostBinding, right: HostBinding): boolean {
  return (
    left.containerPort === right.containerPort &&
    left.protocol === right.protocol &&
    left.hostPort === right.hostPort &&
    sameAddress(left.hostIP, right.hostIP)
  );
}

function sameAddress(left: string, right: string): boolean {
  return left === right || (isAny(left) && isAny(right));
}

/** The nodes in the order they had, if they were there before. */
function keepOrder(nodes: string[], before: string[] | undefined): string[] {
  if (!before) return nodes;
  return [...before.filter(name => nodes.includes(name)), ...nodes.filter(name => !before.includes(name))];
}

function listing(bindings: HostBinding[]): string {
  return bindings.length === 0 ? 'are none' : `is ${bindings.map(bindingSpec).join(', ')}`;
}

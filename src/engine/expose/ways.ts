import type { Service, ServicePort } from '../../kubernetes/traffic.ts';
import { noLoadBalancer } from '../ports/read.ts';
import type { PortRow } from '../ports/table.ts';
import {
  endpointsOf,
  type Ground,
  type Index,
  kubectl,
  nodesOf,
  refOf,
  shellWord,
  shortName,
  vantageOf,
} from './context.ts';
import type { Hop, Part, Remedy } from './model.ts';

/** A host port that leads to a port of the nodes on which a Service is. */
export interface Way {
  row: PortRow | undefined;
  /** How the Service comes to be on that port of the nodes. */
  via: 'svclb' | 'nodePort' | 'api';
  /** The port of the nodes. */
  port: number;
}

/** Every way from this machine to a port of a Service, the best first; without a row where no host port leads there. */
export function waysTo({ rows, cluster }: Ground, service: Service, port: ServicePort): Way[] {
  const { type } = service;
  const api = rows.filter(row => row.kind === 'api');
  if (service.namespace === 'default' && service.name === 'kubernetes') {
    return api.map(row => ({ row, via: 'api', port: row.listenerPort }));
  }
  const candidates: Way[] = [];
  const add = (via: Way['via'], number: number) => {
    if (number === 0) return;
    const found = rows.filter(
      row => row.listenerPort === number && row.protocol === port.protocol && row.kind !== 'api' && row.hostPort > 0,
    );
    candidates.push(...found.map((row): Way => ({ row, via, port: number })));
    if (found.length === 0) candidates.push({ row: undefined, via, port: number });
  };
  if (type === 'LoadBalancer') add('svclb', port.port);
  if (type === 'LoadBalancer' || type === 'NodePort') add('nodePort', port.nodePort);
  const runs = ({ row }: Way) => row?.upstreams.some(({ running }) => running) === true;
  const stopped = cluster.loadBalancer?.running === false ? 1 : 0;
  const rank = (way: Way) => (way.row === undefined ? 4 : way.row.kind === 'proxy' ? stopped : 0) + (runs(way) ? 0 : 2);
  return candidates.toSorted((a, b) => rank(a) - rank(b));
}

/** A host port for a port of the nodes, that no cluster has yet: `8080` for 80, `8443` for 443. */
export function proposeHostPort(port: number, taken: ReadonlySet<number>): number {
  let proposal = port < 1024 ? 8000 + port : port;
  if (port === 443) proposal = 8443;
  if (port === 80) proposal = 8080;
  while (taken.has(proposal) && proposal < 65_535) proposal++;
  return proposal;
}

/** The hops from this machine to the Service: host port, listener, nodes, svclb or NodePort. */
export function outerHops(
  ground: Ground,
  index: Index,
  service: Service,
  port: ServicePort,
  way: Way | undefined,
): Hop[] {
  if (way === undefined) return [insideHop(service)];
  if (way.row === undefined)
    return [unpublishedHop(ground, way, port.protocol), ...behindNodes(ground, index, service, way, [])];
  const { row } = way;
  const names = row.upstreams.map(({ node }) => node);
  const direct = row.kind === 'direct' || !ground.cluster.loadBalancer;
  return [
    hostHop(ground, row),
    ...(direct ? [] : [listenerHop(ground, row)]),
    nodesHop(ground, row, direct),
    ...behindNodes(ground, index, service, way, names),
  ];
}

function insideHop(service: Service): Hop {
  const web =
    service.ports.some(({ protocol }) => protocol === 'tcp') && !['kubernetes', 'kube-dns'].includes(service.name);
  const why = `nothing outside leads to a ${service.type} Service`;
  const remedy: Remedy = {
    text: 'give it a host name with an Ingress, or make its type LoadBalancer',
    act: { kind: 'ingress' },
  };
  return {
    kind: 'host',
    title: 'host port',
    text: '',
    short: 'none',
    parts: [],
    fault: web ? { why, remedy } : { why },
  };
}

function unpublishedHop({ cluster, taken }: Ground, { port }: Way, protocol: string): Hop {
  const why = `no port of this machine leads to ${port}/${protocol} of the nodes`;
  const hop = { kind: 'host', title: 'host port', text: '', short: 'none', parts: [] } as const;
  if (!cluster.loadBalancer) {
    const { hint = '' } = noLoadBalancer(cluster);
    return {
      ...hop,
      parts: [],
      fault: { why: `${why}, and the cluster has no load balancer`, remedy: { text: hint } },
    };
  }
  const hostPort = proposeHostPort(port, taken);
  const spec = `${hostPort}:${port}${protocol === 'tcp' ? '' : `/${protocol}`}`;
  const remedy: Remedy = {
    text: `publish it on port ${hostPort} of this machine`,
    command: `k3dui cluster edit ${cluster.name} --port-add ${spec}`,
    act: { kind: 'port', listener: port, protocol, hostPort },
  };
  return { ...hop, parts: [], fault: { why, remedy } };
}

const address = (hostIP: string) => (hostIP === '' ? '0.0.0.0' : hostIP.includes(':') ? `[${hostIP}]` : hostIP);

function hostHop({ hostOf }: Ground, { hostIP, hostPort, protocol }: PortRow): Hop {
  const text = `${address(hostIP)}:${hostPort}`;
  const tcp = protocol === 'tcp';
  const part: Part = {
    label: text,
    ...(tcp && { target: { how: 'connect', host: hostOf(hostIP, hostPort), port: hostPort } }),
  };
  return { kind: 'host', title: 'host port', text, short: text, parts: [part] };
}

function listenerHop({ cluster, listenersKnown }: Ground, row: PortRow): Hop {
  const { id, name, running, state } = cluster.loadBalancer!;
  const listener = `${row.listenerPort}/${row.protocol}`;
  const part: Part = {
    label: listener,
    ...(running &&
      row.protocol === 'tcp' && {
        target: { how: 'connect', from: { id, name }, host: '127.0.0.1', port: row.listenerPort },
      }),
  };
  const hop: Hop = {
    kind: 'listener',
    title: 'load balancer',
    text: `${listener} of ${name}`,
    short: listener,
    parts: [part],
  };
  if (!running) {
    const remedy: Remedy = {
      text: 'start it',
      command: `k3dui node start ${name}`,
      act: { kind: 'start', node: name },
    };
    return { ...hop, fault: { why: `the load balancer is ${state}`, remedy } };
  }
  if (listenersKnown && row.upstreams.length === 0) {
    const spec = `${row.hostPort}:${row.listenerPort}${row.protocol === 'tcp' ? '' : `/${row.protocol}`}`;
    const command = `k3dui cluster edit ${cluster.name} --port-delete ${spec} && k3dui cluster edit ${cluster.name} --port-add ${spec}`;
    const text = 'Docker publishes the port, but the load balancer does not know it: take it away and add it again';
    return { ...hop, fault: { why: `nginx does not listen on ${listener}`, remedy: { text, command } } };
  }
  return hop;
}

function nodesHop({ cluster }: Ground, row: PortRow, direct: boolean): Hop {
  const { listenerPort, protocol, upstreams } = row;
  const nodes = nodesOf(cluster);
  const from = direct ? undefined : cluster.loadBalancer;
  const parts = upstreams.map(({ node, running }): Part => {
    const label = `${shortName(node, cluster)}:${listenerPort}`;
    const own = nodes.find(({ name }) => name === node);
    if (own === undefined) return { label, fault: 'there is no such node' };
    if (!running) return { label, fault: `is ${own.state}` };
    const vantage = from ?? own;
    if (!vantage.running || protocol !== 'tcp') return { label };
    return {
      label,
      target: { how: 'connect', from: { id: vantage.id, name: vantage.name }, host: node, port: listenerPort },
    };
  });
  const hop: Hop = {
    kind: 'nodes',
    title: parts.length === 1 ? 'node' : 'nodes',
    text: parts.length > 3 ? `${parts.length} nodes, port ${listenerPort}` : parts.map(({ label }) => label).join('  '),
    short: parts.length === 1 ? parts[0]!.label : `${parts.length} nodes :${listenerPort}`,
    parts,
  };
  if (parts.length === 0 || parts.some(({ fault }) => fault === undefined)) return hop;
  const [first] = upstreams;
  const known = nodes.some(({ name }) => name === first!.node);
  const remedy: Remedy = known
    ? { text: 'start it', command: `k3dui node start ${first!.node}`, act: { kind: 'start', node: first!.node } }
    : {
        text: 'change the nodes behind the port',
        command: `k3dui cluster edit ${cluster.name} --port-add ${row.hostPort}:${listenerPort}@loadbalancer`,
      };
  const who = parts.length === 1 ? shortName(first!.node, cluster) : `none of ${parts.length} nodes`;
  return { ...hop, fault: { why: parts.length === 1 ? `${who} ${parts[0]!.fault}` : `${who} runs`, remedy } };
}

/** How a port of the nodes comes to the Service: svclb's pod, or kube-proxy's NodePort. */
function behindNodes(ground: Ground, index: Index, service: Service, way: Way, upstreams: string[]): Hop[] {
  if (way.via === 'api') return [];
  return [
    way.via === 'svclb'
      ? svclbHop(ground, index, service, way, upstreams)
      : nodePortHop(ground, service, way, upstreams),
  ];
}

function nodePortHop({ cluster }: Ground, { ports }: Service, { port }: Way, upstreams: string[]): Hop {
  const nodes = nodesOf(cluster).filter(
    node => node.running && (upstreams.length === 0 || upstreams.includes(node.name)),
  );
  const protocol = ports.find(({ nodePort }) => nodePort === port)?.protocol ?? 'tcp';
  const parts = nodes.slice(0, SHOWN).map((node): Part => {
    const ip = node.networks.find(network => network.ip !== '')?.ip;
    const label = `${shortName(node.name, cluster)}:${port}`;
    if (ip === undefined || protocol !== 'tcp') return { label };
    return { label, target: { how: 'connect', from: { id: node.id, name: node.name }, host: ip, port } };
  });
  return {
    kind: 'nodeport',
    title: 'NodePort',
    text: `${port}/${protocol} on every node`,
    short: `${port}/${protocol}`,
    parts,
  };
}

/** So many of several parts are tried. */
export const SHOWN = 4;

function svclbHop(ground: Ground, index: Index, service: Service, { port }: Way, upstreams: string[]): Hop {
  const { cluster } = ground;
  const all = index.balancers.get(refOf(service)) ?? [];
  const behind = upstreams.length === 0 ? all : all.filter(pod => upstreams.includes(pod.node));
  const running = new Map(nodesOf(cluster).map(node => [node.name, node]));
  const protocol = service.ports.find(one => one.port === port)?.protocol ?? 'tcp';
  const parts = behind.map((pod): Part => {
    const label = `${pod.name} on ${shortName(pod.node, cluster)}`;
    const node = running.get(pod.node);
    if (!node?.running) return { label, fault: 'its node does not run' };
    if (!pod.ready || pod.ip === '') return { label, fault: pod.problem || 'has no address' };
    if (protocol !== 'tcp') return { label };
    return { label, target: { how: 'connect', from: { id: node.id, name: node.name }, host: pod.ip, port } };
  });
  const text =
    parts.length === 0
      ? ''
      : parts.length === 1
        ? parts[0]!.label
        : `on ${behind.map(pod => shortName(pod.node, cluster)).join(', ')}`;
  const where = behind.length === 1 ? shortName(behind[0]!.node, cluster) : `${behind.length} nodes`;
  const short = behind.length === 0 ? 'none' : `on ${where}`;
  const hop: Hop = { kind: 'svclb', title: 'svclb', text, short, parts: parts.slice(0, SHOWN) };
  // Where no node runs there is no svclb either; that is the nodes' break.
  const standing = upstreams.length > 0 && !upstreams.some(name => running.get(name)?.running);
  if (standing || parts.some(({ fault }) => fault === undefined)) return hop;
  return { ...hop, fault: svclbFault(ground, index, service, port, { all: all.length, behind }) };
}

function svclbFault(
  { cluster }: Ground,
  index: Index,
  service: Service,
  port: number,
  {
    all,
    behind,
  }: { all: number; behind: readonly { name: string; namespace: string; problem: string; node: string }[] },
) {
  const [pod] = behind;
  if (pod === undefined && all > 0) {
    return {
      why: `svclb runs on no node behind ${port} of the load balancer`,
      remedy: {
        text: 'put all nodes behind the port',
        command: `k3dui cluster edit ${cluster.name} --port-add ${port}:${port}@loadbalancer`,
      },
    };
  }
  const holder =
    (pod === undefined && all === 0) || /free ports/.test(pod?.problem ?? '')
      ? holderOf(index, service, port)
      : undefined;
  if (holder !== undefined) {
    const command = `${kubectl(cluster, service.namespace)} edit service ${shellWord(service.name)}`;
    return {
      why: `port ${port} of the nodes belongs to Service ${holder} already`,
      remedy: {
        text: 'give this Service another port, or reach it through an Ingress',
        command,
        act: { kind: 'ingress' } as const,
      },
    };
  }
  if (pod === undefined) {
    const { nodePort = 0 } = service.ports.find(one => one.port === port) ?? {};
    const instead = nodePort > 0 ? `; its NodePort ${nodePort} goes without` : '';
    return {
      why: 'no svclb pod holds its ports on the nodes',
      remedy: {
        text: `see whether k3s' service load balancer is on (--disable servicelb turns it off)${instead}`,
        command: `kubectl --context k3d-${cluster.name} get daemonsets -A -l svccontroller.k3s.cattle.io/nodeselector`,
      },
    };
  }
  const command = `${kubectl(cluster, pod.namespace)} describe pod ${shellWord(pod.name)}`;
  return { why: `${pod.name}: ${pod.problem || 'is not ready'}`, remedy: { text: 'look at the pod', command } };
}

/** The Service whose svclb pods have that port of the nodes. */
function holderOf({ traffic, balancers }: Index, except: Service, port: number): string | undefined {
  for (const service of traffic.services.values()) {
    if (service === except || service.type !== 'LoadBalancer' || !service.ports.some(one => one.port === port))
      continue;
    if (balancers.get(refOf(service))?.some(pod => pod.ready)) return refOf(service);
  }
  return undefined;
}

/** The hops from a Service to its pods. */
export function innerHops(
  ground: Ground,
  index: Index,
  service: Service,
  port: ServicePort,
  entry: readonly string[],
): Hop[] {
  const { cluster } = ground;
  const endpoints = endpointsOf(index, service, port);
  const ready = endpoints.filter(endpoint => endpoint.ready);
  const from = vantageOf(cluster, entry);
  const tcp = port.protocol === 'tcp';
  const reachable = tcp && from !== undefined && service.clusterIP !== '';
  const number = portLabel(port);
  const ref = refOf(service);
  const where = service.headless ? 'headless' : service.clusterIP;
  const serviceHop: Hop = {
    kind: 'service',
    title: 'Service',
    text: `${ref}  ${where}${where === '' ? '' : ':'}${number}`.replace('headless:', 'headless, port '),
    short: `${service.name}:${number}`,
    parts: [
      { label: ref, ...(reachable && { target: { how: 'connect', from, host: service.clusterIP, port: port.port } }) },
    ],
  };
  const endpointsHop: Hop = {
    kind: 'endpoints',
    title: 'endpoints',
    text: endpoints.length === 0 ? 'none' : `${ready.length} of ${endpoints.length} ready`,
    short: endpoints.length === 0 ? 'none' : `${ready.length} of ${endpoints.length} ready`,
    parts: endpoints
      .slice(0, SHOWN)
      .map(({ address: at, ready: is, pod }) => ({ label: pod || at, ...(is ? {} : { fault: 'not ready' }) })),
    ...(ready.length === 0 && {
      fault: noEndpoints(ground, service, endpoints),
    }),
  };
  const pods = ready.slice(0, SHOWN).map(
    ({ address: at, pod, node, port: own }): Part => ({
      label: `${pod || 'endpoint'} ${at}:${own}${node === '' ? '' : ` on ${shortName(node, cluster)}`}`,
      ...(tcp && from !== undefined && { target: { how: 'connect', from, host: at, port: own } }),
    }),
  );
  const podsHop: Hop = {
    kind: 'pods',
    title: ready.length === 1 ? 'pod' : 'pods',
    short:
      ready.length === 0
        ? 'none'
        : `${ready.length === 1 ? ready[0]!.pod || ready[0]!.address : `${ready.length} pods`} :${ready[0]!.port}`,
    text: pods.length === 1 ? pods[0]!.label : pods.length === 0 ? '' : `${ready.length} pods, port ${ready[0]!.port}`,
    parts: pods,
  };
  return [serviceHop, endpointsHop, podsHop];
}

export const portLabel = ({ port, protocol }: ServicePort): string =>
  protocol === 'tcp' ? String(port) : `${port}/${protocol}`;

function noEndpoints({ cluster }: Ground, service: Service, endpoints: readonly { pod: string; node: string }[]) {
  const pods = endpoints.map(({ pod }) => pod);
  const on = nodesOf(cluster).filter(({ name }) => endpoints.some(({ node }) => node === name));
  const [down] = on;
  if (down !== undefined && on.every(({ running }) => !running)) {
    const where = on.length === 1 ? `${down.name}, which is ${down.state}` : `${on.length} nodes that do not run`;
    const remedy = {
      text: 'start it',
      command: `k3dui node start ${down.name}`,
      act: { kind: 'start', node: down.name } as const,
    };
    return { why: `its pods are on ${where}`, remedy };
  }
  const { namespace, name, selector } = service;
  const line = kubectl(cluster, namespace);
  const [pod] = pods.filter(one => one !== '');
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  if (pods.length > 0) {
    return {
      why: pods.length === 1 ? `${pod ?? 'its endpoint'} is not ready` : `none of its ${pods.length} pods is ready`,
      remedy: {
        text: 'look at why',
        command:
          pod === undefined ? `${line} get endpoints ${shellWord(name)}` : `${line} describe pod ${shellWord(pod)}`,
      },
    };
  }
  if (labels.length === 0) {
    return {
      why: `Service ${name} has no endpoints and selects no pods`,
      remedy: { text: 'give it a selector, or endpoints', command: `${line} edit service ${shellWord(name)}` },
    };
  }
  return {
    why: `no pod matches ${labels.join(',')}`,
    remedy: {
      text: 'see whether its Deployment has replicas, and the labels its pods have',
      command: `${line} get deployments,pods --show-labels`,
    },
  };
}

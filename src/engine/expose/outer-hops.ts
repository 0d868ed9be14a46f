import { commandLine } from '../../config/command-line.ts';
import type { Service, ServicePort } from '../../kubernetes/traffic.ts';
import { noLoadBalancer } from '../ports/read.ts';
import type { PortRow } from '../ports/table.ts';
import { type Ground, type Index, nodesOf, shortName } from './context.ts';
import type { Hop, Part, Remedy } from './model.ts';
import { behindNodes } from './node-hops.ts';
import { proposeHostPort, type Way } from './ways.ts';

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
    command: commandLine`k3dui cluster edit ${cluster.name} --port-add ${spec}`,
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
      command: commandLine`k3dui node start ${name}`,
      act: { kind: 'start', node: name },
    };
    return { ...hop, fault: { why: `the load balancer is ${state}`, remedy } };
  }
  if (listenersKnown && row.upstreams.length === 0) {
    const spec = `${row.hostPort}:${row.listenerPort}${row.protocol === 'tcp' ? '' : `/${row.protocol}`}`;
    const command = commandLine`k3dui cluster edit ${cluster.name} --port-delete ${spec} && k3dui cluster edit ${cluster.name} --port-add ${spec}`;
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
    ? {
        text: 'start it',
        command: commandLine`k3dui node start ${first!.node}`,
        act: { kind: 'start', node: first!.node },
      }
    : {
        text: 'change the nodes behind the port',
        command: commandLine`k3dui cluster edit ${cluster.name} --port-add ${row.hostPort}:${listenerPort}@loadbalancer`,
      };
  const who = parts.length === 1 ? shortName(first!.node, cluster) : `none of ${parts.length} nodes`;
  return { ...hop, fault: { why: parts.length === 1 ? `${who} ${parts[0]!.fault}` : `${who} runs`, remedy } };
}

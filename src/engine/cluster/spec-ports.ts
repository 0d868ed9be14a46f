import { roleFilter } from '../../config/choose-filters.ts';
import type { ClusterSpec } from '../../config/cluster-spec.ts';
import type { NodeRef } from '../../config/node-filters.ts';
import { formatPortSpec, type PortMapping, type PortProtocol } from '../../config/ports.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import { listenerOf } from '../loadbalancer/bindings.ts';
import { API_PORT } from '../names.ts';
import type { ClusterReading } from './reading.ts';

type PortSpecs = ClusterSpec['ports'];

/**
 * The ports that were asked for, the API's own left out: those through the load balancer by the nodes behind them, then
 * the nodes' own. Neighbours that belong together become a range. A host port that Docker chose is left to it again. Pure.
 */
export function portsOf(reading: ClusterReading, refs: NodeRef[]): PortSpecs {
  const { cluster, inspects, model } = reading;
  const ports: PortSpecs = [];
  const { loadBalancer } = cluster;
  if (loadBalancer) {
    const mappings = mappingsOf(inspects.get(loadBalancer.name)).filter(mapping => !isApi(mapping, reading));
    const upstreams = (mapping: PortMapping) => model?.ports[listenerOf(mapping)] ?? [];
    for (const range of ranges(mappings, (a, b) => upstreams(a).join() === upstreams(b).join())) {
      ports.push({ port: range.spec, nodeFilters: proxied(refs, new Set(upstreams(range.first))) });
    }
  }
  for (const role of ['server', 'agent'] as const) {
    for (const [index, node] of (role === 'server' ? cluster.servers : cluster.agents).entries()) {
      const mappings = mappingsOf(inspects.get(node.name));
      const own = loadBalancer || role === 'agent' ? mappings : mappings.filter(mapping => !isApi(mapping, reading));
      for (const { spec } of ranges(own, () => true))
        ports.push({ port: spec, nodeFilters: [`${role}:${index}:direct`] });
    }
  }
  return ports;
}

/** `loadbalancer` stands for all servers and agents. A listener that leads nowhere is taken for one that was not changed. */
function proxied(refs: NodeRef[], upstreams: ReadonlySet<string>): string[] {
  const nodes = refs.filter(({ role }) => role !== 'loadbalancer');
  const behind = nodes.filter(({ name }) => upstreams.has(name));
  if (behind.length === 0 || behind.length === nodes.length) return ['loadbalancer'];
  return (['server', 'agent'] as const).flatMap(role => roleFilter(refs, upstreams, role));
}

function isApi({ containerPort, protocol, hostPort }: PortMapping, { cluster }: ClusterReading): boolean {
  if (containerPort !== API_PORT || protocol !== 'tcp') return false;
  return cluster.api === undefined || hostPort === undefined || hostPort === cluster.api.port;
}

/** As they were asked of Docker. */
function mappingsOf(inspect: ContainerInspect | undefined): PortMapping[] {
  const mappings = Object.entries(inspect?.HostConfig.PortBindings ?? {}).flatMap(([key, bindings]) => {
    const [port, protocol = 'tcp'] = key.split('/');
    return (bindings ?? []).map(({ HostIp = '', HostPort = '' }): PortMapping => {
      const [first, last] = HostPort.split('-').map(Number);
      return {
        hostIP: HostIp,
        hostPort: first || undefined,
        ...(last ? { hostPortEnd: last } : {}),
        containerPort: Number(port),
        protocol: protocol as PortProtocol,
      };
    });
  });
  return mappings.sort(
    (a, b) =>
      compareText(a.hostIP, b.hostIP) ||
      compareText(a.protocol, b.protocol) ||
      a.containerPort - b.containerPort ||
      (a.hostPort ?? 0) - (b.hostPort ?? 0),
  );
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Neighbours as `30000-30003:30000-30003`; only where each is one above the other, inside and outside. */
function ranges(mappings: PortMapping[], alike: (a: PortMapping, b: PortMapping) => boolean) {
  const groups: PortMapping[][] = [];
  for (const mapping of mappings) {
    const group = groups.find(([first, ...more]) => {
      const last = more.at(-1) ?? first!;
      return (
        last.hostPort !== undefined &&
        last.hostPortEnd === undefined &&
        mapping.hostPortEnd === undefined &&
        mapping.hostPort === last.hostPort + 1 &&
        mapping.containerPort === last.containerPort + 1 &&
        mapping.protocol === last.protocol &&
        mapping.hostIP === last.hostIP &&
        alike(mapping, last)
      );
    });
    if (group) group.push(mapping);
    else groups.push([mapping]);
  }
  return groups.map(group => ({ first: group[0]!, spec: rangeSpec(group) }));
}

function rangeSpec(group: PortMapping[]): string {
  const [mapping] = group as [PortMapping];
  const spec = formatPortSpec(mapping);
  if (group.length === 1) return spec;
  const last = group.at(-1)!;
  const address = mapping.hostIP.includes(':') ? `[${mapping.hostIP}]` : mapping.hostIP;
  const protocol = mapping.protocol === 'tcp' ? '' : `/${mapping.protocol}`;
  return `${address && `${address}:`}${mapping.hostPort}-${last.hostPort}:${mapping.containerPort}-${last.containerPort}${protocol}`;
}

import type { ContainerSummary } from '../docker/types.ts';
import { ownName } from './container-name.ts';
import type { Node, NodePort, NodeRole } from './model.ts';

/** k3d's `k3d.role` label (pkg/types/node.go). Tools nodes carry noRole. */
const ROLES: ReadonlySet<string> = new Set<NodeRole>(['server', 'agent', 'loadbalancer', 'registry']);

/** `k3d-demo-server-0`, `k3d-demo-serverlb`, `k3d-demo-tools` */
const NODE_NAME = /^k3d-(.+?)-(?:(server|agent)-\d+|(serverlb)|(tools))$/;

/**
 * A row of Docker's container list as a node. Never throws: what is missing or odd about the container becomes its
 * `fault`. Ports of a container that does not run are not in Docker's list; those that k3d writes down are read from
 * the labels.
 */
export function nodeOf(container: ContainerSummary): Node {
  const labels = container.Labels ?? {};
  const name = ownName(container);
  const byName = NODE_NAME.exec(name);
  const role = roleOf(labels['k3d.role'], name, byName);
  const cluster = labels['k3d.cluster'] ?? (role === 'registry' ? '' : (byName?.[1] ?? ''));
  const node: Node = {
    id: container.Id,
    name: name || container.Id.slice(0, 12),
    role,
    cluster,
    state: container.State,
    status: container.Status ?? '',
    running: container.State === 'running',
    image: container.Image,
    imageId: container.ImageID,
    created: container.Created,
    ports: portsOf(container, role, labels),
    labels,
    networks: Object.entries(container.NetworkSettings?.Networks ?? {})
      .map(([network, settings]) => ({
        name: network,
        id: settings?.NetworkID ?? '',
        ip: settings?.IPAddress ?? '',
      }))
      .sort((left, right) => compare(left.name, right.name)),
    init: isInit(container, role, labels),
  };
  const fault = faultOf(container, node, name);
  return fault === undefined ? node : { ...node, fault };
}

/** k3d before v4.4 wrote no such label; what a server was started with tells it too. */
function isInit(container: ContainerSummary, role: NodeRole, labels: Record<string, string>): boolean {
  const label = labels['k3d.server.init'];
  if (label !== undefined) return label === 'true';
  return role === 'server' && / --cluster-init\b/.test(container.Command ?? '');
}

function roleOf(label: string | undefined, name: string, byName: RegExpExecArray | null): NodeRole {
  if (label === 'noRole') return name.endsWith('-tools') ? 'tools' : 'unknown';
  if (label !== undefined) return ROLES.has(label) ? (label as NodeRole) : 'unknown';
  if (byName?.[2]) return byName[2] as NodeRole;
  if (byName?.[3]) return 'loadbalancer';
  return byName?.[4] ? 'tools' : 'unknown';
}

function faultOf(container: ContainerSummary, node: Node, name: string): string | undefined {
  const { State: state, Labels: labels } = container;
  if (state === 'removing') return 'is being removed';
  if (state === 'dead') return 'is dead: Docker could not remove it';
  if (name === '') return 'has no name';
  if (labels?.['k3d.role'] === undefined) return 'has no k3d.role label';
  if (node.role === 'unknown') return `has the unknown role '${labels['k3d.role']}'`;
  if (node.role !== 'registry' && labels['k3d.cluster'] === undefined) return 'has no k3d.cluster label';
  if (state === 'restarting') return `keeps restarting: ${node.status || 'its process ends at once'}`;
  if (state === 'paused') return 'is paused';
  return undefined;
}

function portsOf(container: ContainerSummary, role: NodeRole, labels: Record<string, string>): NodePort[] {
  const ports = new Map<string, NodePort>();
  for (const port of container.Ports ?? []) {
    if (port.PublicPort === undefined) continue;
    const { PrivatePort: containerPort, PublicPort: hostPort, Type: protocol } = port;
    const hostIP = port.IP ?? '';
    const key = `${hostPort}:${containerPort}/${protocol}`;
    // Docker lists a binding on all addresses twice, for IPv4 and IPv6.
    if (hostIP === '::' && ports.has(`0.0.0.0:${key}`)) continue;
    if (hostIP === '0.0.0.0') ports.delete(`:::${key}`);
    ports.set(`${hostIP}:${key}`, { hostIP, hostPort, containerPort, protocol });
  }
  if (ports.size === 0 && role === 'registry') {
    const hostPort = Number(labels['k3s.registry.port.external']) || 0;
    const containerPort = Number(labels['k3s.registry.port.internal']) || 0;
    if (containerPort)
      return [{ hostIP: labels['k3d.registry.hostIP'] ?? '', hostPort, containerPort, protocol: 'tcp' }];
  }
  return [...ports.values()].sort(
    (left, right) =>
      left.containerPort - right.containerPort ||
      left.hostPort - right.hostPort ||
      compare(left.hostIP, right.hostIP) ||
      compare(left.protocol, right.protocol),
  );
}

/** Order of code points, the same on every machine. */
export function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Sorts by a name in which numbers count as numbers: `agent-2` comes before `agent-10`. Gives a new array. */
export function sortedByName<T>(items: T[], nameOf: (item: T) => string): T[] {
  return items
    .map(item => ({ item, name: nameOf(item), key: nameOf(item).replace(/\d+/g, digits => digits.padStart(12, '0')) }))
    .sort((left, right) => compare(left.key, right.key) || compare(left.name, right.name))
    .map(({ item }) => item);
}

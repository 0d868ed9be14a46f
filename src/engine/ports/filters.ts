import { filterNodesWithSuffix, type NodeRef } from '../../config/node-filters.ts';
import { DEFAULT_PORT_FILTERS, expandPortFilters } from '../../config/place-ports.ts';
import type { Cluster, Node } from '../model.ts';
import type { PortRow } from './table.ts';

/** The cluster's nodes as node filters count them: load balancer, servers, agents, each by its place. */
export function nodeRefs(cluster: Cluster): NodeRef[] {
  const refs = (nodes: Node[], role: NodeRef['role']) => nodes.map(({ name }, index) => ({ name, role, index }));
  return [
    ...refs(cluster.loadBalancer ? [cluster.loadBalancer] : [], 'loadbalancer'),
    ...refs(cluster.servers, 'server'),
    ...refs(cluster.agents, 'agent'),
  ];
}

/**
 * The node filters that stand for these nodes behind the load balancer, in their shortest usual spelling: `loadbalancer`
 * for all servers and agents, else one filter a role: `servers:*:proxy;agent:1:proxy`. Names that are no nodes of the
 * cluster are left out; '' when none is.
 */
export function proxyFilters(cluster: Cluster, upstreams: readonly string[]): string {
  const names = new Set(upstreams);
  const everyone = [...cluster.servers, ...cluster.agents];
  if (everyone.length > 0 && everyone.every(node => names.has(node.name))) return 'loadbalancer';
  return roleFilters(cluster, names, 'proxy').join(';');
}

/** `servers:*:proxy`, `agents:0,2:proxy`, `server:1:proxy`: one filter for each role that has chosen nodes. */
function roleFilters(cluster: Cluster, names: ReadonlySet<string>, suffix: string): string[] {
  return (['server', 'agent'] as const).flatMap(role => {
    const nodes = role === 'server' ? cluster.servers : cluster.agents;
    const places = nodes.flatMap((node, index) => (names.has(node.name) ? [index] : []));
    if (places.length === 0) return [];
    if (places.length === nodes.length) return [`${role}s:*:${suffix}`];
    return [`${role}${places.length > 1 ? 's' : ''}:${places.join(',')}:${suffix}`];
  });
}

/**
 * Every usual spelling that means the same as this row's filters, the row's own first; '' stands for no filter at all.
 * The suffix `:proxy` may be left out, `server` and `servers` are one word, and all of a role can be counted or starred.
 */
export function equivalentFilters(row: PortRow, cluster: Cluster): string[] {
  if (row.kind !== 'proxy' || !cluster.loadBalancer) return row.filters === '' ? [] : [row.filters];
  const refs = nodeRefs(cluster);
  const wanted = targets(refs, row.filters);
  const names = new Set(row.upstreams.map(({ node }) => node));
  const starred = roleFilters(cluster, names, 'proxy');
  const counted = (['server', 'agent'] as const).flatMap(role => {
    const places = refs.filter(ref => ref.role === role && names.has(ref.name)).map(ref => ref.index);
    return places.length > 0 ? [`${role}:${places.join(',')}`] : [];
  });
  const spellings = [
    row.filters,
    'loadbalancer',
    '',
    starred.join(';'),
    starred.map(filter => filter.replace(/:proxy$/, '')).join(';'),
    DEFAULT_PORT_FILTERS.join(';'),
    DEFAULT_PORT_FILTERS.map(filter => filter.replace(/:proxy$/, '')).join(';'),
    counted.map(filter => `${filter}:proxy`).join(';'),
    counted.join(';'),
  ];
  return [...new Set(spellings)].filter(spelling => sameNodes(targets(refs, spelling), wanted));
}

/** Names of the nodes behind the load balancer for a spelling; undefined when it is none. */
function targets(refs: NodeRef[], spelling: string): Set<string> | undefined {
  const filters = expandPortFilters(spelling === '' ? [] : spelling.split(';'), refs.length);
  try {
    return new Set([...filterNodesWithSuffix(refs, filters, ['proxy']).values()].flat().map(ref => ref.name));
  } catch {
    return undefined;
  }
}

function sameNodes(left: Set<string> | undefined, right: Set<string> | undefined): boolean {
  return left !== undefined && right !== undefined && left.size === right.size && [...left].every(n => right.has(n));
}

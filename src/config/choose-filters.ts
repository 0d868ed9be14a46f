import type { NodeRef } from './node-filters.ts';

/**
 * The shortest node filters that choose exactly these of all nodes: `all`, `server:0`, `agents:*`, `agent:0,2`,
 * `loadbalancer`. The load balancer comes last, as nothing after it counts (k3d pkg/util/filter.go). Empty for none.
 */
export function filtersFor(all: readonly NodeRef[], chosen: ReadonlySet<string>): string[] {
  if (all.length > 0 && all.every(node => chosen.has(node.name))) return ['all'];
  return [
    ...(['server', 'agent'] as const).flatMap(role => roleFilter(all, chosen, role)),
    ...(all.some(node => node.role === 'loadbalancer' && chosen.has(node.name)) ? ['loadbalancer'] : []),
  ];
}

/** One filter for the chosen nodes of a role; none when none is. Filters count by place. */
export function roleFilter(
  all: readonly NodeRef[],
  chosen: ReadonlySet<string>,
  role: 'server' | 'agent',
  suffix = '',
): string[] {
  const nodes = all.filter(node => node.role === role);
  const places = nodes.flatMap((node, place) => (chosen.has(node.name) ? [place] : []));
  if (places.length === 0) return [];
  if (places.length === 1) return [`${role}:${places[0]}${suffix}`];
  return [places.length === nodes.length ? `${role}s:*${suffix}` : `${role}s:${places.join(',')}${suffix}`];
}

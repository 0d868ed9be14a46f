import { K3duiError } from '../errors.ts';

/** What a node filter can choose from. Filters count by place in the list they are given, as k3d does. */
export interface NodeRef {
  name: string;
  role: 'server' | 'agent' | 'loadbalancer';
  index: number;
}

/** Key of the nodes whose filter had no suffix. */
export const NO_SUFFIX = 'nosuffix';

// k3d pkg/util/filter.go, with the list part written so that it cannot backtrack.
const FILTER = /^(server|servers|agent|agents|loadbalancer|all)(?::(\d+(?:,\d+)*,?|\d*-\d*|\*))?(?::([A-Za-z]+))?$/;

const HINT =
  'write server:0, agents:*, server:1-2, agent:0,2, loadbalancer or all; for ports a suffix may follow: agent:0:direct';

/** Throws NODE_FILTER_INVALID when the text is no filter at all, whatever nodes there are. */
export function checkNodeFilter(text: string): void {
  const match = FILTER.exec(text);
  const [, group = '', subset] = match ?? [];
  if (!match) throw invalid(`Failed to parse node filters: invalid format or empty subset in '${text}'`);
  if (subset === undefined && group !== 'all' && group !== 'loadbalancer') {
    throw invalid(`Failed to parse node specifiers: unknown subset in '${text}'`);
  }
}

/**
 * Nodes chosen by filters such as `server:0`, `agents:*`, `agent:1-`, `loadbalancer`, `all`; several filters add up,
 * each node once. No filter means every node. `all` and `loadbalancer` end the search: filters after them do not
 * count. Throws NODE_FILTER_INVALID with k3d's words.
 */
export function filterNodes<T extends NodeRef>(nodes: T[], filters: string[]): T[] {
  if (filters.length === 0 || filters[0] === '') return nodes;
  const chosen = new Set<T>();
  for (const filter of filters) {
    const match = FILTER.exec(filter);
    if (!match) throw invalid(`Failed to parse node filters: invalid format or empty subset in '${filter}'`);
    const [, group = '', subset, suffix] = match;
    if (suffix !== undefined) throw invalid(`error filtering with '${filter}': no suffix allowed in simple filter`);
    if (group === 'all') return nodes;
    const role = group.replace(/s$/, '');
    const members = nodes.filter(node => node.role === role);
    if (role === 'loadbalancer') {
      if (members.length === 0) {
        throw invalid(
          `Node filter '${filter}' targets a node that does not exist (disabled?)`,
          'there is no load balancer here: leave out --no-lb, or name servers and agents',
        );
      }
      for (const node of pick(members, subset ?? '*', filter)) chosen.add(node);
      return [...chosen];
    }
    if (subset === undefined) throw invalid(`Failed to parse node specifiers: unknown subset in '${filter}'`);
    for (const node of pick(members, subset, filter)) chosen.add(node);
  }
  return [...chosen];
}

/**
 * Like `filterNodes`, grouped by the filters' suffixes (`agent:0:direct`), NO_SUFFIX for none. Unlike `filterNodes` it
 * wants at least one filter, and every filter counts. Throws NODE_FILTER_INVALID, also for a suffix not in `allowed`.
 */
export function filterNodesWithSuffix<T extends NodeRef>(
  nodes: T[],
  filters: string[],
  allowed: string[] = ['proxy', 'direct'],
): Map<string, T[]> {
  if (filters.length === 0 || filters[0] === '') throw invalid('No nodefilters specified');
  const groups = new Map<string, T[]>();
  for (const filter of filters) {
    const match = FILTER.exec(filter);
    if (!match) {
      throw invalid(`Failed to parse node filters (with suffix): invalid format or empty subset in '${filter}'`);
    }
    const suffix = match[3] ?? NO_SUFFIX;
    if (suffix !== NO_SUFFIX && !allowed.includes(suffix)) {
      throw invalid(
        `error filtering nodes: unallowed suffix '${suffix}' in nodefilter '${filter}'`,
        `here the suffix can be ${allowed.join(' or ') || 'none'}`,
      );
    }
    const found = filterNodes(nodes, [match[3] === undefined ? filter : filter.slice(0, -suffix.length - 1)]);
    groups.set(suffix, [...new Set([...(groups.get(suffix) ?? []), ...found])]);
  }
  return groups;
}

/**
 * Like `filterNodes`, but where k3d wants a filter as soon as there are several nodes (env, args, labels).
 * `what` names the thing in its words: `EnvVarMapping 'A=b'`. k3d pkg/config/transform.go.
 */
export function filterNodesStrictly<T extends NodeRef>(nodes: T[], filters: string[], what: string): T[] {
  if (filters.length === 0 && nodes.length > 1) {
    throw invalid(
      `${what} lacks a node filter, but there's more than one node`,
      'say for which nodes: append @all, @server:0, @agent:* …',
    );
  }
  return filterNodes(nodes, filters);
}

/** Members named by a list `0,2`, a range `1-3`, `1-`, `-3`, or `*`. */
function pick<T>(members: T[], subset: string, filter: string): T[] {
  if (subset === '*') return members;
  if (!subset.includes('-')) {
    return subset
      .split(',')
      .filter(index => index !== '')
      .map(index => {
        const member = members[Number(index)];
        if (member === undefined) {
          throw invalid(
            `Index out of range: index '${index}' < 0 or > number of available nodes in filter '${filter}'`,
            thereAre(members.length),
          );
        }
        return member;
      });
  }
  const [first = '', last = ''] = subset.split('-');
  const start = first === '' ? 0 : Number(first);
  const end = last === '' ? members.length - 1 : Number(last);
  if (first !== '' && start >= members.length) {
    throw invalid(
      `Invalid subset range: start < 0 or > number of available nodes in '${filter}'`,
      thereAre(members.length),
    );
  }
  if (last !== '' && (end < start || end >= members.length)) {
    throw invalid(
      `Invalid subset range: end < start or > number of available nodes in '${filter}'`,
      thereAre(members.length),
    );
  }
  return members.slice(start, end + 1);
}

function thereAre(count: number): string {
  return count === 0
    ? 'there are none of this kind'
    : `there ${count === 1 ? 'is 1' : `are ${count}`}; counting begins at 0`;
}

function invalid(message: string, hint = HINT): K3duiError {
  return new K3duiError({ code: 'NODE_FILTER_INVALID', message, hint });
}

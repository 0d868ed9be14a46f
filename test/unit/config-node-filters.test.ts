import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinFlag, splitFlag } from '../../src/config/flag-filters.ts';
import {
  filterNodes,
  filterNodesStrictly,
  filterNodesWithSuffix,
  NO_SUFFIX,
  type NodeRef,
} from '../../src/config/node-filters.ts';
import { isK3duiError } from '../../src/errors.ts';

/** In k3d's order: load balancer, servers, agents. */
function cluster(servers: number, agents: number, loadBalancer = true): NodeRef[] {
  const some = (role: 'server' | 'agent', count: number): NodeRef[] =>
    Array.from({ length: count }, (_, index) => ({ name: `${role}-${index}`, role, index }));
  const lb: NodeRef[] = loadBalancer ? [{ name: 'lb', role: 'loadbalancer', index: 0 }] : [];
  return [...lb, ...some('server', servers), ...some('agent', agents)];
}
const names = (nodes: NodeRef[]) => nodes.map(node => node.name).join(' ');

describe('node filters choose the nodes k3d chooses', () => {
  it.each([
    ['no filter: every node', [], 'lb server-0 server-1 agent-0 agent-1 agent-2'],
    ['one by index', ['server:1'], 'server-1'],
    ['plural is the same', ['servers:1'], 'server-1'],
    ['a list', ['agent:0,2'], 'agent-0 agent-2'],
    ['a list with a comma at its end', ['agent:2,'], 'agent-2'],
    ['a range', ['agent:1-2'], 'agent-1 agent-2'],
    ['a range open above', ['agent:1-'], 'agent-1 agent-2'],
    ['a range open below', ['agent:-1'], 'agent-0 agent-1'],
    ['a range open on both sides', ['agent:-'], 'agent-0 agent-1 agent-2'],
    ['a star', ['agents:*'], 'agent-0 agent-1 agent-2'],
    ['several, each node once', ['agent:1', 'agents:*', 'server:0'], 'agent-1 agent-0 agent-2 server-0'],
    ['all', ['all'], 'lb server-0 server-1 agent-0 agent-1 agent-2'],
    ['all drops the others', ['server:0', 'all'], 'lb server-0 server-1 agent-0 agent-1 agent-2'],
    ['load balancer', ['loadbalancer'], 'lb'],
    ['load balancer ends the search', ['server:0', 'loadbalancer', 'agent:0'], 'server-0 lb'],
  ])('%s', (_, filters, expected) => {
    expect(names(filterNodes(cluster(2, 3), filters))).toBe(expected);
  });

  it.each([
    [
      'fail/15-node-filter-malformed',
      'server[0]',
      "Failed to parse node filters: invalid format or empty subset in 'server[0]'",
    ],
    [
      'an index that does not exist',
      'server:5',
      "Index out of range: index '5' < 0 or > number of available nodes in filter 'server:5'",
    ],
    [
      'fail/29-env-no-filter-match: there is only one load balancer',
      'loadbalancer:1',
      "Index out of range: index '1' < 0 or > number of available nodes in filter 'loadbalancer:1'",
    ],
    ['a group without a subset', 'server', "Failed to parse node specifiers: unknown subset in 'server'"],
    [
      'a range that begins too high',
      'agent:9-',
      "Invalid subset range: start < 0 or > number of available nodes in 'agent:9-'",
    ],
    [
      'a range that ends too high',
      'agent:0-9',
      "Invalid subset range: end < start or > number of available nodes in 'agent:0-9'",
    ],
    [
      'a range backwards',
      'agent:2-1',
      "Invalid subset range: end < start or > number of available nodes in 'agent:2-1'",
    ],
    [
      'a suffix where none belongs',
      'server:0:direct',
      "error filtering with 'server:0:direct': no suffix allowed in simple filter",
    ],
  ])('%s is refused', (_, filter, message) => {
    expect(() => filterNodes(cluster(2, 3), [filter])).toThrow(
      expect.objectContaining({ code: 'NODE_FILTER_INVALID', message }),
    );
  });

  it('a load balancer that is disabled cannot be chosen', () => {
    expect(() => filterNodes(cluster(1, 0, false), ['loadbalancer'])).toThrow(
      "Node filter 'loadbalancer' targets a node that does not exist (disabled?)",
    );
  });

  it('create/61-env-filtered: where a filter is needed, none is an error as soon as there are two nodes', () => {
    expect(() => filterNodesStrictly(cluster(1, 1), [], "EnvVarMapping 'BAZ=qux'")).toThrow(
      "EnvVarMapping 'BAZ=qux' lacks a node filter, but there's more than one node",
    );
    expect(names(filterNodesStrictly(cluster(1, 0, false), [], 'x'))).toBe('server-0');
  });

  it('suffixes sort the nodes into groups', () => {
    const groups = filterNodesWithSuffix(cluster(1, 2), [
      'server:0:direct',
      'agents:*:proxy',
      'agent:0:proxy',
      'agent:1',
    ]);
    expect([...groups].map(([suffix, nodes]) => `${suffix}: ${names(nodes)}`)).toEqual([
      'direct: server-0',
      'proxy: agent-0 agent-1',
      `${NO_SUFFIX}: agent-1`,
    ]);
  });

  it.each([
    [
      'fail/13-unknown-node-filter',
      ['worker:0'],
      undefined,
      "Failed to parse node filters (with suffix): invalid format or empty subset in 'worker:0'",
    ],
    [
      'fail/55-edit-direct',
      ['server:0:direct'],
      ['proxy'],
      "error filtering nodes: unallowed suffix 'direct' in nodefilter 'server:0:direct'",
    ],
    ['no filter', [], undefined, 'No nodefilters specified'],
  ])('%s is refused', (_, filters, allowed, message) => {
    expect(() => filterNodesWithSuffix(cluster(1, 1), filters, allowed)).toThrow(
      expect.objectContaining({ code: 'NODE_FILTER_INVALID', message }),
    );
  });

  it('any text chooses nodes or gives our error, in no time', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .tuple(
          fc.constantFrom('server', 'agents', 'all', 'loadbalancer', ''),
          fc.string({ unit: fc.constantFrom(...'0123,-*:d') }),
        )
        .map(parts => parts.join(':')),
      fc.constant(`server:${'1'.repeat(5000)}x`),
    );
    fc.assert(
      fc.property(text, filter => {
        for (const choose of [filterNodes, filterNodesWithSuffix]) {
          try {
            choose(cluster(2, 2), [filter]);
          } catch (error) {
            expect(isK3duiError(error)).toBe(true);
          }
        }
      }),
    );
  });
});

describe('flags with node filters', () => {
  it.each([
    ['plain', 'plain', []],
    ['A=b@server:0', 'A=b', ['server:0']],
    ['A=b@server:0;agent:*', 'A=b', ['server:0', 'agent:*']],
    ['mail=me\\@host', 'mail=me@host', []],
    ['mail=me\\@host@all', 'mail=me@host', ['all']],
    ['path=c:\\\\@all', 'path=c:\\', ['all']],
    ['back\\slash@all', 'back\\slash', ['all']],
  ])('%s', (text, value, nodeFilters) => {
    expect(splitFlag(text)).toEqual({ value, nodeFilters });
  });

  it.each([
    ['a@b@c', "invalid flag 'a@b@c': only one unescaped '@' allowed for node filter(s) (Escape literal '@' with '\\')"],
    ['a@', "invalid flag 'a@': includes unescaped '@' but is missing a node filter (Escape literal '@' with '\\')"],
  ])('%s is refused', (text, message) => {
    expect(() => splitFlag(text)).toThrow(expect.objectContaining({ code: 'FLAG_FILTER_INVALID', message }));
  });

  it('a value survives joining and splitting', () => {
    const value = fc.string({ unit: fc.constantFrom('a', '=', '@', '\\', ';') }).filter(text => !text.includes('\\@'));
    fc.assert(
      fc.property(value, fc.array(fc.constantFrom('all', 'server:0', 'agent:1-2')), (text, nodeFilters) => {
        expect(splitFlag(joinFlag(text, nodeFilters))).toEqual({ value: text, nodeFilters });
      }),
    );
  });
});

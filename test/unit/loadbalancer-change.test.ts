import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostBinding } from '../../src/engine/loadbalancer/bindings.ts';
import { applyPortChange, type PortRequest, sameModel } from '../../src/engine/loadbalancer/change.ts';
import { withNode, withoutNode } from '../../src/engine/loadbalancer/members.ts';
import type { LoadBalancerModel } from '../../src/engine/loadbalancer/values.ts';
import { madeCluster } from './ports-kit.ts';

const cluster = madeCluster({ servers: 2, agents: 2 });
const ALL = ['k3d-c-server-0', 'k3d-c-server-1', 'k3d-c-agent-0', 'k3d-c-agent-1'];
const SERVERS = ALL.slice(0, 2);
const AGENTS = ALL.slice(2);
const model = (ports: LoadBalancerModel['ports'] = {}): LoadBalancerModel => ({
  ports: { ...ports, '6443.tcp': SERVERS },
  settings: { workerConnections: 2048, defaultProxyTimeout: 30 },
});
const bound = (hostPort: string, containerPort: number, hostIP = '', protocol = 'tcp'): HostBinding => ({
  hostIP,
  hostPort,
  containerPort,
  protocol,
});
const API = bound('6550', 6443, '0.0.0.0');
const wanted = (port: string, ...nodeFilters: string[]): PortRequest => ({ port, nodeFilters });
const change = (current: LoadBalancerModel, bindings: HostBinding[], add: PortRequest[], remove: PortRequest[] = []) =>
  applyPortChange(cluster, current, bindings, { add, remove });

const FILTERS = ['', 'loadbalancer', 'servers:*', 'agent:0', 'agents:*:proxy', 'server:1;agent:1'];
const requests = fc
  .uniqueArray(
    fc.record({
      hostPort: fc.integer({ min: 7000, max: 7300 }),
      containerPort: fc.integer({ min: 100, max: 110 }),
      protocol: fc.constantFrom('', '/udp', '/tcp'),
      hostIP: fc.constantFrom('', '127.0.0.1:', '0.0.0.0:'),
      filter: fc.constantFrom(...FILTERS),
    }),
    { selector: ({ hostPort }) => hostPort, maxLength: 8 },
  )
  .map(list =>
    list.map(({ hostPort, containerPort, protocol, hostIP, filter }) =>
      wanted(`${hostIP}${hostPort}:${containerPort}${protocol}`, ...filter.split(';').filter(Boolean)),
    ),
  );

describe('a set of port changes', () => {
  it('added and then deleted leaves what was there, in one set or in two', () => {
    const before = model({ '80.tcp': ALL, '53.udp': AGENTS });
    const bindings = [API, bound('8080', 80), bound('8053', 53, '', 'udp')];
    fc.assert(
      fc.property(requests, list => {
        const added = change(before, bindings, list);
        expect(added.bindings).toHaveLength(bindings.length + list.length);
        const back = change(added.model, added.bindings, [], list);
        expect(back.bindings).toEqual(bindings);
        expect(back.model).toEqual(before);
        expect(back.notes).toEqual([]);
      }),
    );
  });

  it('said twice is as said once, whatever the order', () => {
    const before = model({ '80.tcp': ALL });
    fc.assert(
      fc.property(requests, list => {
        const once = change(before, [API], list);
        const twice = change(once.model, once.bindings, list);
        expect(twice.added).toEqual([]);
        expect(sameModel(twice.model, once.model)).toBe(true);
        expect(sameModel(change(before, [API], list.toReversed()).model, once.model)).toBe(true);
      }),
    );
  });

  it('touches nothing it was not asked about', () => {
    const before = model({ '80.tcp': AGENTS, '53.udp': ['k3d-c-agent-1'] });
    const { model: after, added } = change(before, [API, bound('8080', 80)], [wanted('9090:90', 'server:1')]);
    expect(after).toEqual({ ...before, ports: { ...before.ports, '90.tcp': ['k3d-c-server-1'] } });
    expect(added).toEqual([bound('9090', 90)]);
  });

  it('keeps a listener whose other binding stays, and takes only the named nodes out of it', () => {
    const before = model({ '80.tcp': ALL });
    const two = [API, bound('8080', 80), bound('8081', 80)];
    expect(change(before, two, [], [wanted('8081:80', 'loadbalancer')]).model).toEqual(before);
    expect(change(before, two, [], [wanted('8081:80', 'agents:*')]).model.ports['80.tcp']).toEqual(SERVERS);
    expect(change(before, two, [], [wanted('8080:80'), wanted('8081:80')]).model).toEqual(model());
  });

  it('moves a mapping to another host port without touching its nodes', () => {
    const before = model({ '80.tcp': ALL });
    const moved = change(before, [API, bound('8080', 80)], [wanted('8088:80')], [wanted('8080:80')]);
    expect(sameModel(moved.model, before)).toBe(true);
    expect([moved.added, moved.removed]).toEqual([[bound('8088', 80)], [bound('8080', 80)]]);
  });

  it('taken away and put back is no change', () => {
    const before = model({ '80.tcp': ALL });
    const same = change(before, [API, bound('8080', 80)], [wanted('8080:80', 'server:0')], [wanted('8080:80')]);
    expect([same.added, same.removed]).toEqual([[], []]);
    expect(same.model.ports['80.tcp']).toEqual(['k3d-c-server-0']);
  });

  it('finds a mapping by its port alone where only one fits', () => {
    const before = model({ '80.tcp': ALL });
    const local = [API, bound('8080', 80, '127.0.0.1')];
    expect(change(before, local, [], [wanted('8080:80')]).removed).toEqual([local[1]]);
    expect(change(before, local, [], [wanted('80')]).removed).toEqual([local[1]]);
    expect(change(before, local, [], [wanted('10.0.0.1:8080:80')]).notes).toHaveLength(1);
    const two = [...local, bound('8081', 80)];
    expect(() => change(before, two, [], [wanted('80')])).toThrow(/127\.0\.0\.1:8080:80 or 8081:80/);
  });

  it('never adds a node to a listener twice, nor anything but servers to the API', () => {
    const before = model({ '80.tcp': AGENTS });
    const { model: after } = change(before, [API, bound('8080', 80)], [wanted('8081:80'), wanted('7443:6443')]);
    expect([...after.ports['80.tcp']!].sort()).toEqual([...ALL].sort());
    expect(after.ports['6443.tcp']).toEqual(SERVERS);
  });

  it('refuses what would cost the cluster its API, and a host port that leads somewhere else', () => {
    const before = model({ '80.tcp': ALL });
    expect(() => change(before, [API], [], [wanted('6550:6443')])).toThrow(/Kubernetes API of cluster 'c'/);
    expect(change(before, [API, bound('7000', 6443)], [], [wanted('7000:6443')]).removed).toHaveLength(1);
    expect(() => change(before, [API, bound('8080', 80)], [wanted('127.0.0.1:8080:81')])).toThrow(
      /already leads to 80/,
    );
    expect(() => change(before, [API], [wanted('8080:80', 'server:0:direct')])).toThrow(/unallowed suffix 'direct'/);
    expect(() => change(before, [API], [wanted('8080:80', 'agent:7')])).toThrow(/Index out of range/);
    expect(() =>
      applyPortChange(cluster, before, [API], { add: [], remove: [], replaceUpstreams: { '80.tcp': ['x'] } }),
    ).toThrow(/no server or agent/);
    expect(() =>
      applyPortChange(cluster, before, [API], { add: [], remove: [], replaceUpstreams: { '9.tcp': ALL } }),
    ).toThrow(/does not listen on 9\/tcp/);
  });
});

describe('nodes that come and go', () => {
  const ports = { '80.tcp': ALL, '81.tcp': AGENTS, '82.tcp': ['k3d-c-agent-0'], '83.udp': SERVERS };

  it('an agent joins what means "all" and "all agents", a server what means "all", "all servers" and the API', () => {
    const agent = withNode(model(ports), cluster, { name: 'k3d-c-agent-2', role: 'agent' }).ports;
    expect(agent).toEqual({
      ...ports,
      '80.tcp': [...ALL, 'k3d-c-agent-2'],
      '81.tcp': [...AGENTS, 'k3d-c-agent-2'],
      '6443.tcp': SERVERS,
    });
    const server = withNode(model(ports), cluster, { name: 'k3d-c-server-2', role: 'server' }).ports;
    expect(server).toEqual({
      ...ports,
      '80.tcp': [...SERVERS, 'k3d-c-server-2', ...AGENTS],
      '83.udp': [...SERVERS, 'k3d-c-server-2'],
      '6443.tcp': [...SERVERS, 'k3d-c-server-2'],
    });
  });

  it('is the same whether the picture has the new node already or not', () => {
    const later = madeCluster({ servers: 2, agents: 3 });
    const node = { name: 'k3d-c-agent-2', role: 'agent' } as const;
    expect(withNode(model(ports), later, node)).toEqual(withNode(model(ports), cluster, node));
    expect(withNode(withNode(model(ports), cluster, node), later, node)).toEqual(withNode(model(ports), cluster, node));
  });

  it('a node that goes leaves every listener, and one that led to it alone goes too', () => {
    expect(withoutNode(model(ports), 'k3d-c-agent-0')).toEqual(
      model({ '80.tcp': [...SERVERS, 'k3d-c-agent-1'], '81.tcp': ['k3d-c-agent-1'], '83.udp': SERVERS }),
    );
    const node = { name: 'k3d-c-agent-1', role: 'agent' } as const;
    const gone = withoutNode(model({ '80.tcp': ALL, '81.tcp': AGENTS }), node.name);
    expect(withNode(gone, cluster, node)).toEqual(model({ '80.tcp': ALL, '81.tcp': AGENTS }));
  });
});

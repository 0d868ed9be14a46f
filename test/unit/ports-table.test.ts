import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placePorts } from '../../src/config/place-ports.ts';
import { equivalentFilters, nodeRefs, proxyFilters } from '../../src/engine/ports/filters.ts';
import { portTable } from '../../src/engine/ports/table.ts';
import { madeCluster, port } from './ports-kit.ts';

const MODEL = {
  ports: {
    '80.tcp': ['k3d-c-server-0', 'k3d-c-agent-0', 'k3d-c-agent-1'],
    '53.udp': ['k3d-c-agent-1', 'k3d-c-gone-0'],
    '6443.tcp': ['k3d-c-server-0'],
  },
  settings: { workerConnections: 1024 },
};

describe('the table of a cluster’s ports', () => {
  it('names every path with what is behind it, the API first', () => {
    const cluster = madeCluster();
    cluster.loadBalancer!.ports = [
      port(8081, 80),
      port(6550, 6443),
      port(5353, 53, { protocol: 'udp', hostIP: '127.0.0.1' }),
    ];
    cluster.agents[0]!.ports = [port(4321, 4321)];
    cluster.agents[1]!.running = false;
    expect(portTable(cluster, MODEL)).toEqual([
      {
        id: 'c/serverlb/0.0.0.0:6550:6443/tcp',
        cluster: 'c',
        hostIP: '0.0.0.0',
        hostPort: 6550,
        listenerPort: 6443,
        protocol: 'tcp',
        upstreams: [{ node: 'k3d-c-server-0', running: true }],
        kind: 'api',
        filters: 'servers:*:proxy',
      },
      expect.objectContaining({
        kind: 'direct',
        hostPort: 4321,
        filters: 'agent:0:direct',
        upstreams: [{ node: 'k3d-c-agent-0', running: true }],
      }),
      expect.objectContaining({
        kind: 'proxy',
        hostIP: '127.0.0.1',
        hostPort: 5353,
        protocol: 'udp',
        filters: 'agent:1:proxy',
        upstreams: [
          { node: 'k3d-c-agent-1', running: false },
          { node: 'k3d-c-gone-0', running: false },
        ],
      }),
      expect.objectContaining({ kind: 'proxy', hostPort: 8081, filters: 'loadbalancer' }),
    ]);
  });

  it('shows listeners that nothing publishes, and says nothing of upstreams it does not know', () => {
    const cluster = madeCluster();
    expect(portTable(cluster, MODEL).map(({ kind, hostPort, listenerPort }) => [kind, hostPort, listenerPort])).toEqual(
      [
        ['api', 6550, 6443],
        ['proxy', 0, 53],
        ['proxy', 0, 80],
      ],
    );
    cluster.loadBalancer!.ports = [port(8081, 80)];
    expect(portTable(cluster, undefined)).toMatchObject([{ upstreams: [], filters: '' }]);
  });

  it('knows the API of a cluster without a load balancer, and a second mapping of its port', () => {
    const bare = madeCluster({ loadBalancer: false, agents: 0 });
    bare.servers[0]!.ports = [port(6550, 6443), port(8080, 80)];
    expect(portTable(bare, undefined)).toMatchObject([
      { kind: 'api', filters: 'server:0:direct' },
      { kind: 'direct', filters: 'server:0:direct', listenerPort: 80 },
    ]);
    const cluster = madeCluster();
    cluster.loadBalancer!.ports = [port(6550, 6443), port(7000, 6443)];
    expect(portTable(cluster, MODEL).filter(row => row.listenerPort === 6443)).toMatchObject([
      { kind: 'api' },
      { kind: 'proxy' },
    ]);
  });
});

describe('spellings of node filters', () => {
  it('are equal where they mean the same', () => {
    const cluster = madeCluster();
    cluster.loadBalancer!.ports = [port(8081, 80)];
    const row = portTable(cluster, MODEL).find(({ listenerPort }) => listenerPort === 80)!;
    expect(equivalentFilters(row, cluster)).toEqual([
      'loadbalancer',
      '',
      'servers:*:proxy;agents:*:proxy',
      'servers:*;agents:*',
      'server:0:proxy;agent:0,1:proxy',
      'server:0;agent:0,1',
    ]);
  });

  it('all lead to the very nodes, whichever those are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 63 }),
        (servers, agents, bits) => {
          const cluster = madeCluster({ servers, agents });
          const everyone = [...cluster.servers, ...cluster.agents].map(({ name }) => name);
          const chosen = everyone.filter((_, i) => bits & (1 << i));
          fc.pre(chosen.length > 0);
          cluster.loadBalancer!.ports = [port(8081, 80)];
          const [row] = portTable(cluster, { ports: { '80.tcp': chosen }, settings: { workerConnections: 1 } });
          expect(row!.filters).toBe(proxyFilters(cluster, chosen));
          const spellings = equivalentFilters(row!, cluster);
          expect(spellings[0]).toBe(row!.filters);
          for (const spelling of spellings) {
            const nodeFilters = spelling === '' ? [] : spelling.split(';');
            const { upstreams } = placePorts([{ port: '8081:80', nodeFilters }], nodeRefs(cluster), true, ['proxy']);
            expect(new Set(upstreams.get('80.tcp')), spelling).toEqual(new Set(chosen));
          }
        },
      ),
    );
  });
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerSummary, NetworkInspect, VolumeInspect } from '../../src/docker/types.ts';
import { clustersFrom } from '../../src/engine/clusters.ts';

interface Recording {
  containers: ContainerSummary[];
  networks: NetworkInspect[];
  volumes: VolumeInspect[];
}

/** What k3d 5.9 left in a real engine, as Docker's lists show it. */
function recorded(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`../fixtures/inventory/${name}.json`, import.meta.url), 'utf8'));
}

function pictureOf({ containers, networks, volumes }: Recording) {
  return clustersFrom(containers, networks, volumes);
}

function node(
  name: string,
  labels: Record<string, string> = {},
  more: Partial<ContainerSummary> = {},
): ContainerSummary {
  const match = /^k3d-(.+)-(server|agent)(lb)?/.exec(name);
  const role = match?.[3] ? 'loadbalancer' : match?.[2];
  return {
    Id: `id-of-${name}`,
    Names: [`/${name}`],
    Image: 'rancher/k3s:v1.31.5-k3s1',
    ImageID: 'sha256:1',
    Created: 100,
    State: 'running',
    Status: 'Up 3 minutes',
    Labels: {
      app: 'k3d',
      'k3d.version': 'v5.9.0',
      ...(match && { 'k3d.cluster': match[1]!, 'k3d.role': role! }),
      ...labels,
    },
    ...more,
  };
}

describe.each([
  ['rancher/k3s:v1.31.5-k3s1', 'v1.31.5-k3s1'],
  ['docker.io/rancher/k3s:v1.31.5-k3s1@sha256:3e0f', 'v1.31.5-k3s1'],
  ['rancher/k3s:latest', 'rancher/k3s:latest'],
  // The tag went on to another image since.
  [`sha256:5ca57302b694${'0'.repeat(52)}`, '5ca57302b694'],
])('a cluster of the image %s', (Image, k3sVersion) => {
  it(`is of k3s ${k3sVersion}`, () => {
    const containers = [node('k3d-a-server-0', {}, { Image })];
    expect(clustersFrom(containers, [], []).clusters[0]).toMatchObject({ k3sVersion });
  });
});

describe('clusters that k3d made', () => {
  it('show their nodes, network, volumes, token and API', () => {
    const { clusters, nodes, registries } = pictureOf(recorded('agents-2'));
    expect(clusters).toHaveLength(1);
    const [cluster] = clusters;
    expect(cluster).toMatchObject({
      name: 'a2',
      status: 'running',
      serversRunning: 1,
      agentsRunning: 2,
      loadBalancer: { name: 'k3d-a2-serverlb', role: 'loadbalancer' },
      network: { name: 'k3d-a2', external: false, subnet: '192.168.144.0/20', id: expect.stringMatching(/^e2fe28f7/) },
      imageVolume: 'k3d-a2-images',
      volumes: ['k3d-a2-images'],
      token: 'EtMeMunzAIzEpGGDHtwH',
      api: { host: '0.0.0.0', hostIP: '0.0.0.0', port: 44235 },
      k3sVersion: 'v1.21.2-k3s1',
      madeBy: 'k3d v5.9.0',
      ports: [],
      faults: [],
    });
    expect(nodes.map(found => found.name)).toEqual([
      'k3d-a2-server-0',
      'k3d-a2-agent-0',
      'k3d-a2-agent-1',
      'k3d-a2-serverlb',
    ]);
    expect(nodes[0]!.networks).toEqual([{ name: 'k3d-a2', id: cluster!.network!.id, ip: '192.168.144.2' }]);
    expect(registries).toEqual([]);
  });

  it('without a load balancer are whole, and know the server that formed etcd', () => {
    const [cluster] = pictureOf(recorded('no-lb-servers-3')).clusters;
    expect(cluster).toMatchObject({ status: 'running', loadBalancer: undefined, faults: [], ports: [] });
    expect(cluster!.servers.map(server => server.init)).toEqual([true, false, false]);
  });

  it('show a port once, though Docker lists it for IPv4 and IPv6', () => {
    const [cluster] = pictureOf(recorded('port-loadbalancer')).clusters;
    expect(cluster!.ports).toEqual([{ hostIP: '0.0.0.0', hostPort: 8081, containerPort: 80, protocol: 'tcp' }]);
  });

  it('show their registry', () => {
    const { clusters, registries } = pictureOf(recorded('registry-create'));
    expect(registries.map(registry => [registry.name, registry.cluster])).toEqual([['rcreg', 'rc']]);
    expect(clusters[0]!.registries).toEqual(registries);
    expect(clusters[0]!.ports).toEqual([]);
  });

  it('on a network of somebody else’s know its id from their containers', () => {
    const [cluster] = pictureOf(recorded('network-existing')).clusters;
    expect(cluster).toMatchObject({ network: { name: 'bednet', external: true }, faults: [] });
    expect(cluster!.network!.id).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('the status of a cluster', () => {
  const lb = { 'k3d.server.loadbalancer': 'k3d-c-serverlb' };
  const states = (server: string, agent: string, balancer: string) =>
    clustersFrom(
      [
        node('k3d-c-server-0', lb, { State: server as ContainerSummary['State'] }),
        node('k3d-c-agent-0', lb, { State: agent as ContainerSummary['State'] }),
        node('k3d-c-serverlb', lb, { State: balancer as ContainerSummary['State'] }),
      ],
      [],
      [],
    ).clusters[0]!.status;

  it.each([
    ['running', 'running', 'running', 'running'],
    ['exited', 'exited', 'exited', 'stopped'],
    ['created', 'created', 'created', 'stopped'],
    ['running', 'created', 'created', 'starting'],
    ['running', 'running', 'restarting', 'starting'],
    ['running', 'exited', 'running', 'degraded'],
    ['exited', 'running', 'exited', 'degraded'],
    ['running', 'paused', 'running', 'degraded'],
    ['running', 'dead', 'running', 'degraded'],
  ])('with server %s, agent %s, load balancer %s is %s', (server, agent, balancer, status) => {
    expect(states(server, agent, balancer)).toBe(status);
  });

  it('without any server is broken', () => {
    const { clusters } = clustersFrom([node('k3d-c-agent-0'), node('k3d-c-serverlb')], [], []);
    expect(clusters[0]).toMatchObject({ status: 'broken', faults: ['has no server'] });
  });

  it('without its load balancer is degraded, and says so', () => {
    const { clusters } = clustersFrom([node('k3d-c-server-0', lb)], [], []);
    expect(clusters[0]).toMatchObject({
      status: 'degraded',
      faults: ['its load balancer k3d-c-serverlb is gone'],
    });
  });
});

it('nodes are in the order of their numbers', () => {
  const names = ['agent-10', 'server-1', 'agent-2', 'server-0', 'agent-1', 'serverlb', 'tools'];
  const containers = names.map(name => node(`k3d-c-${name}`, { 'k3d.cluster': 'c' }));
  containers[6]!.Labels!['k3d.role'] = 'noRole';
  const { nodes, clusters } = clustersFrom([...containers, node('k3d-b-server-0')], [], []);
  expect(clusters.map(cluster => cluster.name)).toEqual(['b', 'c']);
  expect(nodes.slice(1).map(found => found.name.slice('k3d-c-'.length))).toEqual([
    'server-0',
    'server-1',
    'agent-1',
    'agent-2',
    'agent-10',
    'serverlb',
    'tools',
  ]);
  expect(nodes.at(-1)!.role).toBe('tools');
});

describe('broken containers become rows with faults', () => {
  it.each<[string, ContainerSummary, object]>([
    [
      'without labels',
      node('k3d-c-server-0', {}, { Labels: undefined }),
      { fault: 'has no k3d.role label', cluster: 'c', role: 'server' },
    ],
    [
      'without a role',
      { ...node('oddly-named'), Labels: { app: 'k3d' } },
      { fault: 'has no k3d.role label', role: 'unknown', cluster: '' },
    ],
    [
      'with an unknown role',
      node('k3d-c-server-0', { 'k3d.role': 'witness' }),
      { fault: "has the unknown role 'witness'" },
    ],
    [
      'with a role that every object has by its prototype',
      node('k3d-c-server-0', { 'k3d.role': 'valueOf' }),
      { fault: "has the unknown role 'valueOf'", role: 'unknown' },
    ],
    [
      'without a cluster',
      { ...node('k3d-c-agent-0'), Labels: { app: 'k3d', 'k3d.role': 'agent' } },
      { fault: 'has no k3d.cluster label', cluster: 'c' },
    ],
    ['without a name', node('k3d-c-agent-0', {}, { Names: [] }), { fault: 'has no name', name: 'id-of-k3d-c-' }],
    ['without names', node('k3d-c-agent-0', {}, { Names: undefined }), { fault: 'has no name' }],
    ['being removed', node('k3d-c-agent-0', {}, { State: 'removing', Names: [] }), { fault: 'is being removed' }],
    ['dead', node('k3d-c-agent-0', {}, { State: 'dead' }), { fault: expect.stringContaining('dead'), running: false }],
    [
      'in a restart loop',
      node('k3d-c-agent-0', {}, { State: 'restarting', Status: 'Restarting (1) 2 seconds ago' }),
      { fault: 'keeps restarting: Restarting (1) 2 seconds ago' },
    ],
    ['paused', node('k3d-c-agent-0', {}, { State: 'paused' }), { fault: 'is paused', running: false }],
  ])('%s', (_, container, expected) => {
    const { nodes, clusters } = clustersFrom([container], [], []);
    expect(nodes).toHaveLength(1);
    expect(nodes[0]).toMatchObject(expected);
    for (const cluster of clusters) expect(cluster.faults.length).toBeGreaterThan(0);
  });

  it('a network that is gone is a fault of the cluster', () => {
    const labels = { 'k3d.cluster.network': 'k3d-c', 'k3d.cluster.network.id': 'n1' };
    const { clusters } = clustersFrom([node('k3d-c-server-0', labels)], [], []);
    expect(clusters[0]!.faults).toEqual(['its network k3d-c is gone']);
  });

  it('nothing that Docker could list makes it throw', () => {
    const text = fc.oneof(
      fc.constantFrom('k3d', 'server', 'agent', 'true', '', '6443', '/k3d-c-server-0', '::'),
      fc.string(),
    );
    const labels = fc.dictionary(
      fc.constantFrom(
        'app',
        'k3d.role',
        'k3d.cluster',
        'k3d.cluster.network',
        'k3d.server.api.port',
        'k3d.cluster.external',
      ),
      text,
    );
    const port = fc.record(
      { IP: text, PrivatePort: fc.nat(70_000), PublicPort: fc.nat(70_000), Type: fc.constantFrom('tcp', 'udp') },
      { requiredKeys: ['PrivatePort', 'Type'] },
    );
    const container = fc.record(
      {
        Id: fc.uuid(),
        Names: fc.array(text),
        Image: text,
        ImageID: text,
        Created: fc.nat(),
        State: fc.constantFrom('created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'),
        Status: text,
        Labels: labels,
        Ports: fc.array(port),
        NetworkSettings: fc.record({ Networks: fc.dictionary(text, fc.constant({})) }, { requiredKeys: [] }),
      },
      { requiredKeys: ['Id', 'Image', 'ImageID', 'Created', 'State'] },
    );
    fc.assert(
      fc.property(fc.array(container), containers => {
        const { nodes, clusters } = clustersFrom(containers as ContainerSummary[], [], []);
        expect(nodes.map(found => found.id).sort()).toEqual(containers.map(row => row.Id).sort());
        for (const cluster of clusters) expect(cluster.name).not.toBe('');
      }),
    );
  });
});

describe('what is no cluster', () => {
  it('a registry whose cluster is gone stays a registry', () => {
    const labels = {
      'k3d.role': 'registry',
      'k3d.cluster': 'gone',
      'k3s.registry.port.external': '5001',
      'k3s.registry.port.internal': '5000',
    };
    const { clusters, nodes, registries } = clustersFrom([node('reg', labels, { State: 'exited' })], [], []);
    expect(clusters).toEqual([]);
    expect(nodes).toEqual(registries);
    expect(registries[0]!.ports).toEqual([{ hostIP: '', hostPort: 5001, containerPort: 5000, protocol: 'tcp' }]);
  });

  it('a node that joined a cluster elsewhere', () => {
    const labels = { 'k3d.cluster': 'https://far:6443', 'k3d.cluster.external': 'true', 'k3d.role': 'agent' };
    const { clusters, nodes } = clustersFrom([node('k3d-far-0', labels)], [], []);
    expect(clusters).toEqual([]);
    expect(nodes.map(found => found.name)).toEqual(['k3d-far-0']);
  });
});

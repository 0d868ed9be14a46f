import { describe, expect, it } from 'vitest';
import { type ClusterSpec, defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { planClusterCreate } from '../../src/engine/cluster/create.ts';
import { clusterDifferences } from '../../src/engine/cluster/differences.ts';
import type { ClusterReading } from '../../src/engine/cluster/reading.ts';
import { planClusterRecreate } from '../../src/engine/cluster/recreate.ts';
import { specOf } from '../../src/engine/cluster/spec-of.ts';
import { planClusterUpdate, type UpdateFacts } from '../../src/engine/cluster/update.ts';
import { isK3duiError } from '../../src/errors.ts';
import { plannedReading, randomSpec } from './planned-cluster.ts';
import { emptyFacts, namedFile, readingOf, recordedCreates, specOfLine, summaryOf } from './recorded-clusters.ts';

const recordings = recordedCreates();
const EMPTY = emptyFacts(readingOf(recordings[0]!));

const spec = (changes: Partial<ClusterSpec> = {}): ClusterSpec => ({
  ...defaultClusterSpec('rancher/k3s:v1.31.5-k3s1'),
  name: 'demo',
  ...changes,
});

const made = (asked: ClusterSpec): ClusterReading => plannedReading(planClusterCreate(asked, EMPTY));

/** The engine with that cluster on it. */
function facts(reading: ClusterReading, etcd = reading.cluster.servers.length > 1): UpdateFacts {
  const base = {
    ...EMPTY,
    snapshot: { ...EMPTY.snapshot, clusters: [reading.cluster] },
    containers: [...reading.inspects.values()].map(summaryOf),
    images: new Map([['rancher/k3s:v1.31.5-k3s1', { reference: 'rancher/k3s:v1.31.5-k3s1', present: true }]]),
  };
  const source = (name: string) => {
    const inspect = reading.inspects.get(name)!;
    return { ...base, source: { inspect, image: reading.images.get(inspect.Image) }, etcd, registered: [] };
  };
  const { servers, agents } = reading.cluster;
  return {
    ...base,
    etcd,
    connects: new Map(),
    files: [],
    nodes: { server: source(servers[0]!.name), agent: source((agents[0] ?? servers[0]!).name) },
  };
}

const differ = (asked: ClusterSpec, reading: ClusterReading) =>
  clusterDifferences(asked, reading, facts(reading), facts(reading));
const texts = (asked: ClusterSpec, reading: ClusterReading) =>
  differ(asked, reading).map(({ field, live, wanted, how }) => `${field}: ${live || '-'} → ${wanted || '-'} (${how})`);
const update = (asked: ClusterSpec, reading: ClusterReading) => planClusterUpdate(asked, reading, facts(reading));
const lines = (asked: ClusterSpec, reading: ClusterReading) =>
  update(asked, reading).plan.steps.map(({ title, subject }) => (subject ? `${subject}: ${title}` : title));

describe('a cluster that is as asked for', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed + 1))('differs in nothing, request %i', seed => {
    const asked = randomSpec(seed);
    const reading = made(asked);
    expect(texts(asked, reading)).toEqual([]);
    expect(update(asked, reading).plan.steps).toEqual([]);
  });

  it.each(recordings)('differs in nothing when k3d made it: $line', recorded => {
    const reading = readingOf(recorded);
    const asked = specOfLine(recorded.line);
    const { config } = asked.registries;
    const settings = config && { text: config.includes('\n') ? config : namedFile(config) };
    const registryFacts = { settings: new Map(), ...(settings && { config: settings }) };
    const known = { ...facts(reading), registryFacts };
    expect(clusterDifferences(asked, reading, known, known)).toEqual([]);
  });
});

describe('what differs is named, and whether it can be changed in place:', () => {
  const reading = made(
    spec({
      agents: 2,
      ports: [
        { port: '8080:80', nodeFilters: ['loadbalancer'] },
        { port: '9000:90', nodeFilters: ['agent:0:direct'] },
      ],
      env: [{ envVar: 'A=1', nodeFilters: ['all'] }],
    }),
  );
  const same = spec({
    agents: 2,
    ports: [
      { port: '8080:80', nodeFilters: [] },
      { port: '9000:90', nodeFilters: ['agents:0:direct'] },
    ],
    env: [{ envVar: 'A=1', nodeFilters: ['servers:*', 'agents:*', 'loadbalancer'] }],
  });

  it('spelling is no difference', () => expect(texts(same, reading)).toEqual([]));

  it.each<[string, Partial<ClusterSpec>, string[]]>([
    ['agents', { agents: 3 }, ['agents: 2 → 3 (in place)']],
    ['servers of SQLite', { servers: 3 }, ['servers: 1 → 3 (recreate)']],
    ['image', { image: 'rancher/k3s:v1.30.0-k3s1' }, ['image: v1.31.5-k3s1 → v1.30.0-k3s1 (recreate)']],
    ['the same image in full', { image: 'docker.io/rancher/k3s:v1.31.5-k3s1' }, []],
    ['token', { token: 'secretOfFile' }, ['token: another one → that of the request (recreate)']],
    ['API port', { kubeAPI: { hostPort: '6550' } }, [`kubeAPI: 0.0.0.0:40259 → 0.0.0.0:6550 (recreate)`]],
    [
      'API address',
      { kubeAPI: { hostIP: '127.0.0.1', hostPort: 'random' } },
      ['kubeAPI: 0.0.0.0:40259 → 127.0.0.1:40259 (recreate)'],
    ],
    [
      'load balancer',
      { loadBalancer: false, ports: [same.ports[1]!], env: [] },
      ['loadBalancer: yes → no (recreate)', 'env: A=1 on servers:*, agents:* → - (recreate)'],
    ],
    [
      'ports',
      { ports: [{ port: '8081:80', nodeFilters: ['loadbalancer'] }, same.ports[1]!] },
      ['ports: 8080:80@loadbalancer → - (in place)', 'ports: - → 8081:80@loadbalancer (in place)'],
    ],
    [
      'where a port leads',
      { ports: [{ port: '8080:80', nodeFilters: ['agent:1'] }, same.ports[1]!] },
      ['ports: 80/tcp → loadbalancer → 80/tcp → agent:1 (in place)'],
    ],
    ['direct port', { ports: [same.ports[0]!] }, ['ports: 9000:90 on agent:0 → - (recreate)']],
    [
      'arguments',
      { k3sArgs: [{ arg: '--x', nodeFilters: ['agents:*'] }] },
      ['k3sArgs: - → --x on agents:* (recreate)'],
    ],
    ['memory', { serversMemory: '1g' }, ['memory: no limit on server:0 → 1g (recreate)']],
    [
      'settings',
      { lbConfigOverrides: ['settings.workerConnections=2048'] },
      ['lbConfigOverrides: workerConnections 1024 → workerConnections 2048 (in place)'],
    ],
    ['how it is made', { wait: false, timeoutSeconds: 5, rollback: false, updateDefaultKubeconfig: false }, []],
  ])('%s', (_, changes, expected) => {
    const found = texts({ ...same, ...changes }, reading).map(text => text.replace('servers:*', 'servers:*'));
    expect(found.map(text => text.replace(/server:0, agents:\*/, 'servers:*, agents:*'))).toEqual(expected);
  });

  it('secrets are not in it', () => {
    expect(JSON.stringify(differ({ ...same, token: 'secretOfFile' }, reading))).not.toContain('secretOfFile');
  });
});

describe('the plan that brings a cluster up to a request', () => {
  it('changes ports first, then nodes, then leads every port where it shall', () => {
    const reading = made(spec({ agents: 1, ports: [{ port: '8080:80', nodeFilters: ['loadbalancer'] }] }));
    const asked = spec({
      agents: 3,
      ports: [
        { port: '8081:81', nodeFilters: ['agent:2'] },
        { port: '8082:82', nodeFilters: ['agents:*'] },
      ],
    });
    const { plan, left } = update(asked, reading);
    expect(left).toEqual([]);
    const order = plan.steps.map(step => step.id);
    expect(order.indexOf('hand over')).toBeLessThan(order.indexOf('start k3d-demo-agent-1'));
    const last = plan.steps.at(-1)!;
    expect(last.action).toMatchObject({ kind: 'loadbalancer.configure', container: 'k3d-demo-serverlb' });
    const { values } = last.action as Extract<typeof last.action, { kind: 'loadbalancer.configure' }>;
    expect(values).toBe(
      'ports:\n  81.tcp:\n  - k3d-demo-agent-2\n  82.tcp:\n  - k3d-demo-agent-0\n  - k3d-demo-agent-1\n  - k3d-demo-agent-2\n  6443.tcp:\n  - k3d-demo-server-0\nsettings:\n  workerConnections: 1024\n',
    );
    const known = new Set<string>();
    for (const step of plan.steps) {
      expect(step.after.filter(id => !known.has(id))).toEqual([]);
      known.add(step.id);
    }
  });

  it('gives new nodes what is asked for them, not what the others have', () => {
    const reading = made(spec({ agents: 1, k3sArgs: [{ arg: '--old', nodeFilters: ['agent:0'] }] }));
    const asked = spec({
      agents: 2,
      k3sArgs: [
        { arg: '--old', nodeFilters: ['agent:0'] },
        { arg: '--new', nodeFilters: ['agent:1'] },
      ],
      env: [{ envVar: 'A=1', nodeFilters: ['agent:1'] }],
      ports: [{ port: '9000:90', nodeFilters: ['agent:1:direct'] }],
      agentsMemory: '',
    });
    const { plan, differences } = update(asked, reading);
    expect(differences.map(({ field }) => field)).toEqual(['agents']);
    const create = plan.steps.map(({ action }) => action).find(action => action.kind === 'container.create')!;
    expect(create).toMatchObject({
      name: 'k3d-demo-agent-1',
      body: {
        Cmd: ['agent', '--new'],
        Env: expect.arrayContaining(['A=1', 'K3S_URL=https://k3d-demo-server-0:6443']),
        HostConfig: { PortBindings: { '90/tcp': [{ HostIp: '', HostPort: '9000' }] } },
      },
    });
  });

  it('takes the last nodes away', () => {
    const reading = made(spec({ agents: 3 }));
    const steps = lines(spec({ agents: 1 }), reading);
    expect(steps).toContain('k3d-demo-agent-2: remove');
    expect(steps).toContain('k3d-demo-agent-1: remove');
    expect(steps.join()).not.toContain('k3d-demo-agent-0: remove');
  });

  it('a cluster that had several servers can have them again, and is no other for having lost them', () => {
    const three = made(spec({ servers: 3 }));
    const { cluster } = three;
    const one = { ...three, cluster: { ...cluster, servers: cluster.servers.slice(0, 1), serversRunning: 1 } };
    expect(texts(spec(), one)).toEqual([]);
    const known = facts(one, true);
    expect(planClusterUpdate(spec({ servers: 3 }), one, known).left).toEqual([]);
    expect(specOf(one).spec.k3sArgs).toEqual([{ arg: '--cluster-init', nodeFilters: ['server:0'] }]);
  });

  it('starts what is stopped before nodes join', () => {
    const running = made(spec({ agents: 1 }));
    const stopped = {
      ...running,
      cluster: {
        ...running.cluster,
        serversRunning: 0,
        servers: running.cluster.servers.map(node => ({ ...node, running: false })),
      },
    };
    const ids = update(spec({ agents: 2 }), stopped).plan.steps.map(({ id }) => id);
    expect(ids.indexOf('start k3d-demo-server-0')).toBeLessThan(ids.indexOf('start k3d-demo-agent-1'));
  });

  it('does what it can and says what is left', () => {
    const reading = made(spec());
    const { plan, left } = update(spec({ agents: 1, serversMemory: '2g' }), reading);
    expect(left.map(({ field }) => field)).toEqual(['memory']);
    expect(plan.steps.length).toBeGreaterThan(0);
  });

  it('a busy host port stops it before anything is done', () => {
    const reading = made(spec());
    const busy = {
      ...facts(reading),
      sockets: [{ address: '0.0.0.0', port: 8080, protocol: 'tcp' as const, owner: 'nginx (1)' }],
    };
    const asked = spec({ agents: 1, ports: [{ port: '8080:80', nodeFilters: ['loadbalancer'] }] });
    expect(() => planClusterUpdate(asked, reading, busy)).toThrow(/8080\/tcp is taken by nginx/);
  });
});

describe('the plan that makes a cluster anew', () => {
  it('deletes, then creates, with the same names and ports', () => {
    const asked = spec({ ports: [{ port: '8080:80', nodeFilters: ['loadbalancer'] }] });
    const reading = made(asked);
    const plan = planClusterRecreate({ ...asked, image: 'rancher/k3s:v1.30.0-k3s1' }, reading.cluster, facts(reading));
    const kinds = plan.steps.map(({ action }) => action.kind);
    expect(kinds.lastIndexOf('container.remove')).toBeLessThan(kinds.indexOf('container.create'));
    expect(new Set(plan.steps.map(({ id }) => id)).size).toBe(plan.steps.length);
    expect(plan.warnings[0]).toBe('everything in cluster demo is lost');
  });

  it('checks all before anything goes', () => {
    const reading = made(spec());
    const attempt = () => planClusterRecreate(spec({ servers: 0 }), reading.cluster, facts(reading));
    expect(attempt).toThrow(expect.toSatisfy(error => isK3duiError(error, 'SERVERS_INVALID')));
  });
});

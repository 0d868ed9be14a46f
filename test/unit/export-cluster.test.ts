import { describe, expect, it } from 'vitest';
import type { ClusterSpec } from '../../src/config/cluster-spec.ts';
import { parseMemory } from '../../src/config/memory.ts';
import { planClusterCreate } from '../../src/engine/cluster/create.ts';
import { specOf } from '../../src/engine/cluster/spec-of.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { plannedReading, randomSpec } from './planned-cluster.ts';
import { emptyFacts, type Recorded, readingOf, recordedCreates, specOfLine } from './recorded-clusters.ts';

/** Where the exported specification says something else than the command line did, and why. It makes the same all the same. */
const DIFFERENCES: { field: keyof ClusterSpec; reason: string; lines: RegExp }[] = [
  {
    field: 'kubeAPI',
    reason: 'the port that was free then is the port that the cluster has now',
    lines: /^(?!.*--api-port)/,
  },
  { field: 'kubeAPI', reason: '0.0.0.0 is what k3d listens on by itself', lines: /--api-port 0\.0\.0\.0:/ },
  {
    field: 'ports',
    reason: 'no filter, or all servers and agents: `loadbalancer` for short',
    lines: /-p 8082|-p '8085/,
  },
  { field: 'ports', reason: 'Docker keeps no order of ports: by container port here', lines: /-p 8088:82/ },
  { field: 'k3sNodeLabels', reason: '`agents:*` is shorter than all their numbers', lines: /my\.label@agent:0,1/ },
  { field: 'k3sArgs', reason: 'servers before agents', lines: /node-taint/ },
  { field: 'env', reason: 'servers before agents', lines: /FOO=bar@agent:0/ },
  { field: 'runtimeLabels', reason: 'servers, agents, load balancer', lines: /--runtime-label/ },
  { field: 'agentsMemory', reason: 'Docker knows bytes: 1.5g is 1536m', lines: /1\.5g/ },
  { field: 'timeoutSeconds', reason: 'how it was made is not written down', lines: /--timeout/ },
  { field: 'wait', reason: 'how it was made is not written down', lines: /--wait/ },
  { field: 'updateDefaultKubeconfig', reason: 'how it was made is not written down', lines: /--kubeconfig/ },
  { field: 'switchContext', reason: 'how it was made is not written down', lines: /--kubeconfig/ },
];

const recordings = recordedCreates();
const named = (name: string) => recordings.find(recorded => recorded.name.startsWith(name))!;
const exported = (recorded: Recorded, token = false) => specOf(readingOf(recorded), { token });

describe('export of a cluster that k3d made with', () => {
  const lines = recordings.filter(({ line }) => !/--registry-|--config/.test(line));

  it.each(lines)('$line', recorded => {
    const { line } = recorded;
    const asked = specOfLine(line);
    const { spec } = exported(recorded);
    const expected = line.includes('--token') ? { ...asked, token: undefined } : asked;
    const differing = (Object.keys({ ...expected, ...spec }) as (keyof ClusterSpec)[]).filter(
      field => JSON.stringify(expected[field]) !== JSON.stringify(spec[field]),
    );
    const allowed = DIFFERENCES.filter(({ lines: which }) => which.test(line)).map(({ field }) => field);
    expect(differing.filter(field => !allowed.includes(field))).toEqual([]);

    const reading = readingOf(recorded);
    const facts = emptyFacts(reading, line.includes('--network') ? recorded.networks : []);
    const { wait, timeoutSeconds, updateDefaultKubeconfig, switchContext } = asked;
    const again = { ...spec, wait, timeoutSeconds, updateDefaultKubeconfig, switchContext };
    expect(made(planClusterCreate(again, facts))).toEqual(made(planClusterCreate(asked, facts)));
  });

  it.each([
    ['27', { create: { name: 'rcreg', hostPort: '5001' }, use: [] }],
    ['28', { create: { name: 'rcreg2', hostPort: '33807' }, use: [] }],
    ['30', { use: ['k3d-usereg:5002'] }],
  ])('registries, recording %s', (name, registries) => {
    expect(exported(named(name)).spec.registries).toEqual(registries);
  });

  it('settings of registries, their logins only when secrets are asked for', () => {
    const { spec, notes } = exported(named('31'));
    expect(spec.registries.config).toBe(
      'mirrors:\n  my.company.registry:\n    endpoint:\n      - http://my.company.registry:5000\n',
    );
    expect(notes).toContain('the login for my.company.registry is left out');
    expect(exported(named('31'), true).spec.registries.config).toContain('password: secret');
  });

  it('a config file that uses nearly everything', () => {
    expect(exported(named('50'), true).spec).toMatchObject({
      name: 'cfg',
      agents: 2,
      token: 'superSecretToken',
      kubeAPI: { host: 'localhost', hostIP: '127.0.0.1', hostPort: '6551' },
      volumes: [{ volume: '/home/user/vol:/data', nodeFilters: ['server:0', 'agents:*'] }],
      ports: [
        { port: '8090:80', nodeFilters: ['loadbalancer'] },
        { port: '8091:8091/udp', nodeFilters: ['agent:1:direct'] },
      ],
      env: [{ envVar: 'bar=baz,bob', nodeFilters: ['server:0'] }],
      hostAliases: [{ ip: '1.2.3.4', hostnames: ['my.host.local', 'that.other.host'] }],
      registries: { create: { name: 'cfg-registry', hostPort: '5003' } },
      lbConfigOverrides: ['settings.workerConnections=2048'],
      k3sArgs: [
        { arg: '--tls-san=my.host.domain', nodeFilters: ['server:0'] },
        { arg: '--disable=traefik', nodeFilters: ['server:0'] },
      ],
      k3sNodeLabels: [{ label: 'foo=bar', nodeFilters: ['agent:1'] }],
      runtimeLabels: [{ label: 'bar=baz', nodeFilters: ['agent:1'] }],
      runtimeUlimits: [{ name: 'nofile', soft: 4096, hard: 8192 }],
    });
  });
});

it('the token is in an export only when it is asked for', () => {
  const { spec, notes } = exported(named('44'));
  expect(spec.token).toBeUndefined();
  expect(notes.join()).not.toContain('mySecretToken');
  expect(JSON.stringify(spec)).not.toContain('mySecretToken');
  expect(exported(named('44'), true).spec.token).toBe('mySecretToken');
});

it('passwords in variables and arguments are left out, and it is said', () => {
  const asked: ClusterSpec = {
    ...randomSpec(1),
    env: [{ envVar: 'DB_PASSWORD=hunter22', nodeFilters: ['server:0'] }],
    k3sArgs: [{ arg: '--datastore-endpoint=postgres://k3s:s3cret@db/k3s', nodeFilters: ['servers:*'] }],
  };
  const reading = plannedReading(planClusterCreate(asked, FACTS()));
  const { spec, notes } = specOf(reading);
  expect(JSON.stringify([spec, notes])).not.toMatch(/hunter22|s3cret/);
  expect(notes.filter(note => note.includes('the secret in'))).toHaveLength(2);
  expect(JSON.stringify(specOf(reading, { token: true }).spec)).toMatch(/hunter22.*s3cret/);
});

describe('what is exported from a cluster makes that cluster again', () => {
  it.each(Array.from({ length: 150 }, (_, seed) => seed + 1))('request %i', seed => {
    const asked = randomSpec(seed);
    const plan = planClusterCreate(asked, FACTS());
    const { spec, notes } = specOf(plannedReading(plan), { token: true });
    expect(notes.filter(note => !note.startsWith('files that'))).toEqual([]);
    expect(made(planClusterCreate(spec, FACTS()))).toEqual(made(plan));
  });
});

const FACTS = () => ({
  ...emptyFacts(readingOf(named('01'))),
  fresh: { token: 'aFreshTokenOfThatDay', apiPort: 41234, registryPort: 5100 },
});

/** All that a plan makes, by step: volumes are made side by side, in no order. */
function made(plan: Plan) {
  return plan.steps
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, action }) => {
      // Variables and labels are sets to Docker and k3s; the order in which they are given says nothing.
      if (action.kind !== 'container.create') return { id, action };
      const { Env, Labels, HostConfig, Cmd, ...body } = action.body;
      const memory = HostConfig.Memory;
      const sorted = (list: string[] | undefined | null) => [...(list ?? [])].sort();
      return {
        id,
        name: action.name,
        body,
        Env: sorted(Env),
        Cmd,
        Labels,
        memory,
        HostConfig: sortedPorts(HostConfig),
      };
    });
}

function sortedPorts<T extends { PortBindings?: Record<string, unknown> | null }>(config: T): T {
  const { PortBindings } = config;
  return PortBindings ? { ...config, PortBindings: Object.fromEntries(Object.entries(PortBindings).sort()) } : config;
}

it('a memory limit is written so that it reads as the same bytes', () => {
  for (const text of ['1g', '1.5g', '1000', '3000m', '123456k']) {
    expect(
      parseMemory(
        specOf(plannedReading(planClusterCreate({ ...randomSpec(1), serversMemory: text }, FACTS()))).spec
          .serversMemory!,
      ),
    ).toBe(parseMemory(text));
  }
});

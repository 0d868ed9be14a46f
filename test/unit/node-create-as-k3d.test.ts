import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addNodeCreateFlags, type NodeCreateFlags, nodeRequestFromFlags } from '../../src/cli/node-create.ts';
import { normaliseFlags } from '../../src/cli/normalise-flags.ts';
import type { ContainerInspect, ContainerSummary } from '../../src/docker/types.ts';
import { clustersFrom } from '../../src/engine/clusters.ts';
import { planNodeCreate } from '../../src/engine/node/create.ts';
import type { NodeFacts } from '../../src/engine/node/facts.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { actions, engineWith, factsWith } from './plan-kit.ts';

/** What real k3d 5.9 left in Docker for a `node create`, with the node it took as a model. */
interface Recorded {
  command: string;
  source: ContainerInspect;
  created: ContainerInspect;
  others: ContainerInspect[];
  registries: { source: string | null; created: string | null };
}

const CASES = ['32', '34', '81', '104'];
/** What the image brings. */
const FROM_IMAGE = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/bin/aux',
  'CRI_CONFIG_FILE=/var/lib/rancher/k3s/agent/etc/crictl.yaml',
];

const recordedIn = (name: string): Recorded =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'node-create', `${name}.json`), 'utf8'));

describe('node create makes what k3d makes:', () => {
  it.each(CASES)('%s', name => {
    const recorded = recordedIn(name);
    const plan = planFor(recorded);
    const { body } = actions(plan, 'container.create').find(({ name: node }) => `/${node}` === recorded.created.Name)!;
    const { Config, HostConfig, NetworkSettings } = recorded.created;
    const { 'k3dui.version': _, ...labels } = body.Labels!;
    expect({
      Hostname: body.Hostname,
      Env: body.Env,
      Cmd: body.Cmd,
      Entrypoint: body.Entrypoint,
      Labels: labels,
      Binds: body.HostConfig.Binds,
      NetworkMode: body.HostConfig.NetworkMode,
      RestartPolicy: body.HostConfig.RestartPolicy?.Name,
      Privileged: body.HostConfig.Privileged,
      UsernsMode: body.HostConfig.UsernsMode,
      Tmpfs: body.HostConfig.Tmpfs,
      Init: body.HostConfig.Init,
      Memory: body.HostConfig.Memory ?? 0,
      networks: Object.keys(body.NetworkingConfig!.EndpointsConfig),
    }).toEqual({
      Hostname: Config.Hostname,
      // k3d repeats K3S_KUBECONFIG_OUTPUT and a server's --tls-san with every copy.
      Env: [...new Set(Config.Env)].filter(variable => !FROM_IMAGE.includes(variable)),
      Cmd: oncePerPair(Config.Cmd!),
      Entrypoint: Config.Entrypoint,
      Labels: Config.Labels,
      Binds: HostConfig.Binds!,
      NetworkMode: HostConfig.NetworkMode,
      RestartPolicy: HostConfig.RestartPolicy?.Name,
      Privileged: HostConfig.Privileged,
      UsernsMode: HostConfig.UsernsMode,
      Tmpfs: HostConfig.Tmpfs,
      Init: HostConfig.Init,
      Memory: HostConfig.Memory,
      networks: Object.keys(NetworkSettings.Networks!),
    });
    const registries = actions(plan, 'files.write')
      .flatMap(action => action.files)
      .find(file => file.path === '/etc/rancher/k3s/registries.yaml');
    expect(registries?.content.toString()).toBe(recorded.registries.created ?? undefined);
  });

  it('but keeps the name of the image, where k3d writes its id', () => {
    const { created, ...recorded } = recordedIn('32');
    expect(created.Config.Image).toMatch(/^sha256:/);
    const [create] = actions(planFor({ created, ...recorded }), 'container.create');
    expect(create!.body.Image).toBe('docker.io/rancher/k3s:v1.21.2-k3s1');
    const copyOfK3ds = actions(planFor({ ...recorded, created, source: created }), 'container.create');
    expect(copyOfK3ds[0]!.body.Image).toBe('rancher/k3s:v1.21.2-k3s1');
  });
});

describe('node create', () => {
  it('leaves names that are taken and takes the next free ones', () => {
    const recorded = { ...recordedIn('34'), command: 'k3d node create ops-agent -c ops --replicas 2' };
    expect(actions(planFor(recorded), 'container.create').map(({ name }) => name)).toEqual([
      'k3d-ops-agent-1',
      'k3d-ops-agent-2',
    ]);
  });

  it('a single server on SQLite takes no second one, whatever k3d tries for 45 seconds', () => {
    const recorded = { ...recordedIn('32'), command: 'k3d node create srv -c ops --role server' };
    const server = recorded.others.find(node => node.Config.Labels?.['k3d.role'] === 'server')!;
    expect(() =>
      planFor({ ...recorded, source: server, others: recorded.others.filter(node => node !== server) }),
    ).toThrow(/SQLite/);
  });

  it('leads to the load balancer when the server of K3S_URL is gone', () => {
    const recorded = { ...recordedIn('81'), command: 'k3d node create late -c ha' };
    const source = recorded.others.find(node => node.Name === '/k3d-ha-server-1')!;
    const others = recorded.others.filter(node => node !== source && node.Name !== '/k3d-ha-server-0');
    const [create] = actions(planFor({ ...recorded, source, others }), 'container.create');
    expect(create!.body.Env).toContain('K3S_URL=https://k3d-ha-serverlb:6443');
    expect(create!.body.Cmd).toEqual(['agent']);
    expect(Object.keys(create!.body.Labels!).filter(key => key.startsWith('k3d.server.'))).toEqual([
      'k3d.server.loadbalancer',
    ]);
  });

  it.each([
    ['boss', /Unknown node role 'boss'/],
    ['registry', /cannot join/],
  ])('refuses the role %s', (role, message) => {
    expect(() => nodeRequestFromFlags('n', { role })).toThrow(message);
  });

  it('refuses what k3d takes without a word: no nodes, no name', () => {
    const recorded = recordedIn('32');
    expect(() => planFor({ ...recorded, command: 'k3d node create x -c ops --replicas -1' })).toThrow(/cannot be -1/);
    expect(() => planFor({ ...recorded, command: 'k3d node create x_y -c ops' })).toThrow(/'x_y' cannot be part/);
  });
});

/** `--tls-san a --tls-san a` → `--tls-san a` */
function oncePerPair(words: string[]): string[] {
  const seen = new Set<string>();
  return words.filter((word, i) => {
    const pair =
      word === '--tls-san' ? `${word} ${words[i + 1]}` : words[i - 1] === '--tls-san' ? `--tls-san ${word}` : '';
    if (pair === '') return true;
    if (word !== '--tls-san') return !seen.has(`${pair}!`) && seen.add(`${pair}!`);
    return !seen.has(pair) && seen.add(pair);
  });
}

function planFor(recorded: Recorded): Plan {
  const words = recorded.command.split(' ').slice(3);
  const program = new Command().exitOverride();
  const create = program.command('create NAME');
  addNodeCreateFlags(create);
  let flags: NodeCreateFlags = {};
  create.action(() => {
    flags = create.opts();
  });
  program.parse(normaliseFlags(program, ['create', ...words]), { from: 'user' });
  const request = nodeRequestFromFlags(create.args[0]!, flags);
  const containers = [recorded.source, ...recorded.others].map(summaryOf);
  const { clusters, nodes, registries } = clustersFrom(containers, [], []);
  const image = 'docker.io/rancher/k3s:v1.21.2-k3s1';
  const facts: NodeFacts = {
    ...factsWith({
      engine: engineWith('1'),
      snapshot: { link: 'live', clusters, nodes, registries, engine: undefined, revision: 1 },
      containers,
      images: new Map([[image, { reference: image, present: true }]]),
      // k3d's home when it was recorded.
      env: { HOME: '/tmp/bedhome' },
    }),
    source: {
      inspect: recorded.source,
      image: {
        Id: recorded.source.Image,
        Size: 1,
        RepoTags: ['rancher/k3s:v1.21.2-k3s1'],
        Config: { Env: FROM_IMAGE },
      },
    },
    registries: recorded.registries.source === null ? undefined : Buffer.from(recorded.registries.source),
    etcd: false,
    registered: undefined,
  };
  return planNodeCreate(clusters.find(cluster => cluster.name === flags.cluster)!, request, facts);
}

function summaryOf(inspect: ContainerInspect): ContainerSummary {
  return {
    Id: inspect.Id,
    Names: [inspect.Name],
    Image: inspect.Config.Image,
    ImageID: inspect.Image,
    Created: 1,
    Labels: inspect.Config.Labels ?? {},
    State: 'running',
    NetworkSettings: { Networks: inspect.NetworkSettings.Networks },
  };
}

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import { planClusterStop } from '../../src/engine/cluster/stop.ts';
import { removeOwnPath } from '../../src/engine/leftovers/files.ts';
import { findLeftovers, inOrder } from '../../src/engine/leftovers/find.ts';
import type { Leftover } from '../../src/engine/leftovers/leftover.ts';
import { leftoversPlan } from '../../src/engine/leftovers/remove.ts';
import { type Bench, cluster, create, everything, openBench, spec } from './engine.ts';

const LABELS = { app: 'k3d', 'k3d.version': 'v5.9.0' };

describe('leftovers', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
  });
  afterEach(() => bench.close());

  const find = async (): Promise<Leftover[]> => {
    await bench.engine.inventory.refresh();
    return inOrder(await findLeftovers(bench.engine));
  };
  const names = async () => (await find()).map(({ kind, name }) => `${kind} ${name}`);
  /** As if everything there is had been made an hour ago. */
  const age = () => {
    const { world } = bench.demo;
    const then = Date.now() - 3_600_000;
    for (const thing of [...world.containers.values(), ...world.networks.values(), ...world.volumes.values()]) {
      thing.created = then;
    }
  };
  const container = (name: string, labels: Record<string, string>, network = 'bridge') =>
    bench.engine.docker.createContainer(name, {
      Image: 'rancher/k3s:v1.31.5-k3s1',
      Labels: { ...LABELS, ...labels },
      HostConfig: {},
      NetworkingConfig: { EndpointsConfig: { [network]: {} } },
    });
  const removeAll = async () => {
    const found = await find();
    const plan = await leftoversPlan(bench.engine, found);
    await apply(plan, bench.engine).finished;
    expect(await names()).toEqual([]);
    return plan;
  };

  test('a living cluster leaves none, running or stopped', async () => {
    await (await create(bench.engine, spec('alive', { agents: 1, servers: 2 }))).finished;
    age();
    expect(await find()).toEqual([]);
    await apply(planClusterStop((await cluster(bench.engine, 'alive'))!), bench.engine).finished;
    expect(await find()).toEqual([]);
  });

  test("what is not k3d's is never named, whatever it is called", async () => {
    const { docker } = bench.engine;
    await docker.createNetwork({ Name: 'k3d-mine', Driver: 'bridge' });
    await docker.createVolume('k3d-mine-images', { 'k3d.cluster': 'mine' });
    await docker.createContainer('k3d-mine-tools', { Image: 'rancher/k3s:v1.31.5-k3s1', HostConfig: {} });
    const folder = join(bench.home, '.config', 'k3d');
    await mkdir(join(folder, '.k3d-mine-server-0', 'mine too'), { recursive: true });
    await writeFile(
      join(folder, 'kubeconfig-mine.yaml'),
      'contexts: [{name: production, context: {cluster: p, user: p}}]',
    );
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await mkdir(join(bench.home, '.kube'));
    await writeFile(join(bench.home, '.kube', 'config'), kubeconfig('elsewhere', 'https://10.1.2.3:6443'));
    age();
    expect(await find()).toEqual([]);
    await expect(removeOwnPath(bench.engine.env, join(folder, 'notes.txt'))).rejects.toMatchObject({
      code: 'NOT_OURS',
    });
    await expect(removeOwnPath(bench.engine.env, bench.home)).rejects.toMatchObject({ code: 'NOT_OURS' });
  });

  test('every kind of thing of a cluster that is gone is found, and removed', async () => {
    const { docker } = bench.engine;
    await (await create(bench.engine, spec('alive'))).finished;
    const before = await everything(bench.engine);
    await docker.createNetwork({ Name: 'k3d-dead', Driver: 'bridge', Labels: { app: 'k3d' } });
    await docker.createVolume('k3d-dead-images', { ...LABELS, 'k3d.cluster': 'dead' });
    await container('k3d-dead-agent-0', { 'k3d.cluster': 'dead', 'k3d.role': 'agent' }, 'k3d-dead');
    await container('k3d-dead-tools', { 'k3d.cluster': 'dead', 'k3d.role': 'noRole' }, 'k3d-dead');
    await container('k3d-dead-serverlb', { 'k3d.cluster': 'dead', 'k3d.role': 'loadbalancer' }, 'k3d-dead');
    await container('k3d-dead-registry', { 'k3d.cluster': 'dead', 'k3d.role': 'registry' }, 'k3d-dead');
    await docker.createNetwork({ Name: 'k3d-fakenet-abcdefghij', Driver: 'bridge', Labels: { app: 'k3d' } });
    const folder = join(bench.home, '.config', 'k3d');
    await mkdir(join(folder, '.k3d-dead-server-0', 'edac'), { recursive: true });
    await writeFile(join(folder, '.k3d-dead-server-0', 'meminfo'), 'MemTotal: 1 kB');
    await writeFile(join(folder, 'kubeconfig-dead.yaml'), kubeconfig('dead', 'https://0.0.0.0:6550'));
    const kube = join(bench.home, '.kube', 'config');
    const ours = await readFile(kube, 'utf8');
    const port = await unusedPort();
    await writeFile(kube, merged(ours, 'dead', `https://0.0.0.0:${port}`));
    age();
    expect(await names()).toEqual([
      'network k3d-fakenet-abcdefghij',
      'container k3d-dead-agent-0',
      'container k3d-dead-registry',
      'container k3d-dead-serverlb',
      'container k3d-dead-tools',
      'network k3d-dead',
      'volume k3d-dead-images',
      `folder ${join(folder, '.k3d-dead-server-0')}`,
      `file ${join(folder, 'kubeconfig-dead.yaml')}`,
      `kubeconfig k3d-dead in ${kube}`,
    ]);
    expect((await find()).every(({ why }) => why !== '')).toBe(true);
    await removeAll();
    expect(await everything(bench.engine)).toEqual(before);
    expect(await readFile(kube, 'utf8')).not.toContain('k3d-dead');
    expect(await readFile(kube, 'utf8')).toContain('k3d-alive');
  });

  test('an entry behind which somebody answers is of a cluster of another engine', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const kube = join(bench.home, '.kube', 'config');
    await mkdir(join(bench.home, '.kube'));
    await writeFile(kube, kubeconfig('theirs', `https://127.0.0.1:${port}`));
    expect(await find()).toEqual([]);
    await new Promise(resolve => other.close(resolve));
    expect(await names()).toEqual([`kubeconfig k3d-theirs in ${kube}`]);
  });

  test('things of a living cluster: a tools node, a half-replaced load balancer, its place to wait', async () => {
    await (await create(bench.engine, spec('alive', { agents: 1 }))).finished;
    const whole = await everything(bench.engine);
    const { docker } = bench.engine;
    const network = { 'k3d.cluster.network': 'k3d-alive' };
    await container('k3d-alive-tools', { 'k3d.cluster': 'alive', 'k3d.role': 'noRole' }, 'k3d-alive');
    // What a replacement leaves that was killed, k3d's and ours.
    await docker.createNetwork({
      ...{ Name: 'k3d-alive-serverlb-QwErT', Driver: 'bridge', Internal: true },
      Labels: { app: 'k3d', 'k3d.cluster': 'alive' },
    });
    await container(
      'k3d-alive-serverlb-QwErT',
      { 'k3d.cluster': 'alive', 'k3d.role': 'loadbalancer', ...network },
      'k3d-alive-serverlb-QwErT',
    );
    age();
    expect(await names()).toEqual([
      'container k3d-alive-serverlb-QwErT',
      'container k3d-alive-tools',
      'network k3d-alive-serverlb-QwErT',
    ]);
    await removeAll();
    expect(await everything(bench.engine)).toEqual(whole);
    expect((await cluster(bench.engine, 'alive'))!.faults).toEqual([]);
  });

  test('a network or volume that somebody else uses stays, and so does a registry that another cluster uses', async () => {
    const { docker } = bench.engine;
    await (await create(bench.engine, spec('alive'))).finished;
    await docker.createNetwork({ Name: 'k3d-dead', Driver: 'bridge', Labels: { app: 'k3d' } });
    await docker.createVolume('k3d-dead-images', { ...LABELS, 'k3d.cluster': 'dead' });
    await docker.createContainer('somebody', {
      Image: 'rancher/k3s:v1.31.5-k3s1',
      HostConfig: { Binds: ['k3d-dead-images:/data'] },
      NetworkingConfig: { EndpointsConfig: { 'k3d-dead': {} } },
    });
    const registry = await container('k3d-dead-registry', { 'k3d.cluster': 'dead', 'k3d.role': 'registry' });
    await docker.connectNetwork('k3d-alive', registry);
    age();
    expect(await find()).toEqual([]);
  });

  test('a cluster whose create was killed before anything ran is removed whole', async () => {
    const { docker } = bench.engine;
    await docker.createNetwork({ Name: 'k3d-unborn', Driver: 'bridge', Labels: { app: 'k3d' } });
    await docker.createVolume('k3d-unborn-images', { ...LABELS, 'k3d.cluster': 'unborn' });
    const labels = { 'k3d.cluster': 'unborn', 'k3d.cluster.network': 'k3d-unborn' };
    await container('k3d-unborn-server-0', { ...labels, 'k3d.role': 'server' }, 'k3d-unborn');
    await container('k3d-unborn-serverlb', { ...labels, 'k3d.role': 'loadbalancer' }, 'k3d-unborn');
    age();
    expect(await names()).toEqual(['cluster unborn']);
    await removeAll();
    expect(await everything(bench.engine)).toEqual([]);
  });

  test('what was made just now, or of a cluster at work, is told to be so', async () => {
    const { docker } = bench.engine;
    await docker.createNetwork({ Name: 'k3d-young', Driver: 'bridge', Labels: { app: 'k3d' } });
    const [young] = await find();
    expect(young).toMatchObject({
      name: 'k3d-young',
      fresh: expect.stringMatching(/^made \d+ s ago, perhaps by an operation/),
    });
    const plan = await leftoversPlan(bench.engine, [young!]);
    expect(plan.warnings.join()).toContain('perhaps by an operation that still runs');

    await (await create(bench.engine, spec('alive'))).finished;
    await container('k3d-alive-tools', { 'k3d.cluster': 'alive', 'k3d.role': 'noRole' }, 'k3d-alive');
    age();
    expect((await find()).map(({ fresh }) => fresh)).toEqual([undefined, undefined]);
    bench.demo.faults.add({ match: '/stop', action: 'stall', times: 1 });
    const operation = apply(planClusterStop((await cluster(bench.engine, 'alive'))!), bench.engine);
    const tools = (await find()).find(({ name }) => name === 'k3d-alive-tools');
    expect(tools?.fresh).toBe('an operation is at work on alive');
    operation.cancel();
    await operation.finished.catch(() => {});
  });

  test('while a create runs in another process, nothing of it is offered as old', async () => {
    const seen: Leftover[] = [];
    const operation = await create(bench.engine, spec('growing', { agents: 2 }));
    const other = { ...bench.engine, operations: { ...bench.engine.operations, operations: [] } };
    while (operation.endedAt === undefined) seen.push(...(await findLeftovers(other)));
    await operation.finished;
    expect(seen.filter(({ fresh }) => fresh === undefined)).toEqual([]);
    expect(await find()).toEqual([]);
  });
});

function kubeconfig(name: string, server: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- cluster:
    server: ${server}
  name: k3d-${name}
contexts:
- context:
    cluster: k3d-${name}
    user: admin@k3d-${name}
  name: k3d-${name}
current-context: k3d-${name}
users:
- name: admin@k3d-${name}
  user:
    token: t
`;
}

/** The kubeconfig with the entries of one more. */
function merged(text: string, name: string, server: string): string {
  const parts = kubeconfig(name, server);
  const part = (from: string, to: string) => parts.slice(parts.indexOf(from) + from.length, parts.indexOf(to));
  return text
    .replace(/^clusters:\n/m, `$&${part('clusters:\n', 'contexts:')}`)
    .replace(/^contexts:\n/m, `$&${part('contexts:\n', 'current-context')}`)
    .replace(/^users:\n/m, `$&${parts.slice(parts.indexOf('users:\n') + 7)}`);
}

async function unusedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise(resolve => probe.close(resolve));
  return port;
}

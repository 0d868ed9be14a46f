import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import { readMembers } from '../../src/engine/doctor/checks/addresses.ts';
import { examine } from '../../src/engine/doctor/examine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { carryOut, expectHealthy, finding, findings, gone, look } from './doctor-kit.ts';
import { type Bench, cluster, create, openBench, spec } from './engine.ts';

describe('the doctor and clusters that k3d made', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench({
      seed: [
        { name: 'three', servers: 3, agents: 1, age: 10 },
        { name: 'loop', servers: 1, agents: 1, state: 'broken', age: 2 },
      ],
    });
  });
  afterAll(() => bench.close());

  test('a healthy one has nothing', async () => {
    expectHealthy(await look(bench.engine, 'three'));
  });

  test('a server that ends again and again, with its last lines', async () => {
    const all = await findings(bench.engine, 'cluster.restarts', 'loop');
    const found = all.find(({ subject }) => subject === 'k3d-loop-server-0')!;
    expect(found).toMatchObject({ severity: 'problem', subject: 'k3d-loop-server-0' });
    expect(found.evidence.join()).toContain('lookup db.internal on 127.0.0.11:53: no such host');
    // Only a person can know what that server lacks; here it is a database that comes up.
    expect(found.remedy).toMatchObject({ command: 'k3dui node logs k3d-loop-server-0' });
    const server = bench.demo.world.container('k3d-loop-server-0');
    server.args = server.args.filter(arg => !arg.startsWith('--datastore-endpoint'));
    await bench.engine.docker.stopContainer(server.id, { timeoutSeconds: 0 });
    server.restartCount = 0;
    await bench.engine.docker.startContainer(server.id);
    // The load balancer ended as often, for want of that server: as soon as it serves that is over.
    await gone(bench.engine, 'cluster.restarts', 'loop');
  });

  test('servers without a majority: those that do not run are started, at once, and none is restarted', async () => {
    const { docker } = bench.engine;
    const idle = ['k3d-three-server-1', 'k3d-three-server-2', 'k3d-three-agent-0', 'k3d-three-serverlb'];
    for (const node of idle) await docker.stopContainer(node, { timeoutSeconds: 0 });
    const found = await finding(bench.engine, 'cluster.api', 'three');
    const command = `k3dui node start ${idle.join(' ')}`;
    expect(found.remedy).toMatchObject({ command });
    const nodes = await findings(bench.engine, 'cluster.nodes', 'three');
    expect(nodes.map(({ subject }) => subject).sort()).toEqual(idle.toSorted());
    expect(new Set(nodes.map(({ remedy }) => remedy?.command))).toEqual(new Set([command]));
    await carryOut(bench.engine, nodes[0]!);
    expectHealthy(await look(bench.engine, 'three'));
  });

  test('servers that got other addresses than etcd was formed with get them back, for good, also by a second try', async () => {
    const { docker } = bench.engine;
    const names = [0, 1, 2].map(i => `k3d-three-server-${i}`);
    const addresses = async () =>
      (await cluster(bench.engine, 'three'))!.servers.map(({ networks }) => networks[0]?.ip);
    const before = await addresses();
    const all = [...names, 'k3d-three-agent-0', 'k3d-three-serverlb'];
    for (const node of all) await docker.stopContainer(node, { timeoutSeconds: 0 });
    // As Docker does after a reboot: whoever comes first gets the first address.
    for (const node of ['k3d-three-agent-0', ...names, 'k3d-three-serverlb']) await docker.startContainer(node);
    const found = await eventually(bench.engine, 'cluster.addresses', 'three', 'k3d-three-server-0');
    expect(found).toMatchObject({ severity: 'problem', subject: 'etcd' });
    expect(found.evidence[0]).toMatch(new RegExp(`^k3d-three-server-0: now [\\d.]+, etcd knows ${before[0]}$`));
    // Cut off when the old network is gone and the new one not made yet.
    const cut = apply(await found.remedy!.plan!(bench.engine, {}), bench.engine);
    cut.subscribe(event => {
      if (event.type === 'step.done' && event.step === 'remove network') cut.cancel();
    });
    await expect(cut.finished).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await docker.inspectNetwork('k3d-three')).toBeUndefined();
    const operation = await carryOut(bench.engine, await finding(bench.engine, 'cluster.addresses', 'three'));
    expect(operation.state).toBe('done');
    await gone(bench.engine, 'cluster.addresses', 'three');
    expect(await addresses()).toEqual(before);
    // A second reboot finds them fixed.
    for (const node of all) await docker.stopContainer(node, { timeoutSeconds: 0 });
    for (const node of [...names].reverse()) await docker.startContainer(node);
    for (const node of ['k3d-three-serverlb', 'k3d-three-agent-0']) await docker.startContainer(node);
    expect(await addresses()).toEqual(before);
    await gone(bench.engine, 'cluster.api', 'three');
  });

  test("k3s' own words about a lost member are understood", () => {
    const line =
      'time="2024-05-01T10:00:00Z" level=fatal msg="Failed to test etcd connection: this server is a not a member of the etcd cluster. Found [k3d-a-server-0-0b4cc9cd=https://172.19.0.3:2380 k3d-a-server-1-2c27b9f5=https://172.19.0.4:2380], expect: k3d-a-server-0-0b4cc9cd=172.19.0.5"';
    expect(readMembers(['nothing', line])).toEqual({
      name: 'k3d-a-server-0',
      now: '172.19.0.5',
      formed: new Map([
        ['k3d-a-server-0', '172.19.0.3'],
        ['k3d-a-server-1', '172.19.0.4'],
      ]),
    });
    expect(readMembers(['level=info msg="all is well"'])).toBeUndefined();
  });
});

describe('the doctor, proxies and registries', () => {
  const name = 'net';
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  test('nodes that ask a proxy for what is inside the cluster', async () => {
    const proxy = { envVar: 'HTTPS_PROXY=http://me:s3cret@proxy.corp:3128', nodeFilters: ['server:*'] };
    await (await create(bench.engine, spec(name, { env: [proxy] }))).finished;
    const found = await finding(bench.engine, 'proxies', name);
    expect(found).toMatchObject({ severity: 'warning', subject: 'nodes' });
    expect(JSON.stringify(found)).not.toContain('s3cret');
    const [, noProxy = ''] = /--env '(NO_PROXY=[^@]*)@/.exec(found.remedy!.command) ?? [];
    expect(noProxy).toContain('10.43.0.0/16');
    // The line makes the cluster anew with it.
    await remove(bench.engine, name);
    const left = { envVar: noProxy, nodeFilters: ['server:*'] };
    await (await create(bench.engine, spec(name, { env: [proxy, left] }))).finished;
    await gone(bench.engine, 'proxies', name);
  });

  test("Docker's own proxy, of which the nodes know nothing", async () => {
    await (await create(bench.engine, spec('plain'))).finished;
    bench.demo.world.machine.httpsProxy = 'http://proxy.corp:3128';
    const found = await finding(bench.engine, 'proxies', 'plain');
    expect(found).toMatchObject({ severity: 'warning', subject: 'Docker' });
    expect(found.remedy?.command).toContain("--env 'HTTPS_PROXY=http://proxy.corp:3128@server:*;agent:*'");
    expect(await findings(bench.engine, 'proxies', name)).toEqual([]);
    bench.demo.world.machine.httpsProxy = '';
    await gone(bench.engine, 'proxies', 'plain');
  });

  test('a proxy of the shell that stands between kubectl and the API', async () => {
    const env = { ...bench.engine.env, HTTPS_PROXY: 'http://proxy.corp:3128' };
    // A name that somebody chose with --api-port; this machine has it under a name of its own.
    const { snapshot } = bench.engine.inventory;
    const clusters = snapshot.clusters.map(one => ({ ...one, api: one.api && { ...one.api, host: 'dev.corp' } }));
    const inventory = { ...bench.engine.inventory, snapshot: { ...snapshot, clusters } } as Engine['inventory'];
    const engine = { ...bench.engine, env, inventory };
    const checked = async (changed: Engine) =>
      (await examine(changed, { cluster: 'plain' })).findings.filter(({ check }) => check === 'proxies');
    const [found] = await checked(engine);
    expect(found).toMatchObject({
      severity: 'warning',
      subject: 'shell',
      remedy: { command: 'export NO_PROXY=dev.corp' },
    });
    expect(await checked({ ...engine, env: { ...env, NO_PROXY: '.corp' } })).toEqual([]);
  });

  test('a registry that does not run, is off the network, or is gone', async () => {
    const registries = { create: { name: 'reg.localhost' }, use: [] };
    await (await create(bench.engine, spec('shop', { registries }))).finished;
    expectHealthy(await look(bench.engine, 'shop'));
    const { docker } = bench.engine;

    await docker.stopContainer('reg.localhost', { timeoutSeconds: 0 });
    const stopped = await finding(bench.engine, 'registries', 'shop');
    expect(stopped).toMatchObject({ severity: 'problem', message: expect.stringContaining('does not run') });
    await carryOut(bench.engine, stopped);
    await gone(bench.engine, 'registries', 'shop');

    await docker.disconnectNetwork('k3d-shop', 'reg.localhost');
    const off = await finding(bench.engine, 'registries', 'shop');
    expect(off).toMatchObject({ remedy: { command: 'docker network connect k3d-shop reg.localhost' } });
    await carryOut(bench.engine, off);
    await gone(bench.engine, 'registries', 'shop');

    await docker.removeContainer('reg.localhost', { force: true });
    const vanished = await finding(bench.engine, 'registries', 'shop');
    expect(vanished).toMatchObject({ severity: 'warning', subject: 'reg.localhost' });
    await carryOut(bench.engine, vanished);
    await gone(bench.engine, 'registries', 'shop');
    const { files } = bench.demo.world.container('k3d-shop-server-0');
    expect(files.text('/etc/rancher/k3s/registries.yaml')).not.toContain('reg.localhost');
  });

  test('registries.yaml that nobody can read', async () => {
    const { files } = bench.demo.world.container('k3d-plain-server-0');
    files.write('/etc/rancher/k3s/registries.yaml', 'mirrors: [', 0o644);
    const found = await finding(bench.engine, 'registries', 'plain');
    expect(found).toMatchObject({ severity: 'problem', message: expect.stringContaining('its next start fails') });
    files.write('/etc/rancher/k3s/registries.yaml', 'mirrors: {}', 0o644);
    await gone(bench.engine, 'registries', 'plain');
  });
});

/** The only finding of a check, as soon as there is one. */
async function eventually(engine: Engine, check: string, name: string, seen: string) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const found = await findings(engine, check, name);
    if (found[0]?.evidence.some(text => text.startsWith(`${seen}:`))) return found[0];
    if (Date.now() > deadline) throw new Error(`${check}: not found; ${JSON.stringify(found)}`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

async function remove(engine: Engine, name: string): Promise<void> {
  const { planClusterDelete } = await import('../../src/engine/cluster/delete.ts');
  const { gatherFacts } = await import('../../src/engine/cluster/facts.ts');
  await apply(planClusterDelete((await cluster(engine, name))!, await gatherFacts(engine)), engine).finished;
}

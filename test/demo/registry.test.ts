import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRequest } from '../../src/demo/faults.ts';
import type { Printed } from '../unit/cli-fake.ts';
import { runOn } from './cli-kit.ts';
import { type Bench, create, everything, openBench, spec } from './engine.ts';

/** A change whose path ends so. */
const failing =
  (path: RegExp) =>
  (request: FaultRequest): boolean =>
    request.method === 'POST' && path.test(request.path);

describe('registries on the command line', () => {
  let bench: Bench;
  const run = (...argv: string[]): Promise<Printed> => runOn(bench.engine, argv);

  beforeAll(async () => {
    bench = await openBench();
    await (await create(bench.engine, spec('demo', { agents: 1 }))).finished;
  });
  afterAll(() => bench.close());

  const file = async (node: string, path: string) =>
    (await bench.engine.docker.readFile(`k3d-demo-${node}`, path))?.toString('utf8') ?? '';

  it('are made, pushed to, browsed, emptied and removed again', async () => {
    expect(await run('registry', 'create', 'box', '--port', '127.0.0.1:0', '--delete-enabled')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('kubectl run mynginx --image k3d-box:'),
    });
    expect((await run('registry', 'list')).stdout).toBe(
      'NAME      ROLE       CLUSTER   STATUS\nk3d-box   registry             running\n',
    );
    expect((await run('registry', 'browse', 'box')).stdout).toBe('REPOSITORY   TAGS\n');
    await run('registry', 'push', 'box', 'registry:2');
    await run('registry', 'push', 'box', 'registry:2', '--as', 'team/app:v1');
    const browsed = await run('registry', 'browse', 'box', 'team/app');
    expect(browsed.stdout).toMatch(
      /^TAG +SIZE +DIGEST +PLATFORMS +AGE\nv1 +[\d.]+ MiB +sha256:[0-9a-f]{12} +linux\/amd64 /,
    );
    expect(JSON.parse((await run('registry', 'browse', 'box', '-o', 'json')).stdout)).toEqual([
      { repository: 'registry', tags: ['2'] },
      { repository: 'team/app', tags: ['v1'] },
    ]);
    expect(await run('registry', 'delete-tag', 'box', 'team/app:v1', '--collect')).toMatchObject({ code: 0 });
    expect((await run('registry', 'browse', 'box')).stdout).toMatch(/team\/app +-\n/);
    expect(await run('registry', 'browse', 'box', 'team/app')).toMatchObject({ code: 1 });
    const images = (await bench.engine.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
    expect(images.filter(tag => tag.startsWith('127.0.0.1:') || tag.startsWith('localhost:'))).toEqual([]);
    expect(await run('registry', 'delete', 'box')).toMatchObject({ code: 0 });
    expect((await run('registry', 'list', '--no-headers')).stdout.trim()).toBe('');
  });

  it('are connected to a cluster, proven, and taken out of it when they are deleted', async () => {
    await run('registry', 'create', 'hub', '--no-help', '--cluster', 'demo');
    await run('registry', 'push', 'hub', 'registry:2', '--as', 'team/app:v1');
    expect(await file('agent-0', '/etc/rancher/k3s/registries.yaml')).toMatch(/k3d-hub:5000:\n {4}endpoint:/);
    expect(await file('server-0', '/tmp/localRegistryHostingCM.yaml')).toContain(
      'hostFromClusterNetwork: k3d-hub:5000',
    );
    // The demo engine's nodes read registries.yaml when k3s starts; this one runs already.
    const references = await run('registry', 'references', 'hub', 'team/app:v1', '-o', 'json');
    expect(JSON.parse(references.stdout)).toMatchObject([
      { place: 'cluster', reference: 'k3d-hub:5000/team/app:v1', state: 'good' },
      { place: 'host', reference: expect.stringMatching(/^localhost:\d+\/team\/app:v1$/), state: 'good' },
      { place: 'name', state: 'bad', need: expect.stringContaining('127.0.0.1 k3d-hub') },
    ]);
    expect(references.code).toBe(0);
    expect((await run('registry', 'references', 'hub', 'team/app:none')).code).toBe(1);
    await run('registry', 'delete', 'hub');
    expect(await file('agent-0', '/etc/rancher/k3s/registries.yaml')).not.toContain('k3d-hub');
  });

  it('of a cluster go on when that is stopped while another pulls from them, and stop with it else', async () => {
    const states = async () => (await run('registry', 'list', '--no-headers')).stdout.match(/running|exited/g);
    const registries = { create: { name: 'own' }, use: [] };
    await (await create(bench.engine, spec('maker', { registries }))).finished;
    await run('registry', 'connect', 'own', '--cluster', 'demo');
    const stopped = await run('cluster', 'stop', 'maker');
    expect(stopped.stderr).toContain('own goes on, as others use it too');
    expect(await states()).toEqual(['running']);
    await run('registry', 'disconnect', 'own', '--cluster', 'demo');
    await run('cluster', 'start', 'maker');
    await run('cluster', 'stop', 'maker');
    expect(await states()).toEqual(['exited']);
    await run('cluster', 'delete', 'maker');
    expect(await states()).toBeNull();
  });

  it('keep a password to themselves: preview, command, list and evidence', async () => {
    bench.engine.env.REGISTRY_PROXY_PASSWORD = 'hush-hush';
    const flags = ['--proxy-remote-url', 'https://mirror.example.com', '--proxy-username', 'bob'];
    for (const output of [[], ['-o', 'json'], ['-o', 'yaml']]) {
      const { stdout } = await run('registry', 'create', 'mir', ...flags, '--dry-run', ...output);
      expect(stdout).toContain('k3d-mir');
      expect(stdout).not.toContain('hush-hush');
    }
    bench.demo.faults.add({ match: failing(/\/start$/), action: 'error', message: 'no luck' });
    const failed = await run('registry', 'create', 'mir', ...flags);
    bench.demo.faults.clear();
    expect(failed.code).toBe(1);
    const folder = /evidence: (\S+)/.exec(failed.stderr)?.[1];
    expect(folder).toBeDefined();
    for (const name of await readdir(folder!)) {
      expect(await readFile(join(folder!, name), 'utf8'), name).not.toContain('hush-hush');
    }
    expect(await run('registry', 'create', 'mir', ...flags, '--no-help')).toMatchObject({ code: 0 });
    const container = await bench.engine.docker.inspectContainer('k3d-mir');
    expect(container.Config.Env).toContain('REGISTRY_PROXY_PASSWORD=hush-hush');
    expect((await run('registry', 'list', '-o', 'json')).stdout).not.toContain('hush-hush');
    await run('registry', 'delete', 'mir');
  });

  it('that fail half way leave nothing behind, whichever call it is', async () => {
    const before = await everything(bench.engine);
    for (const call of [/\/containers\/create$/, /\/networks\/.*\/connect$/, /\/start$/]) {
      bench.demo.faults.add({ match: failing(call), action: 'error', message: 'no luck' });
      expect((await run('registry', 'create', 'bad', '--cluster', 'demo')).code, String(call)).toBe(1);
      bench.demo.faults.clear();
      expect(await everything(bench.engine), String(call)).toEqual(before);
    }
    expect(await file('agent-0', '/etc/rancher/k3s/registries.yaml')).not.toContain('k3d-bad');
  });

  it.each([
    [['registry', 'create', 'Bad_Name!'], /invalid registry name/],
    [['registry', 'create', 'x', '-p', 'foo'], /Port Exposure/],
    [['registry', 'create', 'x', '--default-network', 'nowhere'], /no network 'nowhere'/],
    [['registry', 'create', 'x', '--proxy-password', 'y'], /no registry to be mirrored/],
    [['registry', 'create', 'x', '--proxy-remote-url', 'ftp://z'], /no address of a registry/],
    [['registry', 'create', 'x', '--proxy-remote-url', 'https://u:p@z'], /must not hold a user name/],
    [['registry', 'delete'], /at least one registry name/],
    [['registry', 'delete', 'x', '--all'], /exclude each other/],
    [['registry', 'list', 'nosuch'], /no registry named 'nosuch'/],
    [['registry', 'connect', 'nosuch', '-c', 'demo'], /no registry named/],
    [['registry', 'connect', 'nosuch'], /no cluster is named/],
    [['registry', 'push', 'nosuch', 'a'], /no registry named/],
    [['cluster', 'create', 'c', '--registry-use', 'nosuch:5000'], /failed to find registry 'nosuch'/],
    [['cluster', 'create', 'c', '--registry-use', 'a/b@sha256:0'], /failed to parse registry reference/],
    [
      ['cluster', 'create', 'c', '--registry-config', '/no/such.yaml'],
      /failed to open registry config file at \/no\/such.yaml/,
    ],
    [['cluster', 'create', 'c', '--registry-create', 'a b'], /invalid registry name/],
    [['cluster', 'create', 'c', '--registry-delete-enabled'], /--registry-create/],
    [['cluster', 'create', 'c', '--network', 'host', '--registry-create', 'r'], /host network/],
  ])('say what is wrong with %j, and touch nothing', async (argv, why) => {
    const before = await everything(bench.engine);
    const { code, stderr } = await run(...argv);
    expect(code).toBe(1);
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(/hint: /);
    expect(await everything(bench.engine)).toEqual(before);
  });

  it('names with ports and digests are told apart', async () => {
    await run('registry', 'create', 'names', '--delete-enabled', '--no-help');
    const [, hostPort] = /localhost:(\d+)/.exec((await run('registry', 'references', 'names')).stdout)!;
    await run('registry', 'push', 'names', 'registry:2', '--as', 'deep/er/app:v1.2-rc_3');
    // Its own names may stand in front; another registry's may not, and a digest is no tag.
    expect((await run('registry', 'delete-tag', 'names', `localhost:${hostPort}/deep/er/app:v1.2-rc_3`)).code).toBe(0);
    expect((await run('registry', 'browse', 'names')).stdout).toMatch(/deep\/er\/app +-/);
    const digest = `app@sha256:${'a'.repeat(64)}`;
    for (const wrong of ['localhost:1/app:v1', 'ghcr.io/app:v1', digest, 'UPPER/case', '']) {
      expect((await run('registry', 'delete-tag', 'names', wrong)).stderr, wrong).toMatch(
        /no image in a registry|invalid image/,
      );
    }
    await run('registry', 'delete', 'names');
  });
});

import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findFolderConfig } from '../../src/engine/cluster/folder-config.ts';
import { freePorts } from '../bed/free-ports.ts';
import { runOn } from './cli-kit.ts';
import { type Bench, cluster, everything, IMAGE, openBench } from './engine.ts';

/** Host ports that nobody on this machine has: the demo engine's checks look at its sockets. */
const first = await freePorts(8);

const config = (changes: { agents?: number; image?: string; ports?: string[]; name?: string } = {}): string => `
apiVersion: k3d.io/v1alpha5
kind: Simple
metadata: { name: ${changes.name ?? 'file'} }
agents: ${changes.agents ?? 1}
image: ${changes.image ?? IMAGE}
ports: [${(changes.ports ?? [`${first}:80@loadbalancer`]).map(text => `{ port: "${text.split('@')[0]}", nodeFilters: [${text.split('@')[1]}] }`).join(', ')}]
env: [{ envVar: A=1, nodeFilters: ["agents:*"] }]
`;

describe('a cluster kept in a file', () => {
  let bench: Bench;
  let file: string;
  const run = (...argv: string[]) => runOn(bench.engine, argv);
  beforeAll(async () => {
    bench = await openBench();
    file = join(bench.home, 'k3d.yaml');
  });
  afterAll(() => bench.close());

  it('is created, brought up to what the file says then, exported, cloned, made anew and taken down', async () => {
    await writeFile(file, config());
    expect(await run('cluster', 'diff', file)).toMatchObject({ code: 1 });
    expect((await run('cluster', 'apply', file)).stdout).toContain("Cluster 'file' created");
    expect(await run('cluster', 'diff', file)).toMatchObject({ code: 0 });

    const before = await everything(bench.engine);
    expect((await run('cluster', 'apply', file)).stdout).toContain("Nothing to do: cluster 'file' is as asked for");
    expect(await everything(bench.engine)).toEqual(before);

    await writeFile(file, config({ agents: 2, ports: [`${first + 1}:81@agent:1`] }));
    const { stdout } = await run('cluster', 'diff', file);
    expect(stdout).toContain('~ agents: 1 → 2');
    expect(stdout).toContain(`- ports: ${first}:80@loadbalancer`);
    expect(stdout).toContain(`+ ports: ${first + 1}:81@agent:1`);
    expect((await run('up', '-c', file)).code).toBe(0);
    expect(await run('cluster', 'diff', file, '-o', 'json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"differences":[]'),
    });
    const live = await cluster(bench.engine, 'file');
    expect(live?.ports.map(({ hostPort, containerPort }) => [hostPort, containerPort])).toEqual([[first + 1, 81]]);
    const added = await bench.engine.docker.inspectContainer('k3d-file-agent-1');
    expect(added.Config.Env).toContain('A=1');

    const exported = join(bench.home, 'exported.yaml');
    expect((await run('cluster', 'export', 'file', '-o', exported, '--with-token')).code).toBe(0);
    expect((await stat(exported)).mode & 0o777).toBe(0o600);
    expect(await readFile(exported, 'utf8')).toContain(`token: ${live!.token}`);
    expect(await run('cluster', 'diff', exported)).toMatchObject({ code: 0 });
    expect(await run('cluster', 'export', 'file', '-o', exported)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is a file'),
    });

    const newer = 'rancher/k3s:v1.33.5-k3s1';
    const dry = await run('cluster', 'clone', 'file', 'twin', '--image', newer, '--dry-run');
    expect(dry.stdout.match(/image .*k3s.*/g)).toEqual(Array(3).fill(`image ${newer}`));
    const clone = await run('cluster', 'clone', 'file', 'twin');
    expect(clone.stdout).toContain(`port ${first + 1}:81 becomes ${first + 2}:81`);
    const twin = await cluster(bench.engine, 'twin');
    expect(twin).toMatchObject({ status: 'running', agentsRunning: 2 });
    expect(twin!.token).not.toBe(live!.token);
    expect(twin!.ports.map(({ hostPort }) => hostPort)).toEqual([first + 2]);

    await writeFile(file, config({ agents: 1, image: 'rancher/k3s:v1.30.0-k3s1' }));
    const partly = await run('up', '-c', file);
    expect(partly).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('image can only be had by making it anew'),
    });
    expect(partly.stderr).toContain('k3dui cluster clone file NEW --image IMAGE');
    expect((await cluster(bench.engine, 'file'))?.agents).toHaveLength(1);
    expect(await run('up', '-c', file, '--recreate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nobody is there to be asked'),
    });
    expect((await run('up', '-c', file, '--recreate', '--yes')).code).toBe(0);
    expect((await cluster(bench.engine, 'file'))?.servers[0]?.image).toContain('v1.30.0');

    expect((await run('down', '-c', file, '--stop')).code).toBe(0);
    expect((await cluster(bench.engine, 'file'))?.status).toBe('stopped');
    expect((await run('up', '-c', file)).code).toBe(0);
    expect((await cluster(bench.engine, 'file'))?.status).toBe('running');
    await run('down', '-c', file);
    await run('cluster', 'delete', 'twin');
    expect(await everything(bench.engine)).toEqual([]);
    expect((await run('down', '-c', file)).stdout).toContain("There is no cluster 'file'");
  });

  it('files of the config file are put into nodes that lack them or have them otherwise', async () => {
    const withFile = (content: string) =>
      `${config({ name: 'files' })}files: [{ source: "${content}\\n", destination: /etc/app.conf, nodeFilters: ["agents:*"] }]\n`;
    await writeFile(file, withFile('one'));
    await run('up', '-c', file);
    expect(await run('cluster', 'diff', file)).toMatchObject({ code: 0 });
    await writeFile(file, withFile('two'));
    expect((await run('cluster', 'diff', file)).stdout).toContain('~ files: /etc/app.conf on agent:0 as it is');
    const { code, stderr } = await run('up', '-c', file);
    expect([code, stderr]).toEqual([0, expect.stringContaining('when it starts next')]);
    const put = await bench.engine.docker.readFile('k3d-files-agent-0', '/etc/app.conf');
    expect(put?.toString()).toBe('two\n');
    expect(await run('cluster', 'diff', file)).toMatchObject({ code: 0 });
    await run('down', '-c', file);
  });

  it('trouble is not a difference: diff ends with 2', async () => {
    expect(await run('cluster', 'diff', join(bench.home, 'none.yaml'))).toMatchObject({ code: 2 });
    expect(await run('cluster', 'diff', file, '--outptu', 'json')).toMatchObject({ code: 2 });
    expect(await run('cluster', 'diff')).toMatchObject({ code: 2 });
    await writeFile(file, 'servers: {');
    expect(await run('cluster', 'diff', file)).toMatchObject({ code: 2 });
  });

  it('is deleted by its file, whatever is wrong in that besides the name', async () => {
    const broken = join(bench.home, 'broken.yaml');
    const files = 'files: [{ source: not-there.yaml, destination: /a }]\n';
    await writeFile(broken, `${config({ name: 'broken', ports: ['8080:80@nosuch:0'] })}${files}`);
    expect((await run('cluster', 'create', 'broken')).code).toBe(0);
    expect(await run('cluster', 'create', '-c', broken)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("invalid format or empty subset in 'nosuch:0'"),
    });
    expect(await run('cluster', 'delete', '-c', broken)).toMatchObject({ code: 0 });
    expect(await cluster(bench.engine, 'broken')).toBeUndefined();
    expect((await run('down', '-c', broken)).stdout).toContain("There is no cluster 'broken', nothing to do");
    await writeFile(broken, 'apiVersion: k3d.io/v1alpha5\nkind: Simple\nservers: two\n');
    expect(await run('cluster', 'delete', '-c', broken)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('servers: Invalid type'),
    });
  });

  it('cannot be in a network of Docker’s own where nodes have no names', async () => {
    for (const network of ['bridge', 'none']) {
      expect(await run('cluster', 'create', 'lost', '--network', network)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(
          `in Docker's network '${network}' the nodes of a cluster cannot find each other`,
        ),
      });
    }
    expect(await run('cluster', 'create', 'alone', '--network', 'bridge', '--no-lb', '--dry-run')).toMatchObject({
      code: 0,
    });
  });
});

describe('a dry run changes nothing:', () => {
  let bench: Bench;
  let before: string;
  let file: string;
  /** All that a command could have changed. */
  const state = async () => {
    const containers = await bench.engine.docker.listContainers();
    const kubeconfig = join(bench.home, '.kube', 'config');
    return JSON.stringify([
      await everything(bench.engine),
      containers.map(({ Names, State, Ports }) => [Names, State, Ports]),
      existsSync(kubeconfig) ? await readFile(kubeconfig, 'utf8') : '',
    ]);
  };
  beforeAll(async () => {
    bench = await openBench();
    file = join(bench.home, 'other.yaml');
    await writeFile(file, config({ name: 'other' }));
    const own = join(bench.home, 'own.yaml');
    await writeFile(own, config({ name: 'own' }));
    await runOn(bench.engine, ['cluster', 'apply', own]);
    await runOn(bench.engine, ['registry', 'create', 'reg', '--no-help']);
    await runOn(bench.engine, ['cluster', 'stop', 'own']);
    await runOn(bench.engine, ['node', 'start', 'own-server-0', '--wait']);
    before = await state();
  });
  beforeEach(async () => bench.engine.inventory.refresh());
  afterAll(() => bench.close());

  it.each([
    'cluster create fresh',
    'cluster start own',
    'cluster stop own',
    'cluster restart own',
    'cluster delete own',
    `cluster edit own --port-add ${first + 3}:90@loadbalancer`,
    'cluster clone own twin',
    'cluster apply FILE',
    'up -c FILE',
    'down -c OWN',
    'down -c OWN --stop',
    'node create extra -c own',
    'node start own-agent-0',
    'node stop own-server-0',
    'node restart own-server-0',
    'node delete own-agent-0',
    `node edit own-serverlb --port-add ${first + 3}:90@loadbalancer`,
    'kubeconfig merge own -d',
    'registry create more',
    'registry stop k3d-reg',
    'registry start k3d-reg',
    'registry delete k3d-reg',
    'registry connect k3d-reg -c own',
  ])('%s', async line => {
    const words = line.replace('FILE', file).replace('OWN', join(bench.home, 'own.yaml')).split(' ');
    const { code, stdout, stderr } = await runOn(bench.engine, [...words, '--dry-run']);
    expect([code, stderr.replace(/WARN.*\n/g, '')]).toEqual([0, '']);
    expect(stdout).not.toBe('');
    expect(await state()).toBe(before);
  });

  it('of several clusters is one list for programs', async () => {
    const { stdout } = await runOn(bench.engine, ['cluster', 'delete', '--all', '--dry-run', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ title: 'delete cluster own' });
  });
});

describe('the config file of a folder', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('is found from below, but not beyond the repository', async () => {
    const project = join(bench.home, 'work', 'project');
    await mkdir(join(project, 'src', 'deep'), { recursive: true });
    await mkdir(join(project, '.git'));
    await writeFile(join(bench.home, 'work', 'k3d.yaml'), config());
    const find = (folder: string) => findFolderConfig(folder, bench.engine.env);
    await expect(find(join(project, 'src'))).rejects.toThrow(/there is no config file in/);
    await mkdir(join(project, '.k3d'));
    await writeFile(join(project, '.k3d', 'config.yml'), config());
    expect(await find(join(project, 'src', 'deep'))).toBe(join(project, '.k3d', 'config.yml'));
    await writeFile(join(project, 'k3d.yaml'), config());
    expect(await find(project)).toBe('k3d.yaml');
  });
});

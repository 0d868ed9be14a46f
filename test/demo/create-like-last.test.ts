import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastRequestPath, rememberRequest } from '../../src/engine/cluster/last-request.ts';
import { freePorts } from '../bed/free-ports.ts';
import { runOn } from './cli-kit.ts';
import { type Bench, cluster, everything, openBench, spec } from './engine.ts';

const port = await freePorts(1);

describe('a cluster like the last one', () => {
  let bench: Bench;
  const run = (...argv: string[]) => runOn(bench.engine, argv);
  const file = () => lastRequestPath(bench.engine.env);
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('is asked for by one flag, and flags say what differs', async () => {
    expect(await run('cluster', 'create', '--like-last')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no cluster was created yet'),
    });
    const made = [
      '--agents',
      '2',
      '-p',
      `${port}:80@loadbalancer`,
      '-e',
      'A=$b@server:0',
      '-e',
      'DB_PASSWORD=hunter22@all',
    ];
    expect(await run('cluster', 'create', 'first', '--token', 'verySecret', ...made)).toMatchObject({ code: 0 });
    const text = await readFile(file(), 'utf8');
    expect(text).not.toMatch(/verySecret|hunter22/);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect((await stat(join(file(), '..'))).mode & 0o777).toBe(0o700);

    expect((await run('cluster', 'delete', 'first')).code).toBe(0);
    const { code, stdout, stderr } = await run('cluster', 'create', 'second', '--like-last', '--agents', '1');
    expect(code).toBe(0);
    expect(stdout).toContain("Like the last cluster that was created, 'first'");
    expect(stderr).toContain('not kept from the last time: the token; a new one is made');
    expect(stderr).toContain('not kept from the last time: DB_PASSWORD=<hidden>');
    const second = await cluster(bench.engine, 'second');
    expect(second).toMatchObject({ agentsRunning: 1, status: 'running' });
    expect(second!.token).not.toBe('verySecret');
    expect(second!.ports.map(({ hostPort }) => hostPort)).toEqual([port]);
    const server = await bench.engine.docker.inspectContainer('k3d-second-server-0');
    expect(server.Config.Env).toContain('A=$b');
    expect(server.Config.Env?.filter(variable => variable.startsWith('DB_PASSWORD'))).toEqual([]);
  });

  it('takes the place of the one that is there, as one plan', async () => {
    const before = await cluster(bench.engine, 'second');
    expect(await run('cluster', 'create', '--like-last')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("a cluster with the name 'second' exists already"),
    });
    expect(await run('cluster', 'create', '--like-last', '--replace')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--yes'),
    });
    const dry = await run('cluster', 'create', '--like-last', '--replace', '--dry-run');
    expect(dry.stdout).toContain('everything in cluster second is lost');
    expect(dry.stdout).toMatch(/Remove k3d-second-server-0/i);
    expect((await cluster(bench.engine, 'second'))!.servers[0]!.id).toBe(before!.servers[0]!.id);
    expect((await run('cluster', 'create', '--like-last', '--replace', '--yes')).code).toBe(0);
    const after = await cluster(bench.engine, 'second');
    expect(after).toMatchObject({ status: 'running', agentsRunning: 1 });
    expect(after!.servers[0]!.id).not.toBe(before!.servers[0]!.id);
    expect(after!.ports.map(({ hostPort }) => hostPort)).toEqual([port]);
  });

  it('--replace creates where there is none, with a registry of its own too', async () => {
    const argv = ['cluster', 'create', 'third', '--registry-create', 'third-reg', '--replace', '--yes'];
    expect((await run(...argv)).code).toBe(0);
    const named = async () => (await everything(bench.engine)).filter(thing => !/volume [0-9a-f]{64}/.test(thing));
    const things = await named();
    expect((await run(...argv)).code).toBe(0);
    expect(await named()).toEqual(things);
  });

  it('is not confused by a file that is damaged: it says so, and the next create writes it anew', async () => {
    await mkdir(join(file(), '..'), { recursive: true });
    await writeFile(file(), 'apiVersion: k3d.io/v1alpha5\nkind: Simple\nagents: [\x1b[2J\n');
    const { code, stderr } = await run('cluster', 'create', 'fourth', '--like-last');
    expect(code).toBe(1);
    expect(stderr).toContain('what the last cluster was made of cannot be used');
    expect(stderr).toContain(file());
    expect(stderr).not.toContain('\x1b[2J');
    expect((await run('cluster', 'create', 'fourth')).code).toBe(0);
    expect((await run('cluster', 'create', 'fifth', '--like-last')).code).toBe(0);
  });

  it('cannot be like the last one and like a file at once', async () => {
    expect(await run('cluster', 'create', '--like-last', '-c', 'k3d.yaml')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot be used together'),
    });
  });

  it('a create that failed is not kept', async () => {
    const before = await readFile(file(), 'utf8');
    bench.demo.faults.add({ match: '/start', times: 100, action: 'error', status: 500, message: 'no' });
    expect((await run('cluster', 'create', 'sixth', '--agents', '3')).code).toBe(1);
    bench.demo.faults.clear();
    expect(await readFile(file(), 'utf8')).toBe(before);
  });

  it('keeps files by their paths, and logins and secrets of none', async () => {
    const manifest = join(bench.home, 'app.yaml');
    await writeFile(manifest, 'kind: Secret\nstringData: { a: hunter22 }\n');
    const registries =
      'mirrors:\n  a.io:\n    endpoint: [http://b]\nconfigs:\n  a.io:\n    auth: { password: hunter22 }\n';
    await rememberRequest(
      bench.engine.env,
      spec('files', {
        files: [
          { path: 'app.yaml', content: 'kind: Secret', destination: '/a', nodeFilters: [] },
          { content: 'kind: Secret\ndata: hunter22\n', destination: '/b', nodeFilters: [] },
          { content: 'hello: $world\n', destination: '/c', nodeFilters: ['server:0'] },
        ],
        registries: {
          use: [],
          config: registries,
          create: { name: 'r', proxy: { remoteURL: 'https://u:hunter22@x' } },
        },
        volumes: [{ volume: './data:/data', nodeFilters: [] }],
      }),
      bench.home,
    );
    const text = await readFile(file(), 'utf8');
    expect(text).not.toContain('hunter22');
    expect(text).toContain(`source: ${manifest}`);
    expect(text).toContain('hello: \\x24world');
    expect(text).toContain(`volume: ${process.cwd()}/data:/data`);
    expect(text).toContain('endpoint:');
    const { stderr, stdout } = await run('cluster', 'create', 'seventh', '--like-last', '--dry-run', '--image', 'x');
    expect(stderr).toContain('not kept from the last time: the file /b, as there may be a secret in it');
    expect(stderr).toContain('not kept from the last time: the login for a.io');
    expect(stdout).toContain('file /a');
  });
});

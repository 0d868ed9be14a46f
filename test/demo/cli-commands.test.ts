import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import { Shell } from './cli-harness.ts';

let demo: Demo;
let shell: Shell;

beforeEach(async () => {
  demo = await startDemo({ tempo: 0.1 });
  shell = new Shell('--host', demo.host);
});

afterEach(async () => {
  shell.remove();
  await demo.close();
});

/** What the engine holds beside Docker's own networks. */
function held(): string[] {
  const { containers, networks, volumes } = demo.world;
  const names = [...containers.values(), ...networks.values()].map(({ name }) => name.replace(/^\//, ''));
  return [...names, ...volumes.keys()].filter(name => !['bridge', 'host', 'none'].includes(name)).sort();
}

const changes = () => demo.calls.filter(call => call.method !== 'GET' && call.method !== 'HEAD');

describe('a cluster’s life from the command line', () => {
  it('create, look, kubeconfig, stop, start, restart, delete; nothing is left', async () => {
    const created = await shell.run('cluster', 'create', 'life', '--agents', '1', '-p', '0:80@loadbalancer');
    expect(created).toMatchObject({ code: 0 });
    expect(created.stdout).toMatch(
      /INFO\[\d{4}\] Cluster 'life' created successfully!\nINFO\[\d{4}\] You can now use it like this:\nkubectl cluster-info\n$/,
    );
    expect(readFileSync(shell.kubeconfig, 'utf8')).toContain('current-context: k3d-life');

    expect((await shell.run('cluster', 'list')).stdout).toBe(
      'NAME   SERVERS   AGENTS   LOADBALANCER\nlife   1/1       1/1      true\n',
    );
    expect((await shell.run('node', 'list', '--no-headers')).stdout).toContain(
      'k3d-life-agent-0    agent          life   running',
    );

    const got = await shell.run('kubeconfig', 'get', 'life');
    expect(got).toMatchObject({ code: 0, stderr: '' });
    expect(got.stdout).toMatch(/^---\napiVersion: v1\n/);
    expect(got.stdout).toMatch(/server: https:\/\/127\.0\.0\.1:\d+\n/);

    expect(await shell.run('cluster', 'stop', 'life')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Stopped cluster 'life'"),
    });
    expect((await shell.run('cluster', 'list', 'life', '--no-headers')).stdout).toBe('life   0/1   0/1   true\n');
    expect(await shell.run('cluster', 'start', '--all')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Started cluster 'life'"),
    });
    expect(await shell.run('cluster', 'start', 'life')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('already running'),
    });
    expect(await shell.run('cluster', 'restart', 'life')).toMatchObject({ code: 0 });

    const deleted = await shell.run('cluster', 'rm', 'life', 'nobody');
    expect(deleted).toMatchObject({ code: 0, stderr: '' });
    expect(deleted.stdout).toContain("No nodes found for cluster 'nobody', nothing to delete.");
    expect(deleted.stdout).toContain('Successfully deleted cluster life!');
    expect(held()).toEqual([]);
    expect(readFileSync(shell.kubeconfig, 'utf8')).not.toContain('k3d-life');
  });

  it('kubeconfigs of two clusters, in files of their own and merged into one', async () => {
    for (const name of ['one', 'two']) {
      const made = await shell.run('cluster', 'create', name, '--kubeconfig-update-default=false');
      expect(made.stdout).toContain(`export KUBECONFIG=$(k3dui kubeconfig write ${name})\nkubectl cluster-info\n`);
    }
    const own = await shell.run('kubeconfig', 'write', 'one', 'two');
    const paths = ['one', 'two'].map(name => join(shell.home, 'config', `kubeconfig-${name}.yaml`));
    expect(own).toEqual({ code: 0, stdout: `${paths.join(':')}\n`, stderr: '' });
    for (const path of paths) expect(readFileSync(path, 'utf8')).toContain('admin@k3d-');

    const merged = join(shell.home, 'merged.yaml');
    expect(
      (await shell.run('kubeconfig', 'merge', '--all', '-o', merged, '--kubeconfig-switch-context=false')).stdout,
    ).toBe(`${merged}\n`);
    const text = readFileSync(merged, 'utf8');
    expect(text).toContain('name: k3d-one');
    expect(text).toContain('name: k3d-two');
    expect(text).toContain('current-context: k3d-one');
    expect(await shell.run('kubeconfig', 'get', 'one', 'nobody')).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('what goes wrong', () => {
  it('a preview changes nothing and shows no secret', async () => {
    const text = await shell.run('cluster', 'create', 'x', '--dry-run', '--token', 'verySecretToken');
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain('Create network k3d-x');
    const json = await shell.run('cluster', 'create', 'x', '--dry-run', '-o', 'json', '--token', 'verySecretToken');
    expect(JSON.parse(json.stdout)).toMatchObject({ cluster: 'x', steps: expect.any(Array) });
    expect(text.stdout + json.stdout).not.toContain('verySecretToken');
    expect(changes()).toEqual([]);
  });

  it('every mistake is named before anything is touched', async () => {
    const { code, stderr } = await shell.run('cluster', 'create', 'Bad_Name', '--servers', '0', '--agents', '-1');
    expect(code).toBe(1);
    expect(stderr).toContain('Bad_Name');
    expect(stderr).toContain('at least one server');
    expect(stderr).toContain('agents cannot be -1');
    expect(stderr.match(/FATA/g)).toHaveLength(1);
    expect(changes()).toEqual([]);
  });

  it('an image that cannot be pulled: one error with a hint, and nothing is left', async () => {
    const { code, stderr } = await shell.run(
      'cluster',
      'create',
      'x',
      '--image',
      'example.com/missing/k3s:v1.31.2-k3s1',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/FATA\[\d{4}\] .*example\.com\/missing\/k3s:v1\.31\.2-k3s1/);
    expect(stderr).toContain('hint: ');
    expect(held()).toEqual([]);
  });

  it('one of two deletions fails: the other is done, both are told, exit code 1', async () => {
    for (const name of ['good', 'stuck']) expect(await shell.run('cluster', 'create', name)).toMatchObject({ code: 0 });
    const server = [...demo.world.containers.values()].find(container =>
      container.name.endsWith('k3d-stuck-server-0'),
    )!;
    demo.faults.add({
      match: ({ method, path }) => method === 'DELETE' && path.includes(server.id),
      times: Number.POSITIVE_INFINITY,
      action: 'error',
      message: 'device or resource busy',
    });
    const { code, stdout, stderr } = await shell.run('cluster', 'delete', '--all');
    expect(code).toBe(1);
    expect(stdout).toContain('Successfully deleted cluster good!');
    expect(stdout).not.toContain('deleted cluster stuck');
    expect(stderr).toMatch(/cluster 'stuck': .*device or resource busy/);
    expect(held().some(name => name.includes('good'))).toBe(false);
    expect(held()).toContain('k3d-stuck-server-0');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s in the middle of a create undoes it and ends with %i',
    async (signal, code) => {
      demo.faults.add({ match: 'POST /containers/create', action: 'delay', ms: 1500, times: Number.POSITIVE_INFINITY });
      const command = shell.start(['cluster', 'create', 'x']);
      await command.said('Create k3d-x-server-0');
      command.signal(signal);
      const ended = await command.ended;
      expect(ended.code).toBe(code);
      expect(ended.stderr).toContain('cancelled');
      expect(held()).toEqual([]);
    },
    60_000,
  );

  it('an engine that is not there', async () => {
    const { code, stdout, stderr } = await new Shell('--host', 'unix:///nowhere/docker.sock').run('cluster', 'list');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^FATA\[0000\] .*unix:\/\/\/nowhere\/docker\.sock\n {2}hint: .+\n$/);
  });
});

describe('for scripts', () => {
  it('progress as JSON: every line an object, the last says that it is done', async () => {
    const { code, stdout, stderr } = await shell.run('cluster', 'create', 'j', '--progress', 'json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { type: string; message?: string });
    expect(events[0]).toMatchObject({ type: 'operation.started', cluster: 'j' });
    expect(events.find(event => event.type === 'operation.ended')).toMatchObject({ state: 'done' });
    expect(events.at(-1)).toMatchObject({ type: 'log', commands: ['kubectl cluster-info'] });
  });

  it('--demo in front of any command runs it on a demo engine with clusters, and leaves the kubeconfig alone', async () => {
    const own = new Shell('--demo');
    const { code, stdout } = await own.run('cluster', 'list', '--no-headers');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n').length).toBeGreaterThan(2);
    expect(await own.run('cluster', 'create', 'mine')).toMatchObject({ code: 0 });
    expect(() => readFileSync(own.kubeconfig)).toThrow('ENOENT');
    own.remove();
  });
});

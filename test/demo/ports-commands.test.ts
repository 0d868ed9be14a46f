import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/open.ts';
import { runCli } from '../unit/cli-fake.ts';
import { type Bench, cluster, create, openBench, spec } from './engine.ts';
import { answer } from './ports-kit.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  const ports = [{ port: '18140:80', nodeFilters: ['loadbalancer'] }];
  await (await create(bench.engine, spec('ops', { agents: 1, ports }))).finished;
});
afterEach(() => bench.close());

const k3dui = (...words: string[]) =>
  runCli(words, [], {
    env: { HOME: bench.home },
    openEngine: () => openEngine({ env: { HOME: bench.home }, host: bench.demo.host, demo: true }),
  });
const changes = () => bench.demo.calls.filter(({ method }) => method !== 'GET' && method !== 'HEAD').length;

describe('cluster edit', () => {
  it('adds, deletes and does both at once, and says so as k3d does', async () => {
    const added = await k3dui('cluster', 'edit', 'ops', '--port-add', '19092:92@loadbalancer');
    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toMatch(/Port 19092:92 goes to all servers and agents/);
    expect(added.stdout).toMatch(/INFO\[\d{4}\] Successfully updated ops\n$/);
    expect(await answer(19092)).toMatch(/^k3d-ops-/);
    const both = await k3dui(
      'clusters',
      'update',
      'ops',
      '--port-delete',
      '19092:92',
      '--port-add',
      '19093:93@agent:0',
    );
    expect(both).toMatchObject({ code: 0, stderr: '' });
    expect(await answer(19092)).toBeUndefined();
    expect(await answer(19093)).toBe('k3d-ops-agent-0');
  });

  it('does nothing when there is nothing to do, where k3d replaces the load balancer', async () => {
    const before = changes();
    expect(await k3dui('cluster', 'edit', 'ops')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to do: ops is so already'),
    });
    expect(await k3dui('cluster', 'edit', 'ops', '--port-add', '18140:80')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to do'),
    });
    const missing = await k3dui('cluster', 'edit', 'ops', '--port-delete', '17000:70');
    expect(missing).toMatchObject({ code: 0, stderr: expect.stringContaining('there is no mapping 17000:70') });
    expect(changes()).toBe(before);
  });

  it('shows with --dry-run what it would do and what changes in nginx.conf', async () => {
    const before = changes();
    const shown = await k3dui('cluster', 'edit', 'ops', '--port-add', '19092:92@server:0', '--dry-run');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('hand over the ports');
    expect(shown.stdout).toMatch(/^ {2}\+ +server k3d-ops-server-0:92 max_fails=1 fail_timeout=10s;$/m);
    expect(shown.stdout).not.toMatch(/^ {2}- /m);
    expect(shown.stdout).not.toContain((await cluster(bench.engine, 'ops'))!.token);
    const json = await k3dui('cluster', 'edit', 'ops', '--port-add', '19092:92', '--dry-run', '-o', 'json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      cluster: 'ops',
      command: 'k3dui cluster edit ops --port-add 19092:92',
    });
    expect(changes()).toBe(before);
  });

  it('ends with 1 and touches nothing when asked for what cannot be', async () => {
    const before = changes();
    for (const [words, said] of [
      [['--port-add', '19999:99@server:0:direct'], "unallowed suffix 'direct' in nodefilter 'server:0:direct'"],
      [['--port-add', '19999:nonsense'], 'invalid containerPort: nonsense'],
      [['--port-add', '1:2', '--port-add', '1:2@agent:0'], 'Same Portmapping can not be used for multiple nodes'],
      [['--port-add', '18140:99'], 'host port 18140/tcp already leads to 80'],
      [['--port-add', '19999:99@agent:5'], 'Index out of range'],
      [['--port-add', '1:2', '--port-delete', '1:2'], 'to be added and deleted at once'],
    ] as const) {
      const ended = await k3dui('cluster', 'edit', 'ops', ...words);
      expect(ended, words.join(' ')).toMatchObject({ code: 1, stderr: expect.stringContaining(said) });
      expect(ended.stderr, words.join(' ')).toContain('hint: ');
    }
    expect(await k3dui('cluster', 'edit', 'nope', '--port-add', '1:2')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no cluster named 'nope'"),
    });
    expect(await k3dui('cluster', 'edit')).toMatchObject({ code: 1 });
    expect(changes()).toBe(before);
  });
});

describe('node edit', () => {
  it('changes a load balancer, with the nodes that cluster edit would choose', async () => {
    const added = await k3dui('node', 'edit', 'k3d-ops-serverlb', '--port-add', '19091:91');
    expect(added.stdout).toMatch(/Successfully updated k3d-ops-serverlb\n$/);
    const config = await k3dui('debug', 'lb', 'get-config', 'ops');
    expect(config.stdout).toContain('  91.tcp:\n  - k3d-ops-server-0\n  - k3d-ops-agent-0\n');
    expect(await k3dui('nodes', 'update', 'ops-serverlb', '--port-delete', '127.0.0.1:19091:91')).toMatchObject({
      code: 0,
    });
    expect((await k3dui('debug', 'lb', 'get-config', 'ops')).stdout).not.toContain('91.tcp');
  });

  it('explains for any other node what that would cost, and the way that works', async () => {
    const refused = await k3dui('node', 'edit', 'k3d-ops-agent-0', '--port-add', '19091:91');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('only a load balancer can') });
    expect(refused.stderr).toContain('k3dui cluster edit ops --port-add 19091:91@agent:0:proxy');
    expect(await k3dui('node', 'edit', 'k3d-nope-serverlb', '--port-add', '9998:98')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('k3d-nope-serverlb'),
    });
  });
});

describe('debug loadbalancer get-config', () => {
  it('prints what k3d prints, of a stopped cluster too, and is not in the help', async () => {
    await bench.engine.docker.stopContainer('k3d-ops-serverlb', { timeoutSeconds: 0 });
    // recordings: ops/28-debug-lb-get-config
    expect(await k3dui('debug', 'loadbalancer', 'get-config', 'ops')).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'ports:\n  80.tcp:\n  - k3d-ops-server-0\n  - k3d-ops-agent-0\n  6443.tcp:\n  - k3d-ops-server-0\nsettings:\n  workerConnections: 1024\n\n',
    });
    expect((await k3dui('--help')).stdout).not.toMatch(/debug/);
  });
});

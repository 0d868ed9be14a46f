import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import { Shell } from './cli-harness.ts';

let demo: Demo;
let shell: Shell;

beforeEach(async () => {
  demo = await startDemo({ tempo: 0 });
  shell = new Shell('--host', demo.host);
});

afterEach(async () => {
  shell.remove();
  await demo.close();
});

const names = () => [...demo.world.containers.values()].map(({ name }) => name.replace(/^\//, '')).sort();

describe('nodes from the command line', () => {
  it('create, stop, start, restart, shell, delete', async () => {
    await shell.run('cluster', 'create', 'ops', '--agents', '1');
    const created = await shell.run('node', 'create', 'extra', '-c', 'ops', '--replicas', '2');
    expect(created).toMatchObject({ code: 0 });
    expect(created.stdout).toMatch(/Adding 2 node\(s\) to the runtime local cluster 'ops'\.\.\.\n/);
    expect(created.stdout).toMatch(/Successfully created 2 node\(s\)!\n$/);
    expect((await shell.run('node', 'list', '--no-headers')).stdout).toMatch(/k3d-extra-1\s+agent\s+ops\s+running/);

    expect(await shell.run('node', 'stop', 'k3d-extra-0')).toMatchObject({ code: 0 });
    const down = await shell.run('node', 'shell', 'k3d-extra-0', '--', 'true');
    expect(down).toMatchObject({ code: 1 });
    expect(down.stderr).toContain('k3dui node start k3d-extra-0');
    expect(await shell.run('node', 'start', 'extra-0', '--wait')).toMatchObject({ code: 0 });
    expect((await shell.run('node', 'restart', 'k3d-extra-0')).stdout).toMatch(/Restarted k3d-extra-0\n$/);

    const inside = await shell.run('node', 'shell', 'k3d-extra-0', '--', 'sh', '-c', 'cat /etc/hostname; exit 7');
    expect(inside).toMatchObject({ code: 7, stdout: 'k3d-extra-0\n' });

    const deleted = await shell.run('node', 'delete', 'k3d-extra-0', 'k3d-extra-1');
    expect(deleted.stdout).toMatch(/Successfully deleted 2 node\(s\)!\n$/);
    expect(names()).toEqual(['k3d-ops-agent-0', 'k3d-ops-server-0', 'k3d-ops-serverlb']);
  });

  it('--all deletes every node, and registries only when told', async () => {
    await shell.run('cluster', 'create', 'ops');
    const deleted = await shell.run('node', 'delete', '--all');
    expect(deleted.stdout).toContain("Didn't set '--registries', so won't delete registries.");
    expect(deleted.stdout).toMatch(/Successfully deleted 2 node\(s\)!\n$/);
    expect(names()).toEqual([]);
    expect(await shell.run('node', 'delete', '--all')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No nodes found'),
    });
  });

  it('--dry-run says exactly what would be done, and does nothing', async () => {
    await shell.run('cluster', 'create', 'ops');
    const before = demo.calls.filter(({ method }) => method !== 'GET').length;
    const add = await shell.run('node', 'create', 'extra', '-c', 'ops', '--dry-run');
    expect(add.stdout).toMatch(/add k3d-extra-0 to ops:/i);
    const remove = await shell.run('node', 'delete', 'k3d-ops-serverlb', '--dry-run', '-o', 'json');
    expect(JSON.parse(remove.stdout)).toMatchObject({ title: 'delete node k3d-ops-serverlb' });
    expect(demo.calls.filter(({ method }) => method !== 'GET').length).toBe(before);
  });
});

// As recorded of k3d: fail/60, 61, 65, 67, and ops/34, where k3d tries for 45 seconds.
describe('node commands that cannot be', () => {
  let still: Demo;
  let at: Shell;
  beforeAll(async () => {
    still = await startDemo({ tempo: 0 });
    at = new Shell('--host', still.host);
    await at.run('cluster', 'create', 'ops');
  });
  afterAll(async () => {
    at.remove();
    await still.close();
  });

  it.each([
    [['create', 'n1', '-c', 'nope'], /no cluster named 'nope': no nodes found for it/],
    [['create', 'n2', '-c', 'ops', '--role', 'boss'], /Unknown node role 'boss'/],
    [['create', 'srv', '-c', 'ops', '--role', 'server'], /'ops' keeps its data in SQLite/],
    [['create', 'far', '-c', 'https://10.0.0.5:6443'], /only with that cluster's token/],
    [['create', 'x', '-c', 'ops', '--memory', 'lots'], /memory limit value 'lots' is invalid/],
    [['delete', 'nope'], /no node named 'nope'/],
    [['delete', 'k3d-ops-server-0'], /is the only server of cluster 'ops'/],
    [['delete'], /no node is named/],
    [['stop', 'nope'], /no node named 'nope'/],
    [['shell', 'nope'], /no node named 'nope'/],
  ])('%j fails with exit code 1 and touches nothing', async (args, message) => {
    const changes = () => still.calls.filter(({ method, path }) => method !== 'GET' && !path.includes('/exec')).length;
    const before = changes();
    const ended = await at.run('node', ...args);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(message);
    expect(changes()).toBe(before);
  });
});

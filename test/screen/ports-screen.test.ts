import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, demoWith } from './app.ts';
import { expectNoOverflow } from './checks.ts';

describe('ports in a real terminal', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await demoWith([
      ['alpha', '--agents', '2', '--port', '17190:80@loadbalancer', '--port', '17191:81@agent:0'],
      ['beta', '--port', '17195:80@loadbalancer'],
      ['bare', '--no-lb'],
    ]);
  });
  afterAll(() => demo.close());

  async function opened(cluster: string, cols = 80, rows = 24): Promise<App> {
    const app = App.start({ host: demo.host, cols, rows });
    const { terminal } = app;
    await terminal.waitFor(/alpha\s+● running/);
    terminal.type(':');
    await terminal.waitFor(/^ :/m);
    terminal.type(`ports ${cluster}`);
    terminal.press('Enter');
    await terminal.waitFor(`Ports of ${cluster}`);
    return app;
  }

  test.each([
    [80, 24],
    [100, 30],
    [160, 45],
  ])('fit into %i×%i with the mapping and the files below, and in the wizard', async (cols, rows) => {
    await using app = await opened('alpha', cols, rows);
    const { terminal } = app;
    await terminal.waitFor(/0\.0\.0\.0:17190 .* proxy/);
    await terminal.waitFor('nginx.conf of k3d-alpha-serverlb');
    terminal.press('j');
    await terminal.waitFor('load balancer 80/tcp → server-0, agent-0, agent-1 80/tcp');
    terminal.press('y');
    await terminal.waitFor('values.yaml of k3d-alpha-serverlb');
    await terminal.waitFor(/80\.tcp:/);
    terminal.press('a');
    await terminal.waitFor('What shall be reachable');
    await terminal.waitFor(/80\/tcp +\S+/);
    terminal.press('Enter');
    await terminal.waitFor(/✓ 80\d\d:80 is free/);
    terminal.press('Enter');
    await terminal.waitFor('Which nodes shall answer');
    terminal.press('Enter');
    await terminal.waitFor('▸ Apply ◂');
    terminal.press('Esc', 'Esc', 'Esc', 'Esc', 'Esc');
    await terminal.waitGone('Add a port');
    expectNoOverflow(terminal);
  });

  test('a port is added, proven, changed without an interruption and removed', async () => {
    await using app = await opened('alpha', 100, 30);
    const { terminal } = app;
    await terminal.waitFor(/17190 .* proxy/);
    const before = containerId(demo, 'k3d-alpha-serverlb');
    terminal.press('a');
    await terminal.waitFor('another port');
    terminal.type('17192:6443');
    terminal.press('Enter');
    await terminal.waitFor('✓ 17192:6443 is free');
    terminal.press('Enter');
    await terminal.waitFor('Which nodes');
    terminal.press('Enter');
    await terminal.waitFor('+ 17192:6443');
    await terminal.waitFor(/interrupted\s+once|are\s+interrupted/);
    terminal.press('Enter');
    await terminal.waitFor(/17192:6443 added in .*; 17192 (answers|is open)/, 30_000);
    const after = containerId(demo, 'k3d-alpha-serverlb');
    expect(after).not.toBe(before);

    terminal.press('Esc');
    await terminal.waitFor(/▸ 0\.0\.0\.0:17192/);
    terminal.press('g', 'j');
    await terminal.waitFor(/▸ 0\.0\.0\.0:17190/);
    terminal.press('e');
    await terminal.waitFor('✓ as it is today');
    terminal.press('Enter');
    await terminal.waitFor('Which nodes');
    terminal.press('j');
    await terminal.waitFor(/▸ all agents/);
    terminal.press('Enter');
    await terminal.waitFor('Nothing is interrupted');
    terminal.press('Enter');
    await terminal.waitFor(/without an interruption/, 30_000);
    expect(containerId(demo, 'k3d-alpha-serverlb')).toBe(after);
    terminal.press('Esc');
    await terminal.waitFor(/17190 .*● agent-0 agent-1/);

    terminal.press('G');
    await terminal.waitFor(/▸ 0\.0\.0\.0:17192/);
    terminal.press('Ctrl-D');
    await terminal.waitFor('▸ Cancel ◂');
    terminal.press('Tab');
    await terminal.waitFor('▸ Remove ◂');
    terminal.press('Enter');
    await terminal.waitFor(/17192:6443 removed in .*17192 is closed/, 30_000);
    terminal.press('Esc');
    await terminal.waitFor('Ports of alpha');
    await terminal.waitGone('0.0.0.0:17192');
    expectNoOverflow(terminal);
  });

  test('a port is refused with its owner: another cluster, and a program of this machine', async () => {
    const server = createServer().listen(0);
    await new Promise(resolve => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await using app = await opened('alpha');
    const { terminal } = app;
    terminal.press('a');
    await terminal.waitFor('another port');
    terminal.type('80');
    terminal.press('Enter');
    await terminal.waitFor('is free');
    terminal.press('Ctrl-U');
    terminal.type('17195');
    await terminal.waitFor(/17195\/tcp is taken by container k3d-beta-serverlb \(cluster beta\)/);
    terminal.press('Ctrl-U');
    terminal.type(String(port));
    await terminal.waitFor(new RegExp(`${port}/tcp is taken by`));
    server.close();
  });

  test('a cluster without a load balancer says so', async () => {
    await using app = await opened('bare');
    await app.terminal.waitFor('bare has no load balancer');
    app.terminal.press('a');
    await app.terminal.waitFor(/was made without a load balancer/);
    expectNoOverflow(app.terminal);
  });

  test('of all clusters stand in one table, those of stopped ones too', async () => {
    const stopped = await demoWith([['gamma', '--port', '17199:80@loadbalancer'], ['delta']]);
    await using app = App.start({ host: stopped.host, cols: 100, rows: 30 });
    const { terminal } = app;
    await terminal.waitFor(/gamma\s+● running/);
    terminal.press('G');
    await terminal.waitFor(/▸ gamma/);
    terminal.press('Ctrl-K');
    await terminal.waitFor('Stop cluster gamma?');
    terminal.press('y');
    await terminal.waitFor(/stop cluster gamma: done/, 30_000);
    terminal.type(':');
    await terminal.waitFor(/^ :/m);
    terminal.type('ports');
    terminal.press('Enter');
    await terminal.waitFor(/gamma +0\.0\.0\.0:17199 .* ○ stopped/);
    await terminal.waitFor(/delta .* API +● open/);
    await stopped.close();
  });
});

function containerId(demo: Demo, name: string): string | undefined {
  return [...demo.world.containers.values()].find(container => container.name === name)?.id;
}

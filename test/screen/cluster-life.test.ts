import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, demoWith } from './app.ts';
import { expectNoOverflow, expectRestored } from './checks.ts';

/** A whole life of a cluster, by somebody who has nothing but the keyboard and what the screen says. */
describe.each([
  [80, 24],
  [100, 30],
  [160, 45],
])('at %i×%i', (cols, rows) => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await demoWith([], 0.1);
  });
  afterAll(() => demo.close());

  test('a cluster is created in the form, watched, stopped, started and deleted', async () => {
    await using app = App.start({ cols, rows, host: demo.host });
    const { terminal } = app;
    await terminal.waitFor('No clusters on this engine yet');

    terminal.press('n');
    await terminal.waitFor('Create a cluster');
    await terminal.waitFor(/Name\s+k3s-default/);
    terminal.type('demo');
    await terminal.waitFor(/Name\s+demo/);
    terminal.press('Down', 'Down', '+', '+');
    await terminal.waitFor(/Agents\s+2/);
    terminal.press('Down', 'Down', 'Down');
    terminal.type('17081:80@loadbalancer');
    await terminal.waitFor('17081:80@loadbalancer');
    terminal.press('Enter', 'Enter');

    await terminal.waitFor(/▸ Create ◂/);
    await terminal.waitFor(/create cluster demo/);
    terminal.press('End');
    await terminal.waitFor(/\$ k3dui cluster create demo/);
    expect(terminal.text()).toContain('--agents 2');
    terminal.press('Enter');

    await terminal.waitFor(/demo-server-0/);
    await terminal.waitFor(/create cluster demo: done in/, 60_000);
    terminal.press('Esc');
    await terminal.waitFor(/demo\s+● running\s+1\/1\s+2\/2/);

    terminal.press('Ctrl-K');
    await terminal.waitFor(/Stop cluster demo\?/);
    terminal.press('y');
    await terminal.waitFor(/stop cluster demo: done in/i, 60_000);
    terminal.press('Esc');
    await terminal.waitFor(/demo\s+○ stopped\s+0\/1\s+0\/2/);

    terminal.press('Shift-R');
    await terminal.waitFor(/start cluster demo: done in/i, 60_000);
    terminal.press('Esc');
    await terminal.waitFor(/demo\s+● running\s+1\/1\s+2\/2/);

    terminal.press('Ctrl-D');
    await terminal.waitFor(/Delete cluster demo\?/);
    await terminal.waitFor('▸ Cancel ◂');
    expect(terminal.text()).toContain('k3d-demo-agent-1');
    terminal.press('Enter');
    await terminal.waitGone(/Delete cluster demo\?/);
    expect(demo.world.containers.size).toBeGreaterThan(0);

    terminal.press('Ctrl-D');
    await terminal.waitFor('▸ Cancel ◂');
    terminal.press('Tab');
    await terminal.waitFor('▸ Delete ◂');
    terminal.press('Enter');
    await terminal.waitFor(/delete cluster demo: done in/i, 60_000);
    terminal.press('Esc');
    await terminal.waitFor('No clusters on this engine yet');
    expect(demo.world.containers.size).toBe(0);

    terminal.press('q');
    expect((await terminal.waitExit()).exitCode).toBe(0);
    expectRestored(terminal);
    expectNoOverflow(terminal);
  });
});

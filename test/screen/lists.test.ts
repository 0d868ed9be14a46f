import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, demoWith } from './app.ts';
import { expectNoOverflow } from './checks.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await demoWith([
    ['alpha', '--agents', '1'],
    ['beta', '--no-lb'],
    ['gamma', '--servers', '3'],
  ]);
});
afterAll(() => demo.close());

/** Names of the clusters in the order in which they stand on the screen. */
const names = (rows: string[]) =>
  rows.flatMap(row => /\b(alpha|beta|gamma)\b.*(running|stopped|degraded|broken)/.exec(row)?.[1] ?? []);
const shows =
  (...expected: string[]) =>
  (rows: string[]) =>
    names(rows).join() === expected.join();

async function started(cols = 100, rows = 30): Promise<App> {
  const app = App.start({ host: demo.host, cols, rows });
  await app.terminal.waitFor(shows('alpha', 'beta', 'gamma'));
  return app;
}

describe('the list of clusters', () => {
  test.each([
    [80, 24],
    [160, 45],
  ])('says how many of each kind run, at %i×%i', async (cols, rows) => {
    await using app = await started(cols, rows);
    const row = (name: string) => app.terminal.screen().find(line => line.includes(name) && line.includes('running'));
    expect(row('alpha')).toMatch(/● running\s+1\/1\s+1\/1/);
    expect(row('gamma')).toMatch(/● running\s+3\/3\s+0\/0/);
    expect(app.terminal.text()).toMatch(/3 clusters\s+8 nodes/);
    expectNoOverflow(app.terminal);
  });

  test('is filtered live by a regular expression, and Esc brings all back', async () => {
    await using app = await started();
    const { terminal } = app;
    terminal.press('/');
    terminal.type('^(al|be)');
    await terminal.waitFor(shows('alpha', 'beta'));
    terminal.press('Enter');
    await terminal.waitFor(shows('alpha', 'beta'));
    terminal.press('Esc');
    await terminal.waitFor(shows('alpha', 'beta', 'gamma'));
    terminal.press('/');
    terminal.type('!alpha');
    await terminal.waitFor(shows('beta', 'gamma'));
    terminal.press('Esc');
    await terminal.waitFor(shows('alpha', 'beta', 'gamma'));
  });

  test('says so when nothing fits the filter', async () => {
    await using app = await started();
    app.terminal.press('/');
    app.terminal.type('nowhere');
    await app.terminal.waitFor(shows());
    await app.terminal.waitFor(/Esc/);
  });

  test('is sorted by a column, the other way round at the second press', async () => {
    await using app = await started();
    const { terminal } = app;
    terminal.press('Shift-N');
    await terminal.waitFor(/NAME↑/);
    terminal.press('Shift-N');
    await terminal.waitFor(shows('gamma', 'beta', 'alpha'));
    await terminal.waitFor(/NAME↓/);
    terminal.press('Shift-S');
    await terminal.waitFor(/SERVERS[↑↓]/);
    terminal.press('Shift-S');
    await terminal.waitFor(rows => names(rows)[0] === 'gamma');
  });

  test('marked rows are acted on together', async () => {
    await using app = await started();
    const { terminal } = app;
    // Space marks and goes on to the next.
    terminal.press('Space');
    await terminal.waitFor(/\*alpha/);
    terminal.press('Space');
    await terminal.waitFor(/\*beta/);
    terminal.press('Ctrl-D');
    await terminal.waitFor(/Delete 2 clusters\?/);
    expect(terminal.text()).toContain('k3d-alpha-agent-0');
    expect(terminal.text()).toContain('k3d-beta-server-0');
    expect(terminal.text()).not.toContain('k3d-gamma-server-0');
    terminal.press('Esc');
    await terminal.waitGone(/Delete 2 clusters\?/);
  });

  test('opens a cluster, its nodes, and goes back the same way', async () => {
    await using app = await started();
    const { terminal } = app;
    terminal.press('d');
    await terminal.waitFor(/Clusters › alpha/);
    terminal.press('Enter');
    await terminal.waitFor(/› Nodes/);
    await terminal.waitFor('k3d-alpha-agent-0');
    terminal.press('Esc');
    await terminal.waitFor('Made by');
    terminal.press('Esc');
    await terminal.waitFor(shows('alpha', 'beta', 'gamma'));
  });

  test('the wheel moves and a click selects', async () => {
    await using app = await started();
    const { terminal } = app;
    const { x, y } = terminal.find('gamma');
    terminal.mouse(0, x, y);
    terminal.press('d');
    await terminal.waitFor(/Clusters › gamma/);
    terminal.press('Esc');
    await terminal.waitFor(shows('alpha', 'beta', 'gamma'));
    terminal.mouse(64, x, y);
    terminal.press('d');
    await terminal.waitFor(/Clusters › alpha/);
  });
});

describe('help', () => {
  test('lists the keys of the screen it came from', async () => {
    await using app = await started();
    app.terminal.press('?');
    await app.terminal.waitFor('create a cluster');
    expect(app.terminal.text()).toMatch(/Ctrl-D\s/);
    app.terminal.press('Esc');
    await app.terminal.waitFor(shows('alpha', 'beta', 'gamma'));
  });
});

describe('commands after a colon', () => {
  test('go to a screen', async () => {
    await using app = await started();
    app.terminal.press(':');
    app.terminal.type('nodes');
    app.terminal.press('Enter');
    await app.terminal.waitFor('k3d-gamma-server-2');
  });

  test('are completed with Tab, names of clusters too', async () => {
    await using app = await started();
    const { terminal } = app;
    terminal.press(':');
    terminal.type('no');
    terminal.press('Tab');
    await terminal.waitFor(/:nodes/);
    terminal.type(' be');
    terminal.press('Tab');
    await terminal.waitFor(/:nodes beta/);
    terminal.press('Enter');
    await terminal.waitFor('k3d-beta-server-0');
    expect(terminal.text()).not.toContain('k3d-alpha-server-0');
  });

  test('are remembered: the arrows bring them back', async () => {
    await using app = await started();
    const { terminal } = app;
    for (const line of ['nodes gamma', 'operations']) {
      terminal.press(':');
      terminal.type(line);
      terminal.press('Enter');
      await terminal.waitGone(`:${line}`);
    }
    terminal.press(':', 'Up');
    await terminal.waitFor(':operations');
    terminal.press('Up');
    await terminal.waitFor(':nodes gamma');
    terminal.press('Enter');
    await terminal.waitFor('k3d-gamma-server-2');
  });

  test('that do not exist are named, with the one that was meant', async () => {
    await using app = await started();
    app.terminal.press(':');
    app.terminal.type('clustres');
    app.terminal.press('Enter');
    await app.terminal.waitFor(/no command 'clustres'/);
    expect(app.terminal.text()).toContain('did you mean :clusters');
  });
});

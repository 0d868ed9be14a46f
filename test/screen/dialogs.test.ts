import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, createFirst, demoWith } from './app.ts';
import { expectNoOverflow, expectRestored } from './checks.ts';

describe('the create form in a real terminal', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await demoWith([['alpha', '--port', '17090:80@loadbalancer']]);
  });
  afterAll(() => demo.close());

  async function opened(cols = 80, rows = 24): Promise<App> {
    const app = App.start({ host: demo.host, cols, rows });
    await app.terminal.waitFor(/alpha\s+● running/);
    app.terminal.press('n');
    await app.terminal.waitFor(/Name\s+k3s-default/);
    return app;
  }

  test('proposes a name that is free and an image that is there', async () => {
    await using app = await opened();
    expect(app.terminal.text()).toMatch(/Image\s+rancher\/k3s:v1\.35/);
    app.terminal.type('alpha');
    await app.terminal.waitFor(/a cluster with the name 'alpha' exists already/);
    app.terminal.press('Backspace');
    await app.terminal.waitGone(/exists already/);
  });

  test('names the owner of a port that is taken', async () => {
    await using app = await opened();
    const { terminal } = app;
    terminal.press('Down', 'Down', 'Down', 'Down', 'Down');
    await terminal.waitFor(/▸ Ports/);
    terminal.type('17090:8080');
    await terminal.waitFor(/17090\/tcp is taken by[\s\S]*k3d-alpha-serverlb/);
    terminal.press('Ctrl-U');
    await terminal.waitGone(/is taken by/);
  });

  test('takes a paste of several lines as several ports, and shows the plan for them', async () => {
    await using app = await opened(100, 40);
    const { terminal } = app;
    terminal.press('Down', 'Down', 'Down', 'Down', 'Down');
    await terminal.waitFor(/▸ Ports/);
    terminal.paste('17091:80@loadbalancer\n17092:443@loadbalancer\n');
    await terminal.waitFor('17092:443@loadbalancer');
    terminal.press('Enter');
    await terminal.waitFor('▸ Create ◂');
    terminal.press('End');
    await terminal.waitFor(/17091→80, 17092→443/);
    terminal.press('Esc');
    await terminal.waitFor('17091:80@loadbalancer');
    expectNoOverflow(terminal);
  });

  test('letters that move in lists are typed, wide ones too, and the frame stays whole', async () => {
    await using app = await opened();
    const { terminal } = app;
    terminal.type('jkqn?:/ 界面');
    await terminal.waitFor('jkqn?:/ 界面');
    await terminal.waitFor(/not a valid hostname/);
    const frame = terminal.screen().filter(row => row.startsWith('│'));
    for (const row of frame) expect(row).toMatch(/│$/);
    const { y } = terminal.find('jkqn');
    expect(terminal.cellStyle(79, y).text).toBe('│');
  });

  test('offers the images that Docker has', async () => {
    await using app = await opened();
    const { terminal } = app;
    terminal.press('Down', 'Down', 'Down', 'Ctrl-O');
    await terminal.waitFor('rancher/k3s:v1.33.5-k3s1');
    terminal.press('End', 'Up', 'Home', 'Down', 'Down', 'Down', 'Enter');
    await terminal.waitFor(/▸ Image\s+rancher\/k3s:v1\.34\.1-k3s1/);
  });
});

describe('quitting while something runs', () => {
  async function running(): Promise<{ demo: Demo; app: App }> {
    const demo = await demoWith([], 1);
    const app = App.start({ host: demo.host });
    const { terminal } = app;
    await createFirst(terminal);
    await terminal.waitFor(/⟳ create cluster/);
    terminal.type(':');
    await terminal.waitFor(/^ :/m);
    terminal.type('q');
    terminal.press('Enter');
    await terminal.waitFor('Quit while something runs?');
    return { demo, app };
  }

  test('asks, and staying changes nothing', async () => {
    const { demo, app } = await running();
    app.terminal.press('Enter');
    await app.terminal.waitGone('Quit while something runs?');
    await app.terminal.waitFor(/create cluster k3s-default: done/, 60_000);
    await app[Symbol.asyncDispose]();
    await demo.close();
  });

  test('can wait for the end', async () => {
    const { demo, app } = await running();
    app.terminal.press('w');
    expect((await app.terminal.waitExit(60_000)).exitCode).toBe(0);
    expectRestored(app.terminal);
    expect([...demo.world.containers.values()].every(container => container.status === 'running')).toBe(true);
    expect(demo.world.containers.size).toBe(2);
    await app[Symbol.asyncDispose]();
    await demo.close();
  });

  test('can cancel, and then nothing is left', async () => {
    const { demo, app } = await running();
    app.terminal.press('c');
    await app.terminal.waitExit(60_000);
    expectRestored(app.terminal);
    expect(demo.world.containers.size).toBe(0);
    await app[Symbol.asyncDispose]();
    await demo.close();
  });
});

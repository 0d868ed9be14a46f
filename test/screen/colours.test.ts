import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, demoWith } from './app.ts';
import { expectColourless } from './checks.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await demoWith([['alpha']]);
});
afterAll(() => demo.close());

async function tour(env: Record<string, string>): Promise<App> {
  const app = App.start({ host: demo.host, env });
  const { terminal } = app;
  await terminal.waitFor(/alpha\s+● running/);
  terminal.press('n');
  await terminal.waitFor(/Name\s+k3s-default/);
  terminal.type('no_good');
  await terminal.waitFor('not a valid hostname');
  terminal.press('Esc');
  await terminal.waitFor('Esc again');
  terminal.press('Esc');
  await terminal.waitGone('Create a cluster');
  terminal.press('Ctrl-D');
  await terminal.waitFor('▸ Cancel ◂');
  terminal.press('Esc');
  await terminal.waitGone('▸ Cancel ◂');
  terminal.press('?');
  await terminal.waitFor('create a cluster');
  terminal.press('Esc');
  await terminal.waitFor(/alpha\s+● running/);
  return app;
}

test('NO_COLOR: no colour anywhere, and everything can still be told apart', async () => {
  await using app = await tour({ NO_COLOR: '1' });
  expectColourless(app.terminal.raw);
  const { y, x } = app.terminal.find('alpha');
  expect(app.terminal.cellStyle(x, y).inverse).toBe(true);
});

test('a terminal of sixteen colours gets no others', async () => {
  await using app = await tour({ TERM: 'xterm', COLORTERM: '' });
  expect(app.terminal.raw).not.toMatch(/\x1b\[[\d;]*[34]8[;:][25]/);
  expect(app.terminal.raw).toMatch(/\x1b\[[\d;]*3[1-6]m/);
});

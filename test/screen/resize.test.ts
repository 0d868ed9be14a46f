import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, demoWith } from './app.ts';
import { expectNoOverflow } from './checks.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await demoWith([['alpha', '--agents', '2'], ['beta']]);
});
afterAll(() => demo.close());

/** Every row of the frame that has a border on the left has one on the right, and the last panel ends above the last row. */
function whole(cols: number, rows: number) {
  return (screen: string[]) => {
    const bottom = screen.findLastIndex(row => row.startsWith('╰'));
    const framed = screen.filter(row => row.startsWith('│'));
    return bottom >= rows - 3 && framed.length > 2 && framed.every(row => row.length === cols && row.endsWith('│'));
  };
}

const SIZES = [
  [80, 24],
  [160, 45],
  [41, 12],
  [200, 50],
  [60, 20],
  [120, 15],
  [81, 25],
  [100, 30],
] as const;

test.each([
  ['the list', ''],
  ['the create form', 'n'],
  ['help', '?'],
])('%s survives being resized all the time', async (_, key) => {
  await using app = App.start({ host: demo.host, cols: 100, rows: 30 });
  const { terminal } = app;
  await terminal.waitFor(/alpha\s+● running/);
  if (key !== '') {
    terminal.press(key);
    await terminal.waitFor(key === 'n' ? /Name\s+k3s-default/ : 'create a cluster');
  }
  for (let round = 0; round < 4; round++) {
    for (const [cols, rows] of SIZES) {
      terminal.resize(cols, rows);
      terminal.press('Down', 'Up');
      // Some sizes are left at once, some are waited for, as when a window is dragged.
      if (round % 2 === 0) await terminal.waitIdle(20);
    }
  }
  await terminal.waitFor(whole(100, 30));
  if (key === 'n') await terminal.waitFor(/Name\s+k3s-default/);
  else if (key === '') await terminal.waitFor(/alpha\s+● running/);
});

test('a terminal that is too small is told so, and grows back', async () => {
  await using app = App.start({ host: demo.host, cols: 100, rows: 30 });
  const { terminal } = app;
  await terminal.waitFor(/alpha\s+● running/);
  terminal.resize(30, 8);
  await terminal.waitFor(/needs\s+40×10/);
  terminal.resize(80, 24);
  await terminal.waitFor(/alpha\s+● running/);
  await terminal.waitFor(whole(80, 24));
});

test('what is typed into a form outlives a moment in which the terminal was too small', async () => {
  await using app = App.start({ host: demo.host, cols: 80, rows: 24 });
  const { terminal } = app;
  await terminal.waitFor(/alpha\s+● running/);
  terminal.press('n');
  await terminal.waitFor(/Name\s+k3s-default/);
  terminal.press('Ctrl-U');
  terminal.type('gamma');
  await terminal.waitFor(/Name\s+gamma/);
  terminal.resize(30, 8);
  await terminal.waitFor(/needs\s+40×10/);
  terminal.resize(80, 24);
  await terminal.waitFor(/Name\s+gamma/);
});

test('a still screen is not drawn again', async () => {
  await using app = App.start({ host: demo.host });
  const { terminal } = app;
  await terminal.waitFor(/alpha\s+● running/);
  await terminal.waitIdle(500);
  const before = terminal.raw.length;
  terminal.press('Down');
  await terminal.waitIdle(300);
  // Two rows change: far less than a frame.
  expect(terminal.raw.length - before).toBeLessThan(1500);
  expectNoOverflow(terminal);
});

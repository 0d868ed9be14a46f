import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, demoWith } from './app.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await demoWith([['first', '--agents', '1'], ['second']]);
});
afterAll(() => demo.close());

/** Every line in order; a pattern that does not turn up in time fails with what was said instead. */
const said = (app: App): string[] => app.terminal.raw.replaceAll('\r', '').split('\n');

test('the screen is read out in plain lines: list, dialog, steps, outcome; nothing is drawn and nothing written over', async () => {
  await using app = App.start({ cols: 200, rows: 50, host: demo.host, args: ['--screen-reader'] });
  const { terminal } = app;
  const heard = (pattern: RegExp) => terminal.waitFor(() => said(app).some(line => pattern.test(line)));
  await heard(/^Clusters: 2\.$/);
  await heard(/^Cluster first, running, 1 of 2, servers 1\/1, agents 1\/1, lb up, api .*, age \w+/);
  await heard(/^Docker \S+ at unix:.*\. Question mark lists the keys/);

  terminal.press('Down');
  await heard(/^Cluster second, running, 2 of 2, /);
  terminal.press('/');
  await heard(/^Filter: empty, regular expression/);
  terminal.type('first');
  await heard(/^Filter: first\.$/);
  terminal.press('Enter');
  await heard(/^Clusters: 1 of 2, \/first\.$/);

  terminal.press('Ctrl-K');
  await heard(/^Dialog: Stop cluster first\?$/);
  await heard(/^Button Cancel, 1 of 2\.$/);
  terminal.press('Tab');
  await heard(/^Button Stop, 2 of 2\.$/);
  terminal.press('Enter');
  await heard(/^Started: stop cluster first, 3 steps\.$/);
  await heard(/^1 of 3: k3d-first-serverlb: stop, /);
  await heard(/^3 of 3: k3d-first-server-0: stop, /);
  await heard(/^Done: stop cluster first: done in /);
  terminal.press('Esc');
  await heard(/^Cluster first, stopped, 1 of 1, /);

  terminal.press('n');
  await heard(/^Dialog: Create a cluster\.$/);
  await heard(/^Name: \S+\.$/);
  terminal.type('no way');
  await heard(/^Name: no way, wrong\.$/);
  await heard(/^Error: .*no way/);
  terminal.press('Tab');
  await heard(/^Servers: 1\.$/);
  terminal.press('Esc');
  await heard(/^Esc again throws away what you typed/);
  terminal.press('Esc');
  const rows = () => said(app).filter(line => line.startsWith('Cluster first, stopped, 1 of 1, ')).length;
  const before = rows();
  await terminal.waitFor(() => rows() > before);
  terminal.press('.');
  await terminal.waitFor(() => rows() > before + 1);

  // Apart from marked pastes not one control sequence was written, and no signs that only eyes can read.
  const plain = terminal.raw.replace(/\x1b\[\?2004[hl]/g, '').replaceAll('\r\n', '\n');
  expect(plain).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  expect(plain).not.toMatch(/[\u2500-\u259f\u25cf\u25cb⟳▸✓✗]/);
  terminal.press('Ctrl-C', 'Ctrl-C');
  expect(await terminal.exitCode).toBe(0);
});

test('it goes on where the cursor cannot be moved, and is asked for by the environment too', async () => {
  await using app = App.start({ host: demo.host, env: { TERM: 'dumb', K3DUI_SCREEN_READER: '1' } });
  await app.terminal.waitFor(() => said(app).some(line => /^Clusters: 2\.$/.test(line)));
  app.terminal.press('q');
  expect(await app.terminal.exitCode).toBe(0);
});

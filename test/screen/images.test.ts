import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import { SHOW } from '../../src/demo/show.ts';
import { App } from './app.ts';
import { expectNoOverflow, expectRestored } from './checks.ts';

/** What a person does with images, with nothing but the keyboard. */
describe.each([
  [80, 24],
  [140, 40],
])('at %i×%i', (cols, rows) => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo({ tempo: 0.1, seed: SHOW.filter(({ name }) => name === 'dev'), pulse: false });
  });
  afterAll(() => demo.close());

  test('images are seen by node, brought up to date, imported, and removed', async () => {
    await using app = App.start({ cols, rows, host: demo.host });
    const { terminal } = app;
    await terminal.waitFor(/dev\s+● running/);
    terminal.press('i');
    await terminal.waitFor(/nginx:1\.29-alpine/, 20_000);
    await terminal.waitFor(/Docker +[0-9a-f]{12}/);
    terminal.press('G');
    await terminal.waitFor(/shop\/web:1\.4\.2.*◐◐○/);
    await terminal.waitFor(/k3d-dev-server-0 +○ missing/);
    expectNoOverflow(terminal);

    terminal.press('d');
    await terminal.waitFor(/Layers, the latest first/);
    await terminal.waitFor(/COPY \. \/app/, 20_000);
    expectNoOverflow(terminal);
    terminal.press('Esc');
    await terminal.waitGone('Layers, the latest first');

    terminal.press('u');
    await terminal.waitFor(/\$ k3dui image import shop\/web:1\.4\.2 -c dev/);
    terminal.press('Enter');
    await terminal.waitFor(/import shop\/web:1\.4\.2 into dev: done in/, 30_000);
    terminal.press('Esc');
    await terminal.waitFor(/shop\/web:1\.4\.2.*●●●/, 20_000);

    terminal.press('a');
    await terminal.waitFor('Import images');
    terminal.type('busy');
    await terminal.waitFor(/\[ \] busybox:1\.36/);
    terminal.press('Space', 'Tab');
    terminal.type('/no/such.tar');
    terminal.press('Enter');
    await terminal.waitFor(/there is no file \/no\/such\.tar/);
    terminal.press('Tab', 'Enter');
    await terminal.waitFor(/▸ Import ◂/);
    terminal.press('Enter');
    await terminal.waitFor(/import busybox:1\.36 into dev: done in/, 30_000);
    terminal.press('Esc');
    await terminal.waitFor(/busybox:1\.36.*●●●/, 20_000);

    terminal.press('g');
    terminal.type('/busybox');
    terminal.press('Enter');
    await terminal.waitFor(/1 of \d+/);
    terminal.press('Ctrl-D');
    await terminal.waitFor(/▸ Back ◂/);
    terminal.press('Tab', 'Enter');
    await terminal.waitFor(/remove busybox:1\.36 from 3 nodes: done in/, 30_000);
    terminal.press('Esc');
    await terminal.waitFor('Nothing passes the filter', 20_000);
    terminal.press('Esc');
    await terminal.waitFor(/nginx:1\.29-alpine/);
    terminal.press('P');
    await terminal.waitFor('Pull an image');
    terminal.press('Esc');
    await terminal.waitGone('Pull an image');
    expectNoOverflow(terminal);
    terminal.type(':q');
    terminal.press('Enter');
    expect((await terminal.waitExit()).exitCode).toBe(0);
    expectRestored(terminal);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, demoWith } from './app.ts';
import { expectNoOverflow } from './checks.ts';

describe('registries in a real terminal', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await demoWith([['shop', '--registry-create', 'shopreg'], ['bare']]);
  });
  afterAll(() => demo.close());

  async function opened(cols: number, rows: number): Promise<App> {
    const app = App.start({ host: demo.host, cols, rows });
    const { terminal } = app;
    await terminal.waitFor(/shop\s+● running/);
    terminal.type(':registries');
    terminal.press('Enter');
    await terminal.waitFor(/shopreg +● running/);
    return app;
  }

  test.each([
    [80, 24],
    [140, 40],
  ])('fit into %i×%i, with every reference tried before it is called good', async (cols, rows) => {
    await using app = await opened(cols, rows);
    const { terminal } = app;
    await terminal.waitFor(/1 +in the cluster +shopreg:5000/);
    await terminal.waitFor(/✓ k3d-shop-server-0 got an answer/);
    await terminal.waitFor(/✓ Docker got an answer from localhost:/);
    await terminal.waitFor(/✗ shopreg is not known on this machine/);
    expectNoOverflow(terminal);
    terminal.press('n');
    await terminal.waitFor('Create a registry');
    expectNoOverflow(terminal);
    terminal.press('Esc');
    await terminal.waitGone('Create a registry');
    terminal.press('1');
    await terminal.waitFor(/copied .*shopreg:5000/);
  });

  test('one is made, pushed to, browsed, connected, emptied and deleted', async () => {
    await using app = await opened(120, 32);
    const { terminal } = app;
    terminal.press('n');
    await terminal.waitFor('Create a registry');
    terminal.type('box');
    await terminal.waitFor(/Name +box/);
    terminal.press('Enter');
    await terminal.waitFor('▸ Create ◂');
    expect(terminal.text()).toMatch(/registry create box .*--delete-enabled/);
    terminal.press('Enter');
    await terminal.waitFor(/create registry k3d-box: done in/);
    terminal.press('Esc');
    await terminal.waitFor(/k3d-box +● running/);
    terminal.type('/box');
    terminal.press('Enter');
    await terminal.waitGone(/shopreg +● running/);

    terminal.press('p');
    await terminal.waitFor('Push to k3d-box');
    await terminal.waitFor(/▸ busybox:1\.36/);
    terminal.press('Enter');
    await terminal.waitFor('▸ Push ◂');
    terminal.press('Enter');
    await terminal.waitFor(/push busybox:1\.36 to k3d-box: done in/);
    terminal.press('Esc');
    await terminal.waitFor(/k3d-box +● running/);
    terminal.press('Enter');
    await terminal.waitFor(/busybox +1 +1\.36/);
    terminal.press('Enter');
    await terminal.waitFor(/1\.36 +[\d.]+ MiB +linux\/amd64 +sha256:/);
    await terminal.waitFor(/✓ Docker got its manifest/);

    terminal.press('o');
    await terminal.waitFor('Connect k3d-box to which cluster?');
    terminal.press('Enter');
    await terminal.waitFor('▸ Connect ◂');
    terminal.press('Enter');
    await terminal.waitFor(/connect registry k3d-box to bare: done in/);
    terminal.press('Esc');
    await terminal.waitFor(/✓ k3d-bare-server-0 got its manifest/);

    terminal.press('Ctrl-D');
    await terminal.waitFor('Delete the tag only');
    terminal.press('z');
    await terminal.waitFor('▸ Back ◂');
    expect(terminal.text()).toContain('delete busybox:1.36');
    terminal.press('Tab');
    await terminal.waitFor('▸ Delete ◂');
    terminal.press('Enter');
    await terminal.waitFor(/delete busybox:1\.36 from k3d-box: done in/);
    terminal.press('Esc');
    await terminal.waitFor('No tag is left in it.');
    terminal.press('Esc');
    await terminal.waitFor('none is left');
    terminal.press('Esc');
    await terminal.waitFor(/k3d-box +● running/);

    terminal.press('Ctrl-D');
    await terminal.waitFor('▸ Back ◂');
    expect(terminal.text()).toMatch(/bare cannot pull from k3d-box any more/);
    terminal.press('Tab');
    await terminal.waitFor('▸ Delete ◂');
    terminal.press('Enter');
    await terminal.waitFor(/delete registry k3d-box: done in/);
    expectNoOverflow(terminal);
  });

  test('one that is stopped says so, in place of what is in it and of its references', async () => {
    await using app = await opened(100, 30);
    const { terminal } = app;
    terminal.type('/shopreg');
    terminal.press('Enter');
    await terminal.waitFor(/\/shopreg/);
    terminal.press('Ctrl-K');
    await terminal.waitFor('▸ Stop ◂');
    terminal.press('Enter');
    await terminal.waitFor(/stop registry shopreg: done in/);
    terminal.press('Esc');
    await terminal.waitFor(/shopreg +○ exited/);
    await terminal.waitFor(/✗ the registry does not run/);
    terminal.press('Enter');
    await terminal.waitFor('registry shopreg does not run');
    terminal.press('[');
    await terminal.waitFor(/shopreg +○ exited/);
    terminal.press('Shift-R');
    await terminal.waitFor(/start registry shopreg: done in/);
  });
});

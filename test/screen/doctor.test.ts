import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { removeContainer } from '../../src/demo/life.ts';
import { App, demoWith } from './app.ts';
import { expectNoOverflow } from './checks.ts';

describe('doctor and leftovers in a real terminal', () => {
  const balancer = 'k3d-alpha-serverlb';
  let demo: Demo;
  /** Of the healthy load balancer. */
  let values: string;
  beforeAll(async () => {
    demo = await demoWith([['alpha']]);
    values = demo.world.container(balancer).files.text('/etc/confd/values.yaml')!;
  });
  afterAll(() => demo.close());

  async function opened(screen: string, cols: number, rows: number): Promise<App> {
    const app = App.start({ host: demo.host, cols, rows });
    const { terminal } = app;
    await terminal.waitFor(/alpha\s+[●◐] /);
    terminal.type(screen);
    terminal.press('Enter');
    return app;
  }

  test.each([
    [80, 24],
    [140, 40],
  ])(
    'name what is wrong with its evidence at %i×%i, put it right after asking, and find it gone',
    async (cols, rows) => {
      const { files } = demo.world.container(balancer);
      files.write('/etc/confd/values.yaml', '{{ not yaml', 0o744);
      await using app = await opened(':doctor', cols, rows);
      const { terminal } = app;
      await terminal.waitFor(/✗ problem .*alpha: /);
      await terminal.waitFor('╭ Evidence ');
      await terminal.waitFor('6443.tcp → k3d-alpha-server-0');
      await terminal.waitFor(/Remedy +write \/etc\/confd\/values\.yaml/);
      await terminal.waitFor(/\d+ checks in /);
      expectNoOverflow(terminal);
      terminal.press('r');
      await terminal.waitFor('▸ Do it ◂');
      expect(terminal.text()).toContain('change the configuration of k3d-alpha-serverlb while it runs');
      expectNoOverflow(terminal);
      expect(files.text('/etc/confd/values.yaml')).toBe('{{ not yaml');
      terminal.press('Enter');
      await terminal.waitFor(/: done in/);
      terminal.press('Esc');
      await terminal.waitFor('Nothing is wrong.');
      expect(files.text('/etc/confd/values.yaml')).toBe(values);
    },
  );

  test('say what will be missing before a lost load balancer is made again', async () => {
    await removeContainer(demo.world, demo.world.container(balancer), true);
    await using app = await opened(':doctor alpha', 100, 30);
    const { terminal } = app;
    await terminal.waitFor(`the load balancer ${balancer} is gone`);
    terminal.press('Enter');
    await terminal.waitFor('▸ Do it ◂');
    await terminal.waitFor('which ports it had besides');
    terminal.press('Enter');
    await terminal.waitFor(/make the load balancer of alpha again: done in/);
    terminal.press('Esc');
    await terminal.waitFor('Nothing is wrong.');
    expect(demo.world.container(balancer).status).toBe('running');
  });

  test.each([
    [80, 24],
    [140, 40],
  ])('list what a cluster left behind at %i×%i, and remove what is marked', async (cols, rows) => {
    const hourAgo = Date.now() - 3_600_000;
    for (const name of ['k3d-dead-images', 'k3d-late-images']) {
      const labels = { app: 'k3d', 'k3d.cluster': name.split('-')[1]!, 'k3d.version': 'v5.9.0' };
      demo.world.volume(name, labels).created = hourAgo;
    }
    await using app = await opened(':leftovers', cols, rows);
    const { terminal } = app;
    await terminal.waitFor(/▸ volume +k3d-dead-images +dead/);
    await terminal.waitFor(/volume +k3d-late-images +late/);
    expectNoOverflow(terminal);
    terminal.press('Space');
    await terminal.waitFor('1 marked');
    terminal.press('Ctrl-D');
    await terminal.waitFor('k3d-dead-images');
    await terminal.waitFor('▸ Back ◂');
    expectNoOverflow(terminal);
    terminal.press('Enter');
    await terminal.waitGone('▸ Back ◂');
    expect(demo.world.volumes.has('k3d-dead-images')).toBe(true);
    terminal.press('Ctrl-D');
    await terminal.waitFor('▸ Back ◂');
    terminal.press('Tab');
    await terminal.waitFor('▸ Remove ◂');
    terminal.press('Enter');
    await terminal.waitFor(/: done in/);
    terminal.press('Esc');
    await terminal.waitGone(/volume +k3d-dead-images +dead/);
    await terminal.waitFor(/volume +k3d-late-images +late/);
    expect(demo.world.volumes.has('k3d-dead-images')).toBe(false);
    expect(demo.world.volumes.has('k3d-late-images')).toBe(true);
  });
});

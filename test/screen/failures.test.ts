import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, createFirst, demoWith } from './app.ts';

async function withDemo(work: (demo: Demo) => Promise<void>, clusters: string[][] = []): Promise<void> {
  const demo = await demoWith(clusters);
  try {
    await work(demo);
  } finally {
    await demo.close();
  }
}

describe('a create that fails', () => {
  test('says which step and why, keeps the evidence, and leaves nothing behind', () =>
    withDemo(async demo => {
      demo.faults.add({ match: '/start', nth: 1, action: 'error', message: 'no space left on device' });
      await using app = App.start({ host: demo.host, cols: 110, rows: 40 });
      await createFirst(app.terminal);
      await app.terminal.waitFor(/✗ failed/, 30_000);
      expect(app.terminal.text()).toContain('no space left on device');
      await app.terminal.waitFor(/create cluster k3s-default: .*no space left/);
      const evidence = join(app.home, '.state', 'k3dui', 'evidence');
      const files = readdirSync(evidence, { recursive: true, encoding: 'utf8' });
      expect(files.some(file => file.endsWith('k3d-k3s-default-server-0.log'))).toBe(true);
      expect(app.terminal.text()).toMatch(/Evidence\s.*k3dui\/evidence/);
      expect(demo.world.containers.size).toBe(0);
      expect([...demo.world.networks.values()].map(network => network.name)).not.toContain('k3d-k3s-default');
      expect(demo.world.volumes.size).toBe(0);
      app.terminal.press('Esc');
      await app.terminal.waitFor('No clusters');
    }));

  test('can be tried again with one key', () =>
    withDemo(async demo => {
      demo.faults.add({ match: '/start', nth: 1, action: 'error', message: 'no space left on device' });
      await using app = App.start({ host: demo.host, cols: 110, rows: 40 });
      await createFirst(app.terminal);
      await app.terminal.waitFor(/✗ failed/, 30_000);
      app.terminal.press('r');
      await app.terminal.waitFor(/create cluster k3s-default: done/, 15_000);
      expect(demo.world.containers.size).toBe(2);
    }));
});

test('a kubeconfig is merged from its dialog, readable by nobody else', () =>
  withDemo(
    async demo => {
      await using app = App.start({ host: demo.host, cols: 100, rows: 30 });
      const { terminal } = app;
      await terminal.waitFor(/alpha\s+● running/);
      terminal.press('Shift-K');
      await terminal.waitFor(/Merge and switch/);
      terminal.press('Enter');
      await terminal.waitGone(/Merge and switch/);
      const file = join(app.home, 'kubeconfig');
      await terminal.waitFor(() => existsSync(file));
      await terminal.waitFor(/✓/);
      expect(readFileSync(file, 'utf8')).toContain('current-context: k3d-alpha');
      expect(statSync(file).mode & 0o777).toBe(0o600);

      terminal.press('Shift-K');
      await terminal.waitFor(/Write to a file/);
      terminal.press('w');
      await terminal.waitFor(/mode 0600/);
      terminal.press('Ctrl-U');
      terminal.type(join(app.home, 'own.yaml'));
      terminal.press('Enter');
      await terminal.waitGone(/mode 0600/);
      await terminal.waitFor(/own\.yaml/);
      expect(readdirSync(app.home)).toContain('own.yaml');
      expect(readFileSync(join(app.home, 'own.yaml'), 'utf8')).toContain('k3d-alpha');
    },
    [['alpha']],
  ));

test('a terminal that cannot move its cursor is told what to do instead', async () => {
  await using app = App.start({ host: 'unix:///tmp/k3dui-no-such.sock', env: { TERM: 'dumb' } });
  expect((await app.terminal.waitExit()).exitCode).toBe(1);
  // The sentence is longer than a line of this terminal.
  expect(app.terminal.raw.replace(/\s+/g, ' ')).toMatch(/k3dui cluster list/);
  expect(app.terminal.raw).not.toContain('\x1b[?1049h');
});

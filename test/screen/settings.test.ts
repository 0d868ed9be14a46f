import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, demoWith } from './app.ts';

let demo: Demo;
let other: Demo;
let folder: string;

beforeAll(async () => {
  [demo, other] = await Promise.all([demoWith([['near']]), demoWith([['elsewhere']])]);
  folder = mkdtempSync(join(tmpdir(), 'k3dui-settings-'));
});
afterAll(async () => {
  await Promise.all([demo.close(), other.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const size = { cols: 100, rows: 30 };

test('read-only: keys that change something are off and say so, the others work', async () => {
  await using app = App.start({ ...size, host: demo.host, args: ['--read-only'] });
  const { terminal } = app;
  await terminal.waitFor(/near\s+● running/);
  expect(terminal.text()).toContain('READ-ONLY');
  terminal.press('Ctrl-D');
  await terminal.waitFor(/delete: read-only: nothing is changed/);
  terminal.press('Enter');
  await terminal.waitFor(/k3d-near-server-0/);
});

test('a key of one’s own does it, and the header shows it', async () => {
  const file = join(folder, 'keys.yaml');
  writeFileSync(file, 'theme: light\nkeys:\n  - does: create\n    keys: [ctrl-n]\n');
  await using app = App.start({ ...size, host: demo.host, env: { K3DUI_SETTINGS: file } });
  const { terminal } = app;
  await terminal.waitFor(/Ctrl-N new/);
  terminal.press('Ctrl-N');
  await terminal.waitFor('Create a cluster');
});

test('a mistake in the settings is told with its line, before the screen is touched', async () => {
  const file = join(folder, 'wrong.yaml');
  writeFileSync(file, 'theme: dark\nthem: light\n');
  await using app = App.start({ ...size, host: demo.host, env: { K3DUI_SETTINGS: file } });
  await app.terminal.waitFor(/wrong\.yaml: line 2:1: .*them is not allowed/);
  await app.terminal.waitFor(/did you mean 'theme'\?/);
});

test('another Docker context is gone over to without leaving the app', async () => {
  const docker = join(folder, '.docker');
  const meta = join(docker, 'contexts', 'meta', createHash('sha256').update('far').digest('hex'));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: 'far', Endpoints: { docker: { Host: other.host } } }));
  await using app = App.start({ ...size, host: demo.host, env: { DOCKER_CONFIG: docker } });
  const { terminal } = app;
  await terminal.waitFor(/near\s+● running/);
  terminal.type(':contexts\r');
  await terminal.waitFor(/far\s+unix:/);
  terminal.press('Down', 'Enter');
  await terminal.waitFor(/elsewhere\s+● running/);
  expect(terminal.text()).not.toMatch(/near\s+● running/);
});

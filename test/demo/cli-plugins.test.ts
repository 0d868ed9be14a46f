import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Shell } from './cli-harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'k3dui-plugins-'));
const shell = new Shell();
shell.env.PATH = [folder, process.env.PATH].join(delimiter);

function plugin(name: string, text: string): void {
  writeFileSync(join(folder, `k3d-${name}`), text, { mode: 0o755 });
}

afterAll(() => {
  shell.remove();
  rmSync(folder, { recursive: true, force: true });
});

it('a plugin gets its arguments as they are, and its output and exit code are ours', async () => {
  plugin('says', '#!/bin/sh\nprintf "<%s>" "$@"\necho oops >&2\nexit 7\n');
  const said = await shell.run('says', 'a;b', '$(c)', '', '--help');
  expect(said).toEqual({ code: 7, stdout: '<a;b><$(c)><><--help>', stderr: 'oops\n' });
});

it('a signal to us reaches the plugin, which decides', async () => {
  plugin('waits', '#!/bin/sh\ntrap "echo bye; kill -KILL $$" TERM\necho ready\nwhile :; do sleep 0.05; done\n');
  const waiting = shell.start(['waits']);
  await waiting.said('ready');
  waiting.signal('SIGTERM');
  expect(await waiting.ended).toEqual({ code: 137, stdout: 'ready\nbye\n', stderr: '' });
});

it('one that cannot be run is an error with a hint', async () => {
  plugin('broken', '#!/no/such/interpreter\n');
  const { code, stdout, stderr } = await shell.run('broken');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/FATA.*k3d-broken cannot be run\n {2}hint: /);
});

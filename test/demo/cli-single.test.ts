import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { version } from '../../src/version.ts';

/** One file for people without Node. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'k3dui-single-'));
  const script = join(import.meta.dirname, '..', '..', 'scripts', 'single.ts');
  execFileSync(process.execPath, [script, folder], { stdio: 'pipe' });
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs it where there is nothing else: no Node on the path, no checkout around. */
function single(...args: string[]): string {
  return execFileSync(join(folder, 'k3dui'), args, { encoding: 'utf8', env: { HOME: folder, PATH: '' }, cwd: folder });
}

test('the single executable needs nothing beside it', { timeout: 60_000 }, () => {
  expect(readdirSync(folder)).toEqual(['k3dui']);
  expect(single('version')).toContain(`k3dui version v${version}`);
  expect(single('--demo', 'cluster', 'list', '--no-headers')).toMatch(/^dev +1\/1 +2\/2 +true/m);
});

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPlugin } from '../../src/cli/plugin.ts';
import { commandTree } from './cli-tree.ts';

/** Plugins: programs on PATH that add commands, as with k3d. */
const folder = mkdtempSync(join(tmpdir(), 'k3dui-plugins-'));
const other = join(folder, 'other');
const env = { PATH: ['', join(folder, 'missing'), folder, other].join(delimiter) };

beforeAll(() => {
  mkdirSync(other);
  const runnable = ['k3d-twice', 'k3d-cluster', 'other/k3d-hello', 'other/k3d-hello-big_world', 'other/k3dui-twice'];
  for (const name of runnable) {
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), 0o755);
  }
  mkdirSync(join(folder, 'k3d-folder'));
  writeFileSync(join(folder, 'k3d-plain'), '');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tree = await commandTree();
const find = (line: string) => findPlugin(tree, line.split(' '), env);

it.each([
  ['hello', 'other/k3d-hello', []],
  ['hello big-world x', 'other/k3d-hello-big_world', ['x']],
  ['hello big', 'other/k3d-hello', ['big']],
  ['hello world --flag -x', 'other/k3d-hello', ['world', '--flag', '-x']],
  ["hello a;b $(c) '", 'other/k3d-hello', ['a;b', '$(c)', "'"]],
  ['hello --big-world', 'other/k3d-hello', ['--big-world']],
  ['twice', 'other/k3dui-twice', []],
  ['--verbose hello --verbose', 'other/k3d-hello', ['--verbose']],
])('%s', (line, name, args) => {
  expect(find(line)).toEqual({ path: join(folder, name), args });
});

it.each([
  'folder',
  'plain',
  '../hello',
  'other/k3d-hello',
  'cluster frobnicate',
  '--host hello twice',
  '--nope hello',
  '--verbose',
])('%s is none', line => {
  expect(find(line)).toBeUndefined();
});

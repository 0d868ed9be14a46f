import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  defaultKubeconfigPath,
  kubeconfigDir,
  mergeIntoFile,
  removeFromFile,
  removeFromFiles,
  removeStandaloneFile,
  writeStandaloneFile,
} from '../../src/engine/kubeconfig/file.ts';
import { withLock } from '../../src/engine/kubeconfig/lock.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  path = join(folder, 'config');
});
afterEach(() => rm(folder, { recursive: true }));

const entry = (name: string, server = 'https://h:1') =>
  [
    'apiVersion: v1\nkind: Config',
    `clusters:\n- cluster: {server: ${server}}\n  name: k3d-${name}`,
    `contexts:\n- context: {cluster: k3d-${name}, user: admin@k3d-${name}}\n  name: k3d-${name}`,
    `users:\n- name: admin@k3d-${name}\n  user: {token: t}`,
    `current-context: k3d-${name}\n`,
  ].join('\n');
const always = { overwrite: true, switchContext: true };
const contexts = async (file = path) =>
  (load(await readFile(file, 'utf8')) as { contexts: { name: string }[] }).contexts.map(context => context.name);
const mode = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

describe('a kubeconfig file', () => {
  it('is made with its folder, for its owner only, and nothing is left beside it', async () => {
    path = join(folder, 'new', '.kube', 'config');
    await mergeIntoFile(path, entry('a'), always);
    expect(await contexts()).toEqual(['k3d-a']);
    expect(await mode(path)).toBe('600');
    expect(await readdir(join(folder, 'new', '.kube'))).toEqual(['config']);
  });

  it('becomes readable for its owner only, and a link to it stays a link', async () => {
    const link = join(folder, 'link');
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real', 'config'), '# mine\n', { mode: 0o644 });
    await symlink('real/config', link);
    await mergeIntoFile(link, entry('a'), always);
    expect((await readFile(join(folder, 'real', 'config'), 'utf8')).startsWith('# mine\n')).toBe(true);
    expect(await mode(join(folder, 'real', 'config'))).toBe('600');
    expect(await readdir(folder)).toEqual(['link', 'real']);
  });

  it('is found by a path from the current folder too', async () => {
    await mergeIntoFile(relative(process.cwd(), path), entry('a'), always, { waitMs: 0 });
    expect(await contexts()).toEqual(['k3d-a']);
    expect(await readdir(folder)).toEqual(['config']);
  });

  it('is made where a dangling link leads', async () => {
    await symlink('target', path);
    await mergeIntoFile(path, entry('a'), always);
    expect(await contexts(join(folder, 'target'))).toEqual(['k3d-a']);
  });

  it('that is not valid is left as it is, and the error names it and the line', async () => {
    await writeFile(path, 'a: 1\nb: [\n');
    await expect(mergeIntoFile(path, entry('a'), always)).rejects.toMatchObject({
      code: 'KUBECONFIG_INVALID',
      message: expect.stringMatching(/\/config: .*line \d/),
    });
    expect(await readFile(path, 'utf8')).toBe('a: 1\nb: [\n');
    expect(await readdir(folder)).toEqual(['config']);
  });

  it('loses a cluster, and only it', async () => {
    await mergeIntoFile(path, entry('a'), always);
    await mergeIntoFile(path, entry('b'), always);
    const undo = await removeFromFile(path, 'b');
    expect(await contexts()).toEqual(['k3d-a']);
    expect(load(await readFile(path, 'utf8'))).toMatchObject({ 'current-context': 'k3d-a' });
    await undo();
    expect(await contexts()).toEqual(['k3d-a', 'k3d-b']);
    expect(load(await readFile(path, 'utf8'))).toMatchObject({ 'current-context': 'k3d-b' });
  });

  it('of several in KUBECONFIG every one loses the cluster, also when one of them is broken', async () => {
    const [broken, second] = [join(folder, 'broken'), join(folder, 'second')];
    await writeFile(broken, 'a: [\n');
    for (const file of [path, second]) {
      await mergeIntoFile(file, entry('a'), always);
      await mergeIntoFile(file, entry('b'), always);
    }
    const undo = await removeFromFiles({ KUBECONFIG: `${path}:${second}` }, 'a');
    expect([await contexts(path), await contexts(second)]).toEqual([['k3d-b'], ['k3d-b']]);
    await undo();
    expect((await contexts(second)).toSorted()).toEqual(['k3d-a', 'k3d-b']);
    await expect(removeFromFiles({ KUBECONFIG: `${broken}:${second}` }, 'a')).rejects.toMatchObject({
      code: 'KUBECONFIG_INVALID',
    });
    expect(await contexts(second)).toEqual(['k3d-b']);
  });

  it('is not touched when there is nothing to remove', async () => {
    await removeFromFile(path, 'a');
    expect(await readdir(folder)).toEqual([]);
    await writeFile(path, 'kind: Config\n');
    const before = await stat(path);
    await removeFromFile(path, 'a');
    expect((await stat(path)).ino).toBe(before.ino);
  });

  it('undo takes back our entries and leaves those of others', async () => {
    const undo = await mergeIntoFile(path, entry('a'), always);
    await mergeIntoFile(path, entry('b'), always);
    await undo();
    expect(await contexts()).toEqual(['k3d-b']);
  });

  it('undo removes a file that held nothing else', async () => {
    const undo = await mergeIntoFile(path, entry('a'), always);
    await undo();
    await undo();
    expect(await readdir(folder)).toEqual([]);
  });

  it('that is a folder gives an error that says so', async () => {
    await mkdir(path);
    await expect(mergeIntoFile(path, entry('a'), always)).rejects.toMatchObject({ code: 'KUBECONFIG_NOT_WRITABLE' });
  });

  it('keeps the entries of five processes that write at once', async () => {
    const module = new URL('../../src/engine/kubeconfig/file.ts', import.meta.url).href;
    const worker = (name: string) =>
      new Promise<string>(resolve => {
        const code = `const { mergeIntoFile } = await import(${JSON.stringify(module)});
          for (const i of [0, 1]) await mergeIntoFile(process.argv[1], process.argv[2].replaceAll('NAME', '${name}-' + i), { overwrite: true, switchContext: true });`;
        const child = spawn(process.execPath, ['--input-type=module', '-e', code, path, entry('NAME')]);
        let output = '';
        child.stderr.on('data', data => {
          output += data;
        });
        child.on('close', status => resolve(status === 0 ? '' : output));
      });
    const names = Array.from({ length: 5 }, (_, i) => `p${i}`);
    expect(await Promise.all(names.map(worker))).toEqual(names.map(() => ''));
    expect((await contexts()).toSorted()).toEqual(names.flatMap(name => [0, 1].map(i => `k3d-${name}-${i}`)));
    expect(await readdir(folder)).toEqual(['config']);
  }, 60_000);
});

describe('the lock', () => {
  const merge = (options: { waitMs?: number; staleMs?: number; signal?: AbortSignal }) =>
    mergeIntoFile(path, entry('a'), always, options);

  it('of a program that is at work is waited for', async () => {
    const done: string[] = [];
    let release = () => {};
    const released = new Promise<void>(resolve => {
      release = resolve;
    });
    const first = withLock(path, async () => {
      await released;
      done.push('first');
    });
    const second = merge({}).then(() => done.push('second'));
    await expect.poll(() => readdir(folder)).toEqual(['config.lock']);
    release();
    await Promise.all([first, second]);
    expect(done).toEqual(['first', 'second']);
  });

  it('that is held too long gives an error that names the process', async () => {
    await writeFile(`${path}.lock`, `${process.pid} ${hostname()}`);
    await expect(merge({ waitMs: 60, staleMs: 0 })).rejects.toMatchObject({
      code: 'KUBECONFIG_LOCKED',
      message: `${path}.lock is held by process ${process.pid}`,
    });
  });

  it('of a process that is gone is taken away at once', async () => {
    await writeFile(`${path}.lock`, `999999999 ${hostname()}`);
    await writeFile(`${path}.lock.999999999.0a1b2c3d`, '');
    await merge({ waitMs: 60 });
    expect(await readdir(folder)).toEqual(['config']);
  });

  it('that a killed process was about to take leaves nothing beside the file either', async () => {
    const [dead, elsewhere] = ['999999999.0a1b2c3d', '999999999.0a1b2c3e'];
    await writeFile(`${path}.lock.${dead}`, `999999999 ${hostname()}`);
    await writeFile(`${path}.lock.${elsewhere}`, '999999999 another-machine');
    await writeFile(`${path}.lock.${process.pid}.0a1b2c3f`, `${process.pid} ${hostname()}`);
    await merge({ waitMs: 60 });
    expect((await readdir(folder)).sort()).toEqual(
      ['config', `config.lock.${elsewhere}`, `config.lock.${process.pid}.0a1b2c3f`].sort(),
    );
  });

  it('says whose it is from its first moment, so that no kill leaves one that nobody dares to take away', async () => {
    // Looks as often as it can, and notes each time that it found a lock.
    const notes = await mkdtemp(join(tmpdir(), 'notes-'));
    const noted = join(notes, 'noted');
    await writeFile(noted, '');
    const watcher = spawn(process.execPath, [
      '-e',
      `const {readFileSync, appendFileSync} = require('node:fs');
       const [lock, noted] = process.argv.slice(1);
       for (;;) {
         let text; try { text = readFileSync(lock, 'utf8'); } catch { continue; }
         appendFileSync(noted, text === '' ? 'EMPTY' : '.');
       }`,
      ...[`${path}.lock`, noted],
    ]);
    try {
      for (let round = 0; round < 50; round++) {
        await withLock(path, async () => {
          const { size } = await stat(noted);
          await expect
            .poll(async () => (await stat(noted)).size, { interval: 1, timeout: 60_000 })
            .toBeGreaterThan(size);
        });
      }
      expect(await readFile(noted, 'utf8')).not.toContain('EMPTY');
      expect(await readdir(folder)).toEqual([]);
    } finally {
      watcher.kill('SIGKILL');
      await rm(notes, { recursive: true });
    }
  });

  it("like kubectl's, empty and old, is taken away; a young one is not", async () => {
    await writeFile(`${path}.lock`, '');
    await chmod(`${path}.lock`, 0);
    await expect(merge({ waitMs: 60 })).rejects.toMatchObject({ code: 'KUBECONFIG_LOCKED' });
    await utimes(`${path}.lock`, new Date(0), new Date(0));
    await merge({ waitMs: 60 });
    expect(await contexts()).toEqual(['k3d-a']);
  });

  it('is given up waiting for when the work is cancelled', async () => {
    await writeFile(`${path}.lock`, '');
    await expect(merge({ signal: AbortSignal.timeout(30) })).rejects.toThrow(/abort|timeout/i);
  });
});

describe('which file', () => {
  it('one in KUBECONFIG, or the one at home', async () => {
    expect(await defaultKubeconfigPath({ KUBECONFIG: '/x/y' })).toBe('/x/y');
    expect(await defaultKubeconfigPath({ KUBECONFIG: ':/x/y:' })).toBe('/x/y');
    expect(await defaultKubeconfigPath({ HOME: '/home/me' })).toBe('/home/me/.kube/config');
  });

  it('of several the first that exists, else the first that can be made', async () => {
    const [missing, there] = [join(folder, 'missing'), join(folder, 'there')];
    const noFolder = join(folder, 'plain', 'config');
    await writeFile(join(folder, 'plain'), '');
    const env = { KUBECONFIG: `${noFolder}:${missing}:${there}` };
    expect(await defaultKubeconfigPath(env)).toBe(missing);
    await writeFile(there, '');
    expect(await defaultKubeconfigPath(env)).toBe(there);
    await expect(defaultKubeconfigPath({ KUBECONFIG: `${noFolder}:${noFolder}2` })).rejects.toMatchObject({
      code: 'KUBECONFIG_NOT_WRITABLE',
    });
  });

  it("the cluster's own is in k3d's folder, and its name cannot lead out of it", async () => {
    expect(kubeconfigDir({ HOME: '/home/me' })).toBe('/home/me/.config/k3d');
    expect(kubeconfigDir({ HOME: '/home/me', XDG_CONFIG_HOME: '/cfg' })).toBe('/cfg');
    const env = { XDG_CONFIG_HOME: folder };
    expect(await writeStandaloneFile(env, 'demo', entry('demo'))).toBe(join(folder, 'kubeconfig-demo.yaml'));
    expect(await mode(join(folder, 'kubeconfig-demo.yaml'))).toBe('600');
    expect(await removeStandaloneFile(env, 'demo')).toBe(true);
    expect(await removeStandaloneFile(env, 'demo')).toBe(false);
    await expect(removeStandaloneFile(env, '../x')).rejects.toMatchObject({ code: 'CLUSTER_NAME_INVALID' });
  });
});

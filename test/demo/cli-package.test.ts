import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'k3dui-package-'));
const program = join(folder, 'package', 'dist', 'k3dui.js');
const env = { PATH: process.env.PATH, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') };

beforeAll(async () => {
  await run(process.execPath, ['scripts/build.ts'], { cwd: root });
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [tarball] = readdirSync(folder).filter(name => name.endsWith('.tgz'));
  await run('tar', ['xzf', join(folder, tarball!), '-C', folder]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package, alone in a folder with nothing but Node', () => {
  it('holds no sources and is run by its name', () => {
    expect(readdirSync(join(folder, 'package')).sort()).toEqual(expect.arrayContaining(['dist', 'package.json']));
    expect(readdirSync(join(folder, 'package'))).not.toContain('src');
  });

  it('says its version', async () => {
    const { stdout } = await run(program, ['version'], {
      env: { ...env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` },
    });
    expect(stdout).toMatch(/^k3d version v5\..*\nk3s version v1\..*\nk3dui version v\d/);
  });

  it('runs commands on the demo engine', async () => {
    const { stdout } = await run(process.execPath, [program, '--demo', 'cluster', 'list', '-o', 'yaml'], { env });
    expect(stdout).toContain('serversCount:');
  });

  it('keeps compiled code in the user’s cache folder', () => {
    expect(readdirSync(join(folder, 'cache', 'k3dui', 'compiled'))).toHaveLength(1);
  });

  it('says which Node it needs when run by an old one', async () => {
    const disguise = join(folder, 'old-node.cjs');
    writeFileSync(disguise, "Object.defineProperty(process.versions, 'node', { value: '20.1.0' });");
    const failure = await run(process.execPath, ['--require', disguise, program, 'version'], { env }).catch(
      error => error,
    );
    expect(failure).toMatchObject({ code: 1, stdout: '' });
    expect(failure.stderr).toContain('needs Node 22 or newer');
  });
});

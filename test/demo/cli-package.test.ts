import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/demo.ts';

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

  it('holds its manual page', () => {
    expect(readFileSync(join(folder, 'package', 'dist', 'k3dui.1'), 'utf8')).toMatch(/^\.TH K3DUI 1 /);
    const { man } = JSON.parse(readFileSync(join(folder, 'package', 'package.json'), 'utf8')) as { man: string };
    expect(man).toBe('dist/k3dui.1');
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

describe('Tab in bash, where the package’s completion is loaded', () => {
  const bin = join(folder, 'bin');
  let demo: Demo;

  beforeAll(async () => {
    demo = await startDemo({ seed: true, tempo: 0 });
    mkdirSync(bin);
    writeFileSync(join(bin, 'k3dui'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 });
  });
  afterAll(() => demo?.close());

  /** What bash would put in place of the last word, which it has split at its own signs. */
  async function tab(line: string): Promise<string[]> {
    const script = `
      source <(k3dui completion bash)
      line=$1
      # As readline does: words, with = : @ as words of their own.
      COMP_LINE=$line COMP_POINT=\${#line}
      mapfile -t COMP_WORDS < <(printf '%s' "$line" | sed -E 's/([=:@;]+)/\\n\\1\\n/g; s/ +/\\n/g')
      [[ $line == *[[:space:]=:@\\;] ]] && COMP_WORDS+=("")
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      __k3dui_complete
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['--norc', '-c', script, 'bash', line], {
      cwd: folder,
      env: { ...env, PATH: [bin, process.env.PATH].join(delimiter), DOCKER_HOST: demo.host },
    });
    return stdout.split('\n').filter(Boolean);
  }

  it('commands, and flags', async () => {
    expect(await tab('k3dui cluster st')).toEqual(['start', 'stop']);
    expect(await tab('k3dui cluster create --serv')).toEqual(['--servers', '--servers-memory']);
  });

  it('names of what there is on the engine', async () => {
    const all = await tab('k3dui cluster delete ');
    expect(all.length).toBeGreaterThan(1);
    expect(await tab(`k3dui cluster delete ${all[0]} `)).toEqual(all.slice(1));
    expect(await tab(`k3dui node create x --cluster=${all[0]!.slice(0, 2)}`)).toContain(all[0]);
    const [node] = await tab('k3dui node stop ');
    expect(await tab(`k3dui node stop ${node!.slice(0, -1)}`)).toContain(node);
  });

  it('what stands before the last sign at which bash splits words is not said again', async () => {
    expect(await tab('k3dui cluster create -p 8080:80@server')).toEqual(['@server:0', String.raw`@servers:\*`]);
    const [image] = await tab('k3dui cluster create --image ');
    expect(image).toContain(':');
    expect(await tab(`k3dui cluster create --image ${image!.split(':')[0]}:`)).toContain(image!.split(':')[1]);
  });

  it('files where files are wanted', async () => {
    writeFileSync(join(folder, 'some.yaml'), '');
    writeFileSync(join(folder, 'some.txt'), '');
    expect(await tab('k3dui cluster create --config so')).toEqual(['some.yaml']);
    expect(await tab('k3dui kubeconfig merge -o so')).toEqual(['some.txt', 'some.yaml']);
  });

  it('nothing, and no noise, where the engine is away', async () => {
    await demo.close();
    expect(await tab('k3dui cluster delete ')).toEqual([]);
  });
});

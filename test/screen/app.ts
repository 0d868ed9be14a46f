import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import { type StartOptions, Terminal } from './terminal.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const dist = join(root, 'dist');

export interface AppOptions extends StartOptions {
  /** What DOCKER_HOST says. */
  host?: string;
  args?: string[];
}

/** The built program in a terminal, with a home of its own, so that nothing of the person's who tests is touched. */
export class App {
  readonly terminal: Terminal;
  readonly home: string;

  private constructor(options: AppOptions) {
    this.home = mkdtempSync(join(tmpdir(), 'k3dui-home-'));
    const env = appEnvironment(this.home, options.host);
    this.terminal = Terminal.start(process.execPath, [programFile(), ...(options.args ?? [])], {
      ...options,
      env: { ...env, ...options.env },
      cwd: this.home,
    });
  }

  static start(options: AppOptions = {}): App {
    return new App(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminal.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** A home and an engine of its own for the program. */
export function appEnvironment(home: string, host: string | undefined): Record<string, string | undefined> {
  return {
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_STATE_HOME: join(home, '.state'),
    XDG_CACHE_HOME: join(tmpdir(), 'k3dui-test-cache'),
    KUBECONFIG: join(home, 'kubeconfig'),
    DOCKER_HOST: host,
    DOCKER_CONTEXT: undefined,
    DOCKER_CONFIG: join(home, '.docker'),
  };
}

/** An engine in memory that answers fast, with clusters made through the command line. The caller closes it. */
export async function demoWith(clusters: readonly (readonly string[])[], tempo = 0): Promise<Demo> {
  const demo = await startDemo({ tempo });
  const home = mkdtempSync(join(tmpdir(), 'k3dui-home-'));
  try {
    for (const args of clusters) await runCommand(['cluster', 'create', ...args], home, demo.host);
  } catch (error) {
    await demo.close();
    throw error;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  return demo;
}

/** Runs the command line to its end; rejects with what it printed when it fails. */
export async function runCommand(args: readonly string[], home: string, host: string | undefined): Promise<string> {
  const env = { ...process.env, ...appEnvironment(home, host) } as NodeJS.ProcessEnv;
  for (const [name, value] of Object.entries(env)) if (value === undefined) delete env[name];
  const child = spawn(process.execPath, [programFile(), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data));
  const code = await new Promise(resolve => child.once('close', resolve));
  if (code !== 0) throw new Error(`k3dui ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

let copy: string | undefined;

/** The built program as it was when the test process began: a build in the meantime must not change it under the test. */
export function programFile(): string {
  copy ??= withBuildLock(() => {
    if (isStale()) build();
    const copies = join(root, 'node_modules', '.cache', 'k3dui-test-program');
    const folder = join(copies, String(statSync(join(dist, 'main.js')).mtimeMs));
    if (existsSync(folder)) return folder;
    // Copies of earlier builds; those of the last hour may still be in use.
    for (const name of existsSync(copies) ? readdirSync(copies) : []) {
      if (Date.now() - Number(name) > 3_600_000) rmSync(join(copies, name), { recursive: true, force: true });
    }
    cpSync(dist, folder, { recursive: true });
    return folder;
  });
  return join(copy, 'k3dui.js');
}

function build(): void {
  const result = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts')], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`the build failed:\n${result.stdout}${result.stderr}`);
}

/** Of several test processes one builds. */
function withBuildLock<T>(work: () => T): T {
  const lock = join(root, 'node_modules', '.cache', 'k3dui-build.lock');
  mkdirSync(dirname(lock), { recursive: true });
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // A lock that a killed test left behind does not hold for ever.
      if (Date.now() > deadline) rmSync(lock, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
  try {
    return work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** True when a source is newer than what was built. */
function isStale(): boolean {
  const main = join(dist, 'main.js');
  if (!existsSync(main)) return true;
  const made = statSync(main).mtimeMs;
  const sources = ['src', 'components'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => join(root, folder, file)),
  );
  return [...sources, join(root, 'scripts', 'build.ts'), join(root, 'package.json')].some(file => {
    return statSync(file).mtimeMs > made;
  });
}

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import { programFile } from '../bed/program.ts';
import { type StartOptions, Terminal } from './terminal.ts';

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

/** Creates the first cluster as the form proposes it, from the empty list on; the operation has begun or is about to. */
export async function createFirst(terminal: Terminal): Promise<void> {
  await terminal.waitFor('No clusters');
  terminal.press('n');
  await terminal.waitFor(/Name\s+k3s-default/);
  terminal.press('Enter');
  await terminal.waitFor('▸ Create ◂');
  terminal.press('Enter');
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

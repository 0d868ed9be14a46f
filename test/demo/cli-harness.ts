import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programFile } from '../bed/program.ts';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A home of its own for the commands of one test, and commands as separate processes of the built program. */
export class Shell {
  readonly home = mkdtempSync(join(tmpdir(), 'k3dui-cli-'));
  readonly kubeconfig = join(this.home, 'kubeconfig');
  readonly env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: this.home,
    KUBECONFIG: this.kubeconfig,
    XDG_CONFIG_HOME: join(this.home, 'config'),
    XDG_STATE_HOME: join(this.home, 'state'),
  };
  readonly #args: string[];

  /** `args` stand in front of every command: `--host`, `--demo`. */
  constructor(...args: string[]) {
    this.#args = args;
  }

  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  /** Starts a command; `said` waits until it has printed a text. */
  start(args: string[]) {
    const child = spawn(process.execPath, [programFile(), ...this.#args, ...args], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const listeners = new Set<() => void>();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      for (const listener of listeners) listener();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', code => resolve({ code, stdout, stderr }));
    });
    const said = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!stdout.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        ended.then(({ stderr }) => reject(new Error(`ended without saying '${text}': ${stdout}${stderr}`)), reject);
        look();
      });
    /** Calls back with each whole line of its output. */
    const onLine = (listener: (line: string) => void): void => {
      let seen = 0;
      listeners.add(() => {
        for (let end = stdout.indexOf('\n', seen); end >= 0; end = stdout.indexOf('\n', seen)) {
          listener(stdout.slice(seen, end));
          seen = end + 1;
        }
      });
    };
    return { ended, said, onLine, signal: (name: NodeJS.Signals) => child.kill(name) };
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { until } from './docker.ts';
import { ping } from './ping.ts';

/** Why no engine of one's own can be started here; undefined: it can. */
export function whyNoPrivateEngine(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can start an engine';
  const missing = ['dockerd', 'unshare', 'nsenter', 'ip'].find(name => spawnSync('which', [name]).status !== 0);
  if (missing) return `${missing} is not installed`;
  return spawnSync('unshare', ['--net', '--mount', 'true']).status === 0 ? undefined : 'unshare is not allowed';
}

/**
 * A Docker engine of a test's own, which may be stopped and started: in network and mount namespaces of its own, so that it cannot
 * meet the machine's engine. Its published ports are reached by programs that `run` starts.
 */
export class PrivateEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'k3dui-engine-'));
  readonly host = `unix://${this.folder}/docker.sock`;
  readonly docker = new Docker({ socketPath: `${this.folder}/docker.sock` });
  readonly #spaces: ChildProcess;
  #engine: ChildProcess | undefined;

  /** @param like the machine's engine, whose runtime this one uses too */
  static async start(like: Docker): Promise<PrivateEngine> {
    const engine = new PrivateEngine();
    try {
      const { DefaultRuntime, Runtimes } = (await like.info()) as {
        DefaultRuntime: string;
        Runtimes: Record<string, { path: string }>;
      };
      const path = Runtimes[DefaultRuntime]?.path ?? 'runc';
      const config = path.startsWith('/')
        ? { runtimes: { [DefaultRuntime]: { path } }, 'default-runtime': DefaultRuntime }
        : {};
      writeFileSync(`${engine.folder}/daemon.json`, JSON.stringify(config));
      await engine.up();
      return engine;
    } catch (cause) {
      await engine.remove();
      throw cause;
    }
  }

  private constructor() {
    const script = 'ip link set lo up && exec sleep 600';
    this.#spaces = spawn('unshare', ['--net', '--mount', '--propagation', 'slave', 'sh', '-c', script], {
      stdio: 'ignore',
    });
  }

  /** A command line inside its namespaces. */
  inside(command: string[]): string[] {
    return ['nsenter', '-t', String(this.#spaces.pid), '-n', '-m', ...command];
  }

  /** Starts it and waits until it answers. */
  async up(): Promise<void> {
    // The namespaces are there once their own loopback is up.
    const [program = '', ...args] = this.inside(['ip', '-o', 'link', 'show', 'lo', 'up']);
    await until('network namespace', async () => (spawnSync(program, args).stdout.includes('UP') ? true : undefined));
    const at = (name: string) => join(this.folder, name);
    const [dockerd = '', ...flags] = this.inside([
      'dockerd',
      ...['--config-file', at('daemon.json'), '-H', this.host, '--pidfile', at('pid')],
      ...['--data-root', at('data'), '--exec-root', at('exec')],
    ]);
    this.#engine = spawn(dockerd, flags, { stdio: 'ignore' });
    await until('private engine', async () => ping(this.docker).then(() => true), 30_000);
  }

  /** Stops it as a shutdown of the machine would. */
  async down(): Promise<void> {
    const engine = this.#engine;
    if (!engine || engine.exitCode !== null) return;
    const ended = new Promise(resolve => engine.once('exit', resolve));
    engine.kill('SIGTERM');
    await ended;
  }

  /** Runs a program to its end where the engine's published ports are. */
  async run(command: string[], env: NodeJS.ProcessEnv): Promise<string> {
    const [program = '', ...args] = this.inside(command);
    return (await promisify(execFile)(program, args, { env })).stdout;
  }

  async remove(): Promise<void> {
    await this.down();
    this.#spaces.kill('SIGKILL');
    // What containers had mounted went with the mount namespace.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

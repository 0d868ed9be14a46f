import { mkdtempSync, rmSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appArguments } from './cli/app-arguments.ts';
import { Interrupts, type Io, type Output, type SignalName } from './cli/io.ts';
import type { Engine } from './engine/engine.ts';
import { version } from './version.ts';

/** The process: without a command the app, else the command line. */

const { env } = process;
const cleanups: (() => void | Promise<void>)[] = [];

/** Connects to the engine at `host`, or to the one the environment names. */
async function connect(host?: string): Promise<Engine> {
  const { openEngine } = await import('./engine/open.ts');
  return openEngine({ env, host });
}

/** Starts a demo engine in this process and connects to it. Its kubeconfig stays out of the user's. */
async function startDemo(): Promise<Engine> {
  const [{ openEngine }, demo] = await Promise.all([import('./engine/open.ts'), import('./demo/demo.ts')]);
  const { host, close } = await demo.startDemo({ seed: true });
  const folder = mkdtempSync(join(tmpdir(), 'k3dui-demo-'));
  cleanups.push(close, () => rmSync(folder, { recursive: true, force: true }));
  const demoEnv = { ...env, KUBECONFIG: join(folder, 'kubeconfig'), XDG_CONFIG_HOME: folder };
  return openEngine({ env: demoEnv, host, demo: true });
}

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  const app = appArguments(argv);
  if (app) {
    const { startApp } = await import('../components/start.tsx');
    // Written early rather than at the end: an app may run for days, and be killed.
    setTimeout(() => nodeModule.flushCompileCache?.(), 1000).unref();
    return startApp({ connect: host => connect(host ?? app.host), startDemo, demo: app.demo, version, env });
  }
  const { runCommandLine } = await import('./cli/program.ts');
  return runCommandLine(argv, processIo());
}

function processIo(): Io {
  const interrupts = new Interrupts(code => process.exit(code));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] satisfies SignalName[]) {
    process.on(signal, () => interrupts.send(signal));
  }
  return {
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    env,
    version,
    interrupts,
    get streams() {
      return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env };
    },
    openEngine: ({ demo, host }) => (demo ? startDemo() : connect(host)),
  };
}

/** A reader that goes away (`| head -1`) must not end an operation half way: what it no longer reads is dropped. */
function output(stream: NodeJS.WriteStream): Output {
  let open = true;
  stream.on('error', () => {
    open = false;
  });
  return {
    write(text) {
      if (open) stream.write(text);
    },
    get closed() {
      return !open;
    },
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 80;
    },
    get rows() {
      return stream.rows ?? 24;
    },
  };
}

process.exitCode = await main();
for (const cleanup of cleanups.reverse()) await cleanup();
// A connection that did not close must not keep the process; what was written is written by then.
setTimeout(() => process.exit(), 300).unref();

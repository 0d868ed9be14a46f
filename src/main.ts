import { mkdtempSync, rmSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppArguments, appArguments } from './cli/app-arguments.ts';
import { Interrupts, type Io, type Output, type SignalName } from './cli/io.ts';
import { loadSettings } from './config/settings/load.ts';
import { themeNamed } from './config/settings/settings.ts';
import type { Engine } from './engine/engine.ts';
import { toK3duiError } from './errors.ts';
import { sanitise } from './text.ts';
import { version } from './version.ts';

/** The process: without a command the app, else the command line. */

interface Where {
  host?: string;
  /** Name of a Docker context; wins over the environment. */
  context?: string;
  readOnly: boolean;
}

const { env } = process;
const cleanups: (() => void | Promise<void>)[] = [];

/** Connects to the engine at `host` or of the Docker context, or to the one the environment names. */
async function connect({ host, context, readOnly }: Where): Promise<Engine> {
  const { openEngine } = await import('./engine/open.ts');
  const itsEnv = context === undefined ? env : { ...env, DOCKER_HOST: undefined, DOCKER_CONTEXT: context };
  return openEngine({ env: itsEnv, host, readOnly });
}

/** Starts a demo engine in this process and connects to it. Its kubeconfig and what it keeps stay out of the user's. */
async function startDemo({ readOnly }: Where): Promise<Engine> {
  const [{ openEngine }, demo] = await Promise.all([import('./engine/open.ts'), import('./demo/demo.ts')]);
  const { host, close } = await demo.startDemo({ seed: true });
  const folder = mkdtempSync(join(tmpdir(), 'k3dui-demo-'));
  cleanups.push(close, () => rmSync(folder, { recursive: true, force: true }));
  const demoEnv = { ...env, KUBECONFIG: join(folder, 'kubeconfig'), XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder };
  return openEngine({ env: demoEnv, host, demo: true, readOnly });
}

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  if (argv[0] === '__complete') return answerCompletion(argv.slice(1));
  const app = appArguments(argv);
  if (app) return runApp(app);
  const { runCommandLine } = await import('./cli/program.ts');
  return runCommandLine(argv, processIo());
}

async function runApp({ demo, host, readOnly, theme, screenReader }: AppArguments): Promise<number> {
  let loaded: Awaited<ReturnType<typeof loadSettings>>;
  try {
    loaded = await loadSettings(env);
    if (screenReader) loaded.settings = { ...loaded.settings, screenReader };
    if (theme !== undefined) loaded.settings = { ...loaded.settings, theme: themeNamed(theme, '--theme') };
  } catch (error) {
    const { message, hint, exitCode } = toK3duiError(error);
    process.stderr.write(`${sanitise(message)}\n${hint ? `  hint: ${sanitise(hint)}\n` : ''}`);
    return exitCode;
  }
  const { startApp } = await import('../components/start.tsx');
  // Written early rather than at the end: an app may run for days, and be killed.
  setTimeout(() => nodeModule.flushCompileCache?.(), 1000).unref();
  const { settings, path } = loaded;
  const where = { host, readOnly: readOnly || settings.readOnly };
  return startApp({
    connect: context => connect(context === undefined ? where : { ...where, host: undefined, context }),
    startDemo: () => startDemo(where),
    demo,
    version,
    env,
    settings,
    settingsPath: path,
  });
}

/** As complete.ts does, where that is not built. */
async function answerCompletion(words: string[]): Promise<number> {
  const [{ completionAnswer }, { describeProgram }] = await Promise.all([
    import('./cli/completion/answer.ts'),
    import('./cli/program.ts'),
  ]);
  process.stdout.write(await completionAnswer(await describeProgram(version), words, env));
  return 0;
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
    async openEngine({ demo, host, readOnly }) {
      const where = { host, readOnly: readOnly || (await loadSettings(env)).settings.readOnly };
      return demo ? startDemo(where) : connect(where);
    },
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

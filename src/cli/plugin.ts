import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Command } from 'commander';
import { K3duiError } from '../errors.ts';
import type { Io } from './io.ts';
import { subcommand } from './normalise-flags.ts';

/** A program that adds a command, and the arguments it gets. */
export interface Plugin {
  path: string;
  args: string[];
}

/** k3d's plugins work with k3dui; one of our own name is preferred. */
const PREFIXES = ['k3dui-', 'k3d-'];

/**
 * The program that stands for a command we do not know: `foo bar x` is `k3d-foo-bar x` when such a program is on PATH,
 * else `k3d-foo bar x`. Dashes within a word are underscores in the name. Undefined when the first word is a command
 * of ours or no such program is found. k3d cmd/util/plugins.go.
 */
export function findPlugin(program: Command, argv: string[], env: NodeJS.ProcessEnv): Plugin | undefined {
  const start = argv.findIndex(arg => !arg.startsWith('-'));
  if (start < 0 || subcommand(program, argv[start]!)) return undefined;
  // A flag before the name may have taken it for its value: k3dui --host tcp://x foo.
  if (argv.slice(0, start).some(arg => !program.options.some(({ long, required }) => long === arg && !required))) {
    return undefined;
  }
  const words: string[] = [];
  for (const arg of argv.slice(start)) {
    if (!/^\w[\w.-]*$/.test(arg)) break;
    words.push(arg.replaceAll('-', '_'));
  }
  for (let count = words.length; count > 0; count--) {
    for (const prefix of PREFIXES) {
      const path = onPath(prefix + words.slice(0, count).join('-'), env);
      if (path) return { path, args: argv.slice(start + count) };
    }
  }
  return undefined;
}

/** Runs it with our input, output and environment, without a shell; gives its exit code. Throws PLUGIN_FAILED. */
export async function runPlugin({ path, args }: Plugin, io: Io): Promise<number> {
  const child = spawn(path, args, { stdio: 'inherit', env: io.env });
  const pass = () => {
    // A Ctrl-C at the terminal reaches the plugin as well; other signals come to us alone.
    if (io.interrupts.received !== 'SIGINT') child.kill(io.interrupts.received);
  };
  io.interrupts.signal.addEventListener('abort', pass);
  const stopListening = io.interrupts.onAgain(() => child.kill('SIGKILL'));
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code ?? 128 + (osConstants.signals[signal!] ?? 0)));
    });
  } catch (cause) {
    throw new K3duiError({
      code: 'PLUGIN_FAILED',
      message: `the plugin ${path} cannot be run`,
      hint: 'a script needs a first line that names its interpreter: #!/bin/sh',
      cause,
    });
  } finally {
    stopListening();
    io.interrupts.signal.removeEventListener('abort', pass);
  }
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    // An empty entry means the current folder, from which nothing should run unasked.
    if (folder === '') continue;
    const path = join(folder, name + suffix);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

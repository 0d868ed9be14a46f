/**
 * What `k3dui` starts: checks the version of Node, then loads the program. This file is built for old versions of Node,
 * so that they can read it and say what is missing.
 */
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 22;

const major = Number(process.versions.node.split('.')[0]);
if (major >= NEEDED_MAJOR) {
  keepCompiledCode();
  // Shells ask at every Tab; for that there is a small program of its own.
  await import(process.argv[2] === '__complete' ? './complete.js' : './main.js');
} else {
  await runOnNewerNode();
}

/** Compiled code is kept in the user's own cache folder (not in a temporary folder, where others could put theirs). */
function keepCompiledCode(): void {
  if (process.env.NODE_COMPILE_CACHE || typeof nodeModule.enableCompileCache !== 'function') return;
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  try {
    nodeModule.enableCompileCache(join(base, 'k3dui', 'compiled'));
  } catch {
    // Only slower.
  }
}

/** A checkout brings a newer Node with its development packages: that one takes over. Else there is only saying so. */
async function runOnNewerNode(): Promise<void> {
  // Loaded only here: it takes a few milliseconds of every start.
  const { spawn, spawnSync } = await import('node:child_process');
  const majorOf = (node: string): number => {
    const result = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
    return Number(String(result.stdout).split('.')[0]) || 0;
  };
  const here = dirname(fileURLToPath(import.meta.url));
  const newer = join(here, '..', 'node_modules', '.bin', 'node');
  if (existsSync(newer) && majorOf(newer) >= NEEDED_MAJOR) {
    const child = spawn(newer, process.argv.slice(1), { stdio: 'inherit' });
    // A Ctrl-C at the terminal reaches both; what is sent to this process alone is passed on. The child decides.
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    child.on('exit', (code, signal) => {
      if (signal) {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      } else process.exitCode = code === null ? 1 : code;
    });
    return;
  }
  process.stderr.write(
    `k3dui needs Node ${NEEDED_MAJOR} or newer; this is ${process.version} (${process.execPath}).\n` +
      'Install a newer one (https://nodejs.org), or run k3dui with it: /path/to/newer/node ' +
      `${fileURLToPath(import.meta.url)}\n`,
  );
  process.exitCode = 1;
}

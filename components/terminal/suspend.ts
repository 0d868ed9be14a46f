import { type SpawnOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { SuspendTerminal } from 'ink';
import { MOUSE_OFF, MOUSE_ON } from './tty-stdin.ts';

/** While a child has the terminal's foreground, a resize reaches only it: ask for the size again afterwards. */
function readSizeAgain(): void {
  process.kill(process.pid, 'SIGWINCH');
}

/**
 * Gives the terminal to a program (`docker exec -it`, an editor) and takes it back when that ends. Ink's input must be
 * a TtyStdin. Returns the program's exit code; throws when it cannot be started.
 */
export async function runOnTerminal(
  suspendTerminal: SuspendTerminal,
  file: string,
  args: string[],
  options: SpawnOptions = {},
): Promise<number> {
  // Ctrl-C in the child is the child's.
  const ignore = (): void => {};
  process.on('SIGINT', ignore).on('SIGQUIT', ignore);
  let code = -1;
  try {
    await suspendTerminal(async () => {
      process.stdout.write(MOUSE_OFF);
      code = await new Promise<number>((resolve, reject) => {
        spawn(file, args, { ...options, stdio: 'inherit' })
          .on('error', reject)
          .on('close', (exit, signal) => resolve(exit ?? 128 + (signal ? constants.signals[signal] : 0)));
      });
    });
  } finally {
    process.off('SIGINT', ignore).off('SIGQUIT', ignore);
    process.stdout.write(MOUSE_ON);
    readSizeAgain();
  }
  return code;
}

/**
 * Gives the terminal to work that uses this process' own streams (a shell over Docker's connection), and takes it back
 * when that ends. Ink's input must be a TtyStdin. Gives what the work gives; throws what it throws.
 */
export async function stepAside<Result>(
  suspendTerminal: SuspendTerminal,
  work: () => Promise<Result>,
): Promise<Result> {
  let outcome: { result: Result } | { error: unknown } | undefined;
  try {
    await suspendTerminal(async () => {
      process.stdout.write(MOUSE_OFF);
      outcome = await work().then(
        result => ({ result }),
        error => ({ error }),
      );
    });
  } finally {
    process.stdout.write(MOUSE_ON);
    readSizeAgain();
  }
  if (outcome === undefined || 'error' in outcome)
    throw outcome?.error ?? new Error('the terminal could not be given away');
  return outcome.result;
}

/** What Ctrl-Z does: raw mode swallows it, so the process stops itself and paints again when it is continued. */
export async function stopSelf(suspendTerminal: SuspendTerminal): Promise<void> {
  // Neither a paused stdin nor signal listeners keep the event loop alive.
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1);
  try {
    await suspendTerminal(
      () =>
        new Promise<void>(resolve => {
          process.stdout.write(MOUSE_OFF);
          process.once('SIGCONT', () => resolve());
          // The whole foreground group, as the terminal would.
          process.kill(0, 'SIGTSTP');
        }),
    );
  } finally {
    clearInterval(keepAlive);
  }
  process.stdout.write(MOUSE_ON);
  readSizeAgain();
}

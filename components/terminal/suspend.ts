import type { SuspendTerminal } from 'ink';
import { MOUSE_OFF, MOUSE_ON } from './tty-stdin.ts';

/** Windows has no way to stop a process and go on later. */
export const canSuspend = (platform: NodeJS.Platform = process.platform): boolean => platform !== 'win32';

/** While a child has the terminal's foreground, a resize reaches only it: ask for the size again afterwards. */
export function readSizeAgain(platform: NodeJS.Platform = process.platform): void {
  // Windows sends only signals that end; Node's own listeners are told all the same.
  if (platform === 'win32') process.emit('SIGWINCH', 'SIGWINCH');
  else process.kill(process.pid, 'SIGWINCH');
}

/**
 * Gives the terminal to work that uses this process' own streams (a shell over Docker's connection), and takes it back
 * when that ends. Ink's input must be a TtyStdin. Gives what the work gives; throws what it throws.
 */
export async function stepAside<Result>(
  suspendTerminal: SuspendTerminal,
  mouse: boolean,
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
    if (mouse) process.stdout.write(MOUSE_ON);
    readSizeAgain();
  }
  if (outcome === undefined || 'error' in outcome)
    throw outcome?.error ?? new Error('the terminal could not be given away');
  return outcome.result;
}

/** What Ctrl-Z does: raw mode swallows it, so the process stops itself and paints again when it is continued. */
export async function stopSelf(suspendTerminal: SuspendTerminal, mouse: boolean): Promise<void> {
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
  if (mouse) process.stdout.write(MOUSE_ON);
  readSizeAgain();
}

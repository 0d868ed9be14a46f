import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { ReadStream, WriteStream } from 'node:tty';
import { MOUSE_OFF } from './tty-stdin.ts';

/** Everything the app may have switched on, switched off. The alternate screen is left by Ink, or here by a crash. */
const QUIET = `${MOUSE_OFF}\x1b[?2004l\x1b[?2026l\x1b[?7h\x1b[?25h\x1b[0m`;
const LEAVE_ALTERNATE = '\x1b[?1049l';

const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

export interface TerminalGuard {
  /** Called once when a signal or an error that nobody caught ends the app. */
  onEnd(end: () => void): void;
  /** Puts the terminal back, stops guarding, and says how the app ended. */
  release(): { code: number; error: unknown };
}

/**
 * Sees to it that the terminal is as it was, however the app ends: leaving, a signal, a crash, `process.exit`.
 * `alternate`: the app is on the alternate screen.
 */
export function guardTerminal(stdin: ReadStream, stdout: WriteStream, alternate = true): TerminalGuard {
  let end: (() => void) | undefined;
  let code = 0;
  let error: unknown;
  const finish = (): void => {
    const callback = end;
    end = undefined;
    callback?.();
  };
  const handlers = SIGNALS.map(signal => {
    const handler = (): void => {
      code = 128 + constants.signals[signal];
      finish();
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  const onError = (thrown: unknown): void => {
    error ??= thrown ?? new Error('an error without a value');
    code = 1;
    finish();
  };
  const restore = (leave: boolean): void => {
    try {
      if (stdin.isTTY) stdin.setRawMode(false);
    } catch {
      // The terminal is gone.
    }
    try {
      writeSync(1, QUIET + (leave ? LEAVE_ALTERNATE : ''));
    } catch {
      // As above.
    }
  };
  const onExit = (): void => restore(alternate);
  // A terminal that is closed while we write to it is no reason to crash; SIGHUP comes with it.
  const ignore = (): void => {};
  process.on('uncaughtException', onError).on('unhandledRejection', onError).on('exit', onExit);
  stdout.on('error', ignore);
  stdin.on('error', ignore);
  return {
    onEnd(callback) {
      end = callback;
    },
    release() {
      process.off('uncaughtException', onError).off('unhandledRejection', onError).off('exit', onExit);
      for (const { signal, handler } of handlers) process.off(signal, handler);
      restore(false);
      return { code, error };
    },
  };
}

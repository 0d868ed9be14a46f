import type { WriteStream } from 'node:tty';

/** What Ink may still tell the terminal when it draws nothing: that pastes come marked. */
const BRACKETED_PASTE = /\x1b\[\?2004[hl]/g;

/**
 * The terminal for Ink when the screen is read out (components/spoken): frames, cursor moves and erasures go nowhere.
 * Ink's own screen-reader output is not used: it erases and writes the whole of it anew at every change.
 */
export function silentStdout(terminal: WriteStream): WriteStream {
  const write = (data: string | Uint8Array, ...rest: unknown[]): boolean => {
    const callback = rest.find(one => typeof one === 'function') as (() => void) | undefined;
    const modes = typeof data === 'string' ? (data.match(BRACKETED_PASTE) ?? []).join('') : '';
    if (modes !== '') return terminal.write(modes, callback);
    if (callback) queueMicrotask(callback);
    return true;
  };
  return new Proxy(terminal, {
    get(target, key) {
      if (key === 'write') return write;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

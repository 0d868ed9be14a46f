import type { WriteStream } from 'node:tty';

/** How Ink begins a frame that replaces another: it erases upwards line by line, or goes home and erases down. */
const REPLACES = /^(?:\x1b\[2K(?:\x1b\[1A)?)+\x1b\[G|^\x1b\[1;1H\x1b\[J/;
const AUTO_WRAP_ON = '\x1b[?7h';
const AUTO_WRAP_OFF = '\x1b[?7l';

/**
 * What to write so that the screen shows `next` where it shows `previous`: only changed rows, each at its absolute
 * place, so that nothing can drift. Without `previous` the screen is cleared first. Empty when nothing changed.
 */
export function frameDifference(previous: readonly string[] | undefined, next: readonly string[]): string {
  let out = previous ? '' : `\x1b[0m${AUTO_WRAP_OFF}\x1b[H\x1b[2J`;
  const rows = Math.max(next.length, previous?.length ?? 0);
  for (let row = 0; row < rows; row++) {
    const line = next[row] ?? '';
    if (line === (previous?.[row] ?? '')) continue;
    // Erased before the text: behind it the erasure would take the last column of a full row.
    out += `\x1b[${row + 1};1H${previous ? '\x1b[2K' : ''}${line}`;
  }
  return out;
}

type Callback = (error?: Error | null) => void;

/**
 * The terminal as Ink should write to it (alternate screen, whole frames): of each frame only the changed rows go out.
 * `resolveRow` gives the row that a line of the frame stands for.
 * Supports neither Ink's cursor nor <Static>.
 */
export function frameStdout(terminal: WriteStream, resolveRow: (row: string) => string = row => row): WriteStream {
  let shown: string[] | undefined;
  terminal.prependListener('resize', () => {
    shown = undefined;
  });
  // A window that shrinks and grows back within a moment loses what it showed, but its size is as before and no resize
  // is told: then the frame is painted again.
  process.on('SIGWINCH', () => {
    if (shown) terminal.write(frameDifference(undefined, shown));
  });
  const write = (data: string | Uint8Array, encoding?: BufferEncoding | Callback, last?: Callback): boolean => {
    const callback = typeof encoding === 'function' ? encoding : last;
    const skip = (): boolean => {
      if (callback) queueMicrotask(callback);
      return true;
    };
    if (typeof data !== 'string') return terminal.write(data, callback);
    if (data.includes('\x1b[?1049')) {
      shown = undefined;
      if (data.includes('\x1b[?1049l')) terminal.write(AUTO_WRAP_ON);
    }
    const replaces = REPLACES.exec(data);
    // Modes, cursor visibility, begin and end of a synchronized update.
    if (!replaces && !data.includes('\n')) return terminal.write(data, callback);
    const text = data.slice(replaces?.[0].length ?? 0);
    if (text === '') {
      shown = undefined;
      return terminal.write(data, callback);
    }
    const rows = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n').map(resolveRow);
    if (rows.length > terminal.rows) {
      // Laid out for the size before a resize; the right one follows.
      shown = undefined;
      return skip();
    }
    const out = frameDifference(shown, rows);
    shown = rows;
    return out === '' ? skip() : terminal.write(out, callback);
  };
  return new Proxy(terminal, {
    get(target, key) {
      if (key === 'write') return write;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

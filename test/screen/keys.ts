/** What a terminal sends for each named key (xterm, application cursor keys off). */
const NAMED: Record<string, string> = {
  Enter: '\r',
  Esc: '\x1b',
  Tab: '\t',
  'Shift-Tab': '\x1b[Z',
  Space: ' ',
  'Ctrl-Space': '\0',
  'Ctrl-\\': '\x1c',
  Backspace: '\x7f',
  Delete: '\x1b[3~',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Right: '\x1b[C',
  Left: '\x1b[D',
  'Shift-Right': '\x1b[1;2C',
  'Shift-Left': '\x1b[1;2D',
  Home: '\x1b[H',
  End: '\x1b[F',
  PageUp: '\x1b[5~',
  PageDown: '\x1b[6~',
  F1: '\x1bOP',
};

/** The bytes of a key by its name (`Ctrl-D`, `Shift-K`, `Enter`), or of a single character. Throws for what it does not know. */
export function bytesOf(key: string): string {
  const named = NAMED[key];
  if (named !== undefined) return named;
  const ctrl = /^Ctrl-([A-Za-z])$/.exec(key);
  if (ctrl) return String.fromCharCode(ctrl[1]!.toUpperCase().charCodeAt(0) - 64);
  const shift = /^Shift-([A-Za-z])$/.exec(key);
  if (shift) return shift[1]!.toUpperCase();
  const alt = /^Alt-(.)$/.exec(key);
  if (alt) return `\x1b${alt[1]}`;
  if ([...key].length === 1) return key;
  throw new Error(`no such key: ${key}; for text use type()`);
}

/** Bytes of a paste as a terminal with bracketed paste sends it. */
export const pasteBytes = (text: string) => `\x1b[200~${text.replaceAll('\n', '\r')}\x1b[201~`;

/** A click or a wheel turn at a cell, in SGR mouse encoding. Button 0 is left, 64 wheel up, 65 wheel down. */
export const mouseBytes = (button: number, x: number, y: number) =>
  `\x1b[<${button};${x + 1};${y + 1}M\x1b[<${button};${x + 1};${y + 1}m`;

import { expect } from 'vitest';
import type { Terminal } from './terminal.ts';

/** The program has left the terminal as a shell expects it. */
export function expectRestored(terminal: Terminal): void {
  expect(terminal.state()).toEqual({
    alternateScreen: false,
    cursorVisible: true,
    autoWrap: true,
    mouse: 'none',
    bracketedPaste: false,
    canonical: true,
    echo: true,
  });
}

/** No frame was higher than the terminal: the screen never scrolled by itself. */
export function expectNoOverflow(terminal: Terminal): void {
  expect(terminal.scrolls, `the screen scrolled:\n${terminal.text()}`).toBe(0);
}

/** No colour and no other SGR but bold, dim, inverse and underline was written. */
export function expectColourless(raw: string): void {
  const coloured = [...raw.matchAll(/\x1b\[([\d;:]*)m/g)]
    .flatMap(([, codes]) => codes!.split(/[;:]/))
    .map(Number)
    .filter(code => (code >= 30 && code <= 49 && code !== 39 && code !== 49) || (code >= 90 && code <= 107));
  expect(coloured).toEqual([]);
}

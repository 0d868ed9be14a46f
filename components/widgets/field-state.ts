import { sanitiseLines, stringWidth } from '../../src/text.ts';
import type { KeyPress } from '../hooks/use-keys.ts';

/** A line of text being edited. The cursor is an offset in UTF-16 units and never inside a character. */
export interface FieldState {
  readonly text: string;
  readonly cursor: number;
  /** The whole text is selected: what is typed next takes its place. */
  readonly selected?: boolean;
}

/** The text with the cursor behind it. */
export const fieldOf = (text: string): FieldState => ({ text, cursor: text.length });

/** The text selected as a whole, as a field's that was just entered. */
export const selectAll = (state: FieldState): FieldState =>
  state.text === '' ? state : { text: state.text, cursor: state.text.length, selected: true };

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The characters as a person counts them, with where each begins. */
function characters(text: string): { at: number; character: string }[] {
  return Array.from(graphemes.segment(text), ({ index, segment }) => ({ at: index, character: segment }));
}

const before = (text: string, cursor: number) =>
  characters(text)
    .filter(({ at }) => at < cursor)
    .at(-1)?.at ?? 0;
const after = (text: string, cursor: number) => characters(text).find(({ at }) => at > cursor)?.at ?? text.length;

/** Where the word left of the cursor begins; what parts words are blanks and the signs of paths and port specs. */
function wordBefore(text: string, cursor: number): number {
  return /[^\s/:;,@=.-]*[\s/:;,@=.-]*$/.exec(text.slice(0, cursor))?.index ?? 0;
}

function wordAfter(text: string, cursor: number): number {
  return cursor + (/^[\s/:;,@=.-]*[^\s/:;,@=.-]*/.exec(text.slice(cursor))?.[0].length ?? 0);
}

const cut = (text: string, from: number, to: number): FieldState => ({
  text: text.slice(0, from) + text.slice(to),
  cursor: from,
});

/**
 * What can be typed into one line: no control characters, no direction overrides and other invisible ones; line breaks
 * become blanks, so that a paste of several lines stays whole.
 */
export function typeable(text: string): string {
  return sanitiseLines(text.replace(/[\r\n]+$/, '').replace(/\r\n|[\r\n\t]/g, ' ')).join(' ');
}

/** The line after a key, with readline's habits; undefined when the key is none of a field's. */
export function editField(state: FieldState, key: KeyPress): FieldState | undefined {
  if (state.selected) return editSelected(state, key);
  const { text, cursor } = state;
  switch (key.name) {
    case 'left':
    case 'ctrl-b':
      return { text, cursor: before(text, cursor) };
    case 'right':
    case 'ctrl-f':
      return { text, cursor: after(text, cursor) };
    case 'home':
    case 'ctrl-a':
      return { text, cursor: 0 };
    case 'end':
    case 'ctrl-e':
      return { text, cursor: text.length };
    case 'ctrl-left':
    case 'alt-b':
      return { text, cursor: wordBefore(text, cursor) };
    case 'ctrl-right':
    case 'alt-f':
      return { text, cursor: wordAfter(text, cursor) };
    case 'backspace':
    case 'ctrl-h':
      return cut(text, before(text, cursor), cursor);
    case 'delete':
    case 'ctrl-d':
      return cut(text, cursor, after(text, cursor));
    case 'ctrl-w':
    case 'alt-backspace':
      return cut(text, wordBefore(text, cursor), cursor);
    case 'alt-d':
      return cut(text, cursor, wordAfter(text, cursor));
    case 'ctrl-u':
      return cut(text, 0, cursor);
    case 'ctrl-k':
      return cut(text, cursor, text.length);
    default: {
      const typed = typeable(key.text);
      if (typed === '') return key.name === 'paste' ? state : undefined;
      // A mark typed after its letter becomes one character with it.
      const left = (text.slice(0, cursor) + typed).normalize('NFC');
      return { text: left + text.slice(cursor), cursor: left.length };
    }
  }
}

function editSelected(state: FieldState, key: KeyPress): FieldState | undefined {
  const { text, cursor } = state;
  if (['backspace', 'ctrl-h', 'delete', 'ctrl-d'].includes(key.name)) return fieldOf('');
  if (typeable(key.text) !== '') return editField(fieldOf(''), key);
  return editField({ text, cursor }, key);
}

/** The part of a line that is seen, `width` columns at most: the cursor's cell is always in it. */
export interface FieldView {
  left: string;
  /** What stands under the cursor; a blank behind the last character. */
  cursor: string;
  right: string;
  /** Something was cut off on that side. */
  cutLeft: boolean;
  cutRight: boolean;
}

/** Lays a line out for `width` columns (at least 3). `secret` shows a dot for each character. */
export function viewField(state: FieldState, width: number, secret = false): FieldView {
  const all = characters(state.text).map(({ at, character }) => ({ at, character: secret ? '•' : character }));
  const under = all.findIndex(({ at }) => at >= state.cursor);
  const index = under < 0 ? all.length : under;
  const widths = all.map(({ character }) => stringWidth(character));
  const total = widths.reduce((sum, one) => sum + one, 0);
  const text = (from: number, to: number) =>
    all
      .slice(from, to)
      .map(({ character }) => character)
      .join('');
  const cursor = all[index]?.character ?? ' ';
  if (total + (index === all.length ? 1 : 0) <= width) {
    return { left: text(0, index), cursor, right: text(index + 1, all.length), cutLeft: false, cutRight: false };
  }
  // Two columns are kept for the signs that something was cut off.
  let room = width - 2 - (widths[index] ?? 1);
  let from = index;
  let to = Math.min(index + 1, all.length);
  while (from > 0 && widths[from - 1]! <= room) room -= widths[--from]!;
  while (to < all.length && widths[to]! <= room) room -= widths[to++]!;
  return {
    left: text(from, index),
    cursor,
    right: text(index + 1, to),
    cutLeft: from > 0,
    cutRight: to < all.length,
  };
}

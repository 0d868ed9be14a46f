/**
 * Marks at the beginning of a dialog's line, for whoever reads it out: which row has the focus, which other rows there
 * are, which line only tells keys. Private characters, which no text from outside holds after it was sanitised for show.
 */
export const FOCUS = '\ue000';
export const ROW = '\ue001';
export const HINTS = '\ue002';

/** A row of a form or list, as it is read out. */
export const mark = (focused: boolean, words: string): string => (focused ? FOCUS : ROW) + words;

/** `Keys: Tab next, Esc cancel`. */
export function spokenHints(hints: readonly (readonly [key: string, does: string])[]): string {
  return `${HINTS}Keys: ${hints.map(([key, does]) => `${spokenKey(key)} ${does}`).join(', ')}`;
}

const ARROWS: Record<string, string> = { '↑': 'Up', '↓': 'Down', '←': 'Left', '→': 'Right' };

/** `Tab ↑ ↓` as `Tab Up Down`: many screen readers pass over arrows. */
export const spokenKey = (key: string): string => key.replace(/[↑↓←→]/g, arrow => ARROWS[arrow] ?? '');

/** What stands in a field, never what is secret; of an empty one what it means that it is empty. */
export function spokenField(text: string, look: { placeholder?: string; secret?: boolean }): string {
  if (text === '') return look.placeholder ? `empty, ${look.placeholder}` : 'empty';
  return look.secret ? `hidden, ${[...text].length} characters` : text;
}

import { stringWidth } from '../../src/text.ts';
import { spokenField } from '../spoken/marks.ts';
import type { Theme } from '../theme.ts';
import { type FieldState, typeable, viewField } from './field-state.ts';

/*
 * Why not ink-text-input: it reads the keyboard by itself, beside the app's one key router; its Delete acts as Backspace,
 * Ctrl-A, Ctrl-U and Ctrl-W type letters, Home and End do nothing, and a line longer than the field wraps. The state here
 * is a plain value with a pure function for keys, so several keys that arrive at once can never meet an old state.
 * The cursor is a cell in inverse video, not the terminal's own (useCursor): that one moves whole frames about and does
 * not go together with writing changed rows only.
 */

export interface FieldLook {
  /** Shown dim while the text is empty. */
  placeholder?: string;
  /** Shows dots instead of characters. */
  secret?: boolean;
}

/** The field as one ANSI string of exactly `width` columns (at least 3). */
export function fieldLine(
  theme: Theme,
  state: FieldState,
  width: number,
  focused: boolean,
  look: FieldLook = {},
): string {
  // What a field was filled with may come from outside.
  const clean = typeable(state.text) === state.text ? state : { text: typeable(state.text), cursor: 0 };
  if (theme.spoken) return spokenField(clean.text, look);
  if (clean.text === '' && look.placeholder) {
    const { left, cursor, right } = viewField({ text: typeable(look.placeholder), cursor: 0 }, width);
    const hint = focused
      ? `\x1b[7m${cursor}\x1b[27m${theme.paint('dim', right)}`
      : theme.paint('dim', left + cursor + right);
    return hint + ' '.repeat(Math.max(0, width - stringWidth(left + cursor + right)));
  }
  const view = viewField(focused ? clean : { ...clean, cursor: 0 }, width, look.secret);
  const [left, right] = [view.cutLeft ? '‹' : '', view.cutRight ? '›' : ''];
  const used = stringWidth(left + view.left + view.cursor + view.right + right);
  const cell = focused ? `\x1b[7m${view.cursor}\x1b[27m` : view.cursor;
  if (focused && clean.selected) {
    const text = view.left + view.cursor.trimEnd() + view.right;
    return `${left}${theme.paint('selected', text)}${right}${' '.repeat(Math.max(0, width - stringWidth(left + text + right)))}`;
  }
  const signs = (sign: string) => (sign === '' ? '' : theme.paint('dim', sign));
  return signs(left) + view.left + cell + view.right + signs(right) + ' '.repeat(Math.max(0, width - used));
}

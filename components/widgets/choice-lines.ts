import { pad, sanitise, stringWidth, truncate } from '../../src/text.ts';
import { mark } from '../spoken/marks.ts';
import type { Theme } from '../theme.ts';
import { type ChoiceState, topFor } from './choice-state.ts';

export interface ChoiceItem {
  label: string;
  /** Dim, behind the label. */
  detail?: string;
  /** A letter that picks it at once. */
  key?: string;
}

/** The list as ANSI lines of `width` columns, `height` at most. `multiple` draws a box before each row. */
export function choiceLines(
  theme: Theme,
  items: readonly ChoiceItem[],
  state: ChoiceState,
  width: number,
  height: number,
  multiple = false,
): string[] {
  const top = topFor(state.index, state.top, items.length, height);
  const clean = items.map(item => ({ ...item, label: sanitise(item.label), detail: sanitise(item.detail ?? '') }));
  if (theme.spoken) return clean.map((item, at) => spokenChoice(item, at, clean.length, state, multiple));
  const labelWidth = Math.min(Math.floor(width * 0.6), Math.max(0, ...clean.map(item => stringWidth(item.label))));
  return clean.slice(top, top + height).map((item, row) => {
    const at = top + row;
    const selected = at === state.index;
    const box = multiple ? (state.marked.has(at) ? '[x] ' : '[ ] ') : '';
    const letter = item.key ? `${item.key}  ` : '';
    const mark = `${selected ? '▸' : ' '} ${box}${letter}`;
    if (item.detail === '') return line(theme, selected, pad(mark + item.label, width));
    const head = pad(mark + truncate(item.label, labelWidth), Math.min(width, stringWidth(mark) + labelWidth + 2));
    const detail = pad(item.detail, Math.max(0, width - stringWidth(head)));
    return selected ? line(theme, true, head + detail) : head + theme.paint('dim', detail);
  });
}

/** `Stay, and watch, key s, 1 of 3`. */
function spokenChoice(item: ChoiceItem, at: number, count: number, state: ChoiceState, multiple: boolean): string {
  const marked = multiple ? [state.marked.has(at) ? 'marked' : 'not marked'] : [];
  const words = [item.label, item.detail ?? '', ...marked, item.key ? `key ${item.key}` : '', `${at + 1} of ${count}`];
  return mark(at === state.index, words.filter(word => word !== '').join(', '));
}

const line = (theme: Theme, selected: boolean, text: string) => (selected ? theme.paint('selected', text) : text);

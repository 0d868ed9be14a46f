import { pad } from '../../src/text.ts';
import { mark } from '../spoken/marks.ts';
import type { Theme } from '../theme.ts';

/** What stands before the value in a row of a form: the sign of the focus, and the label over `width` columns. */
export function rowHead(theme: Theme, focused: boolean, label: string, width: number): string {
  if (theme.spoken) return mark(focused, label === '' ? '' : `${label.trim()}: `);
  const head = `${focused ? theme.paint('accent', '▸ ') : '  '}${pad(label, width)}`;
  return focused ? theme.paint('title', head) : head;
}

/** `[x] yes`, `[ ] no`. */
export function switchText(theme: Theme, on: boolean, focused: boolean): string {
  if (theme.spoken) return on ? 'yes' : 'no';
  const text = on ? '[x] yes' : '[ ] no';
  return focused ? theme.paint('selected', text) : text;
}

/** `(•) agent   ( ) server`: one of a few. */
export function pickText(theme: Theme, labels: readonly string[], picked: number, focused: boolean): string {
  if (theme.spoken) return `${labels[picked] ?? ''}, ${picked + 1} of ${labels.length}`;
  return labels
    .map((label, at) => {
      const text = `${at === picked ? '(•)' : '( )'} ${label}`;
      return at === picked && focused ? theme.paint('selected', text) : text;
    })
    .join('   ');
}

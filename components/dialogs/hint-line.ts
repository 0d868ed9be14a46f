import { stringWidth } from '../../src/text.ts';
import { spokenHints } from '../spoken/marks.ts';
import type { Theme } from '../theme.ts';

const GAP = '   ';

/** `Tab next   Enter preview   Esc cancel`, as many as fit into `width` columns; the last, how to leave, before all. */
export function hintLine(
  theme: Theme,
  hints: readonly (readonly [key: string, does: string])[],
  width: number,
): string {
  if (theme.spoken) return spokenHints(hints);
  const widthOf = ([key, does]: readonly [string, string]) => stringWidth(key) + 1 + stringWidth(does);
  const last = hints.at(-1);
  if (last === undefined || widthOf(last) > width) return '';
  let room = width - widthOf(last);
  const shown = [];
  for (const hint of hints.slice(0, -1)) {
    room -= widthOf(hint) + GAP.length;
    if (room < 0) break;
    shown.push(hint);
  }
  return [...shown, last].map(([key, does]) => `${theme.paint('key', key)} ${theme.paint('dim', does)}`).join(GAP);
}

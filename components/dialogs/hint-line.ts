import { stringWidth } from '../../src/text.ts';
import { spokenHints } from '../spoken/marks.ts';
import type { Theme } from '../theme.ts';

/** `Tab next   Enter preview   Esc cancel`, as many as fit into `width` columns. */
export function hintLine(
  theme: Theme,
  hints: readonly (readonly [key: string, does: string])[],
  width: number,
): string {
  if (theme.spoken) return spokenHints(hints);
  let line = '';
  let used = 0;
  for (const [key, does] of hints) {
    const more = stringWidth(key) + 1 + stringWidth(does) + (used === 0 ? 0 : 3);
    if (used + more > width) break;
    line += `${used === 0 ? '' : '   '}${theme.paint('key', key)} ${theme.paint('dim', does)}`;
    used += more;
  }
  return line;
}

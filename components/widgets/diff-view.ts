import { pad, sanitise } from '../../src/text.ts';
import type { Theme } from '../theme.ts';
import { diffLines, hunks } from './diff-lines.ts';

/** What changes from one text to the other, as ANSI lines of `width` columns; signs say it, colours only repeat it. */
export function diffView(theme: Theme, before: string, after: string, width: number, around = 2): string[] {
  const lines = hunks(diffLines(before, after), around);
  if (lines.every(line => line.kind === 'gap')) return [theme.paint('dim', pad('  nothing changes', width))];
  return lines.map(line => {
    if (line.kind === 'gap') return theme.paint('dim', pad(`  ⋯ ${line.count} equal lines`, width));
    if (line.kind === 'same') return pad(`  ${sanitise(line.text)}`, width);
    const added = line.kind === 'added';
    return theme.paint(added ? 'good' : 'bad', pad(`${added ? '+' : '-'} ${sanitise(line.text)}`, width));
  });
}

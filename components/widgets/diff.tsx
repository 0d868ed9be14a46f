import { Text } from 'ink';
import type { ReactNode } from 'react';
import { pad, sanitise } from '../../src/text.ts';
import { type Theme, useTheme } from '../theme.ts';
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

export interface DiffProps {
  before: string;
  after: string;
  width: number;
  height: number;
  /** First line seen, for scrolling. */
  top?: number;
}

export function Diff({ before, after, width, height, top = 0 }: DiffProps): ReactNode {
  const lines = diffView(useTheme(), before, after, width);
  return <Text wrap="truncate">{lines.slice(top, top + height).join('\n')}</Text>;
}

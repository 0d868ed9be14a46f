import { Box } from 'ink';
import type { ReactNode } from 'react';

import { stringWidth, truncate } from '../../src/text.ts';
import { usePart } from '../spoken/voice-context.ts';
import { type Style, type Theme, useTheme } from '../theme.ts';
import { Rows } from './rows.tsx';

/** The upper border as one line, `width` columns wide: `╭ title ───── right ─╮`. Title and right text are plain. */
export function panelTop(theme: Theme, width: number, title: string, right = '', tone: Style = 'border'): string {
  const room = width - 5;
  const rightText = right !== '' && stringWidth(right) + 4 <= room ? ` ${right} ` : '';
  const titleText = room > 3 && title !== '' ? ` ${truncate(title, room - stringWidth(rightText))} ` : '';
  const line = Math.max(0, width - 3 - stringWidth(titleText) - stringWidth(rightText));
  return `${theme.paint(tone, '╭')}${theme.paint('title', titleText)}${theme.paint(tone, '─'.repeat(line))}${rightText}${theme.paint(tone, '─╮')}`;
}

export function panelBottom(theme: Theme, width: number, tone: Style = 'border'): string {
  return theme.paint(tone, `╰${'─'.repeat(Math.max(0, width - 2))}╯`);
}

export interface PanelProps {
  title: string;
  right?: string;
  width: number;
  /** With both borders. */
  height: number;
  tone?: Style;
  /** ANSI lines already cut and padded to `width - 4` columns; missing ones are blank. */
  lines: readonly string[];
}

/** A rounded border around lines of text, as wide as the screen. Lines must not be wider than `width - 4`. */
export function Panel({ title, right, width, height, tone = 'border', lines }: PanelProps): ReactNode {
  const theme = useTheme();
  usePart({ kind: 'pane', title, lines });
  if (theme.spoken) return null;
  const side = theme.paint(tone, '│');
  const rows = Array.from({ length: Math.max(0, height - 2) }, (_, index) => {
    const line = lines[index] ?? '';
    return `${side} ${line}${' '.repeat(Math.max(0, width - 4 - stringWidth(line)))} ${side}`;
  });
  return (
    <Box width={width} height={height} flexShrink={0} flexDirection="column">
      <Rows rows={[panelTop(theme, width, title, right, tone), ...rows, panelBottom(theme, width, tone)]} />
    </Box>
  );
}

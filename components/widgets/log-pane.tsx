import { Box } from 'ink';
import type { ReactNode } from 'react';
import { stringWidth, truncate } from '../../src/text.ts';
import { usePart } from '../spoken/voice-context.ts';
import { type Theme, useTheme } from '../theme.ts';
import { panelTop } from './panel.tsx';
import { Rows } from './rows.tsx';

export interface LogPaneProps {
  title: string;
  /** On the right of the upper border. */
  right: string;
  /** Left and right in the lower border. */
  footer: { left: string; right: string };
  width: number;
  /** With both borders. */
  height: number;
  /** ANSI rows exactly `width - 2` columns wide; missing ones are blank. */
  rows: readonly string[];
}

/** A border around rows of log, with what is to be said about them in the border itself. As wide as the screen. */
export function LogPane({ title, right, footer, width, height, rows }: LogPaneProps): ReactNode {
  const theme = useTheme();
  usePart({ kind: 'log', title, state: [right, footer.left].filter(Boolean).join(', '), rows });
  if (theme.spoken) return null;
  const side = theme.paint('border', '│');
  const blank = ' '.repeat(Math.max(0, width - 2));
  const body = Array.from({ length: Math.max(0, height - 2) }, (_, index) => `${side}${rows[index] ?? blank}${side}`);
  return (
    <Box width={width} height={height} flexShrink={0} flexDirection="column">
      <Rows rows={[panelTop(theme, width, title, right), ...body, bottom(theme, width, footer)]} />
    </Box>
  );
}

/** `╰─ left ────── right ─╯`; the left gives way. */
function bottom(theme: Theme, width: number, { left, right }: { left: string; right: string }): string {
  const room = Math.max(0, width - 4);
  const rightText = right === '' || stringWidth(right) + 2 > room ? '' : ` ${right} `;
  const leftRoom = room - stringWidth(rightText) - 2;
  const leftText = left === '' || leftRoom < 4 ? '' : ` ${truncate(left, leftRoom)} `;
  const line = '─'.repeat(Math.max(0, room - stringWidth(leftText) - stringWidth(rightText)));
  return `${theme.paint('border', '╰─')}${leftText}${theme.paint('border', line)}${rightText}${theme.paint('border', '─╯')}`;
}

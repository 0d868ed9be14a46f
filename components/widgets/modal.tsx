import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { usePart } from '../spoken/voice-context.ts';
import { type Style, useTheme } from '../theme.ts';
import { panelBottom, panelTop } from './panel.tsx';

export interface ModalProps {
  title: string;
  /** On the right of the upper border. */
  right?: string;
  /** Of the whole screen, for the centre. */
  screenWidth: number;
  screenHeight: number;
  /** Of the dialog with its border; cut to the screen. */
  width: number;
  /** Default: what the lines need. */
  height?: number;
  /** Colour of the border. */
  tone?: Style;
  /** ANSI lines of `width - 4` columns; there is room for `height - 2`. */
  lines: readonly string[];
}

/** A box in the middle of the screen that hides what lies under it, also where there is no background colour. */
export function Modal(props: ModalProps): ReactNode {
  const theme = useTheme();
  usePart({ kind: 'dialog', title: props.title, lines: props.lines });
  if (theme.spoken) return null;
  const width = Math.max(4, Math.min(props.width, props.screenWidth));
  const height = Math.max(3, Math.min(props.height ?? props.lines.length + 2, props.screenHeight));
  const tone = props.tone ?? 'accent';
  const side = theme.paint(tone, '│');
  const rows = Array.from({ length: height - 2 }, () => side + ' '.repeat(width - 2) + side);
  const frame = [panelTop(theme, width, props.title, props.right, tone), ...rows, panelBottom(theme, width, tone)];
  return (
    <Box
      position="absolute"
      marginLeft={Math.floor((props.screenWidth - width) / 2)}
      marginTop={Math.floor((props.screenHeight - height) / 2)}
      width={width}
      height={height}
    >
      <Box position="absolute" width={width} height={height}>
        <Text wrap="truncate">{frame.join('\n')}</Text>
      </Box>
      <Box
        position="absolute"
        marginLeft={2}
        marginTop={1}
        width={width - 4}
        height={height - 2}
        flexDirection="column"
        overflow="hidden"
      >
        <Text wrap="truncate">{props.lines.join('\n')}</Text>
      </Box>
    </Box>
  );
}

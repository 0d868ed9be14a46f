import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { K3duiError } from '../../src/errors.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { useSize } from '../hooks/use-size.ts';
import { usePart } from '../spoken/voice-context.ts';
import { useTheme } from '../theme.ts';
import { Panel } from '../widgets/panel.tsx';
import { wrapText } from '../widgets/wrap.ts';

export interface NoEngineProps {
  /** Why there is none; undefined while it is being looked for. */
  error: K3duiError | undefined;
  onRetry(): void;
  onDemo(): void;
  onQuit(): void;
}

/** What is seen before there is an engine: that one is looked for, or that there is none and what to do. */
export function NoEngine({ error, onRetry, onDemo, onQuit }: NoEngineProps): ReactNode {
  const theme = useTheme();
  const { width, height } = useSize();
  useKeys(true, key => {
    if (key.name === 'q' || key.name === 'ctrl-c') onQuit();
    else if (error && key.name === 'D') onDemo();
    else if (error && (key.name === 'r' || key.name === 'ctrl-r')) onRetry();
  });
  const inner = Math.max(10, width - 6);
  const key = (name: string, does: string): string => `${theme.paint('key', name.padEnd(7))} ${does}`;
  const lines = error
    ? [
        '',
        theme.paint('bad', '✗ No Docker engine answers'),
        '',
        ...wrapText(error.message, inner),
        ...(error.hint ? ['', ...wrapText(error.hint, inner)] : []),
        '',
        // Before the advice: in a low terminal what is last is cut off.
        key('D', 'start the demo: try everything, touch nothing'),
        key('Ctrl-R', 'try again now; it is tried every few seconds anyway'),
        key('q', 'quit'),
        '',
        theme.paint('title', 'How to get one'),
        ...wrapText(
          'Linux: install your distribution’s docker.io or docker-ce package, then: systemctl start docker',
          inner,
        ),
        ...wrapText('macOS and Windows: start Docker Desktop, Colima, Rancher Desktop or OrbStack', inner),
        ...wrapText('An engine elsewhere: DOCKER_HOST=ssh://user@host k3dui, or docker context use NAME', inner),
      ]
    : ['', 'Looking for the Docker engine …'];
  usePart({ kind: 'text', title: `k3dui, ${error ? 'no engine' : 'connecting'}`, lines, top: 0 });
  if (theme.spoken) return null;
  return (
    <Box width={width} height={height} flexDirection="column">
      <Text wrap="truncate">
        {` ${theme.paint('title', 'k3dui')}  ${theme.paint('dim', error ? 'no engine' : 'connecting')}`}
      </Text>
      <Panel title="" width={width} height={Math.max(3, height - 1)} lines={lines.map(line => ` ${line}`)} />
    </Box>
  );
}

import type { ReactNode } from 'react';
import { sanitise } from '../../src/text.ts';
import { placeKey } from '../state/navigation.ts';
import { useTheme } from '../theme.ts';
import type { BodyProps } from './list-screen.tsx';
import { TextScreen } from './text-screen.tsx';
import { paintYaml } from './yaml-screen.tsx';

/** A cluster as the config file that makes it again. */
export function ExportScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place } = props;
  const document = app.state.document?.key === placeKey(place) ? app.state.document : undefined;
  const secret = app.files.shown?.secret ? 'with its token' : 'token left out';
  const title = `${sanitise(place.subject ?? '')} as a config file · ${secret}`;
  if (document?.error) {
    return (
      <TextScreen {...props} title={title} lines={[theme.paint('bad', `✗ ${sanitise(document.error.message)}`)]} />
    );
  }
  const lines = document?.lines?.map(line =>
    line.startsWith('#') ? theme.paint('dim', line) : paintYaml(theme, line),
  );
  const waiting = document ? 'reading …' : 'This was read a while ago and is gone. Esc goes back, x reads it again.';
  return <TextScreen {...props} title={title} lines={lines ?? [waiting]} />;
}

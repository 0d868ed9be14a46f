import type { ReactNode } from 'react';
import { sanitise } from '../../src/text.ts';
import { placeKey } from '../state/navigation.ts';
import { type Theme, useTheme } from '../theme.ts';
import type { BodyProps } from './list-screen.tsx';
import { TextScreen } from './text-screen.tsx';

/** Docker's inspect of a cluster's containers, or of one node. */
export function YamlScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place } = props;
  const document = app.state.document?.key === placeKey(place) ? app.state.document : undefined;
  const { error, lines } = document ?? {};
  const title = `${sanitise(place.subject ?? '')} · secrets hidden`;
  if (error) {
    const hint = error.hint === undefined ? [] : [sanitise(error.hint)];
    return (
      <TextScreen {...props} title={title} lines={[theme.paint('bad', `✗ ${sanitise(error.message)}`), ...hint]} />
    );
  }
  const shown = lines?.map(line => paintYaml(theme, line)) ?? [
    document ? 'reading …' : 'This was read a while ago and is gone. Esc goes back, y reads it again.',
  ];
  return <TextScreen {...props} title={title} lines={shown} />;
}

/** Keys in colour. */
export function paintYaml(theme: Theme, line: string): string {
  const match = /^([ ]*(?:- )*)([^\s:'"][^:'"]*|'[^']*'|"[^"]*"):( .*)?$/.exec(line);
  return match ? `${match[1]}${theme.paint('accent', match[2] ?? '')}:${match[3] ?? ''}` : line;
}

import type { ReactNode } from 'react';
import { describeDifference } from '../../src/engine/cluster/difference-text.ts';
import type { Difference } from '../../src/engine/cluster/differences.ts';
import { sanitise } from '../../src/text.ts';
import { placeKey } from '../state/navigation.ts';
import { type Theme, useTheme } from '../theme.ts';
import { wrapText } from '../widgets/wrap.ts';
import type { BodyProps } from './list-screen.tsx';
import { TextScreen } from './text-screen.tsx';

/** In what a cluster differs from its config file, and what of it can be changed while it goes on. */
export function DiffScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, width } = props;
  const document = app.state.document?.key === placeKey(place) ? app.state.document : undefined;
  const [name = ''] = document?.lines ?? [];
  const title = `${sanitise(place.subject ?? '')}${name ? ` · cluster ${sanitise(name)}` : ''}`;
  const { error } = document ?? {};
  if (error) {
    const message = wrapText(`✗ ${sanitise(error.message)}`, width - 6).map(line => theme.paint('bad', line));
    const hint = (error.hint ?? '').split('\n').flatMap(line => wrapText(sanitise(line), width - 6));
    return <TextScreen {...props} title={title} lines={[...message, '', ...hint]} />;
  }
  if (!document?.lines) {
    const waiting = document ? 'reading …' : 'This was read a while ago and is gone. Ctrl-R reads it again.';
    return <TextScreen {...props} title={title} lines={[waiting]} />;
  }
  return <TextScreen {...props} title={title} lines={differenceLines(theme, app.files.differences, width - 6)} />;
}

const TONES = { '+': 'good', '-': 'bad', '~': 'warn' } as const;

/** What changes in place first, then what only a new cluster would have, with the reason. */
export function differenceLines(theme: Theme, differences: readonly Difference[], width: number): string[] {
  if (differences.length === 0) return [theme.paint('good', '✓ The cluster is as the file has it.')];
  const part = (how: Difference['how'], title: string) => {
    const some = differences.filter(difference => difference.how === how);
    if (some.length === 0) return [];
    return [
      theme.paint('title', title),
      ...some.flatMap(difference => {
        const { sign, text } = describeDifference(difference);
        const lines = wrapText(sanitise(text), width - 4).map(
          (line, at) => `  ${at === 0 ? theme.paint(TONES[sign], sign) : ' '} ${line}`,
        );
        const why = difference.why ? wrapText(sanitise(difference.why), width - 6) : [];
        return [...lines, ...why.map(line => theme.paint('dim', `      ${line}`))];
      }),
      '',
    ];
  };
  return [
    ...part('in place', 'Changed while the cluster goes on'),
    ...part('recreate', 'Only a cluster made anew has it'),
    theme.paint('dim', 'a  plans it and asks'),
  ];
}

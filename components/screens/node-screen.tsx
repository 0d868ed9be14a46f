import { type ReactNode, useEffect, useState } from 'react';
import { type NodeFacts, readNode } from '../../src/engine/node/details.ts';
import { toK3duiError } from '../../src/errors.ts';
import { sanitise } from '../../src/text.ts';
import { useTheme } from '../theme.ts';
import type { BodyProps } from './list-screen.tsx';
import { nodeLines } from './node-lines.ts';
import { nodeRow } from './node-row.ts';
import { TextScreen } from './text-screen.tsx';

/** How often it is read again while it is looked at, in milliseconds. */
const READ_EVERY = 5000;

/** Details of a node. */
export function NodeScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, now } = props;
  const name = place.subject ?? '';
  const found = app.snapshot.nodes.find(candidate => candidate.name === name);
  const node = found && nodeRow(found, app.nodes.live.view);
  const [read, setRead] = useState<{ of: string; facts?: NodeFacts; error?: string }>({ of: '' });
  const id = node?.id;
  const state = node?.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of state is a reason to read again
  useEffect(() => {
    if (id === undefined) return;
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const again = async (): Promise<void> => {
      const found = app.snapshot.nodes.find(candidate => candidate.id === id);
      if (!found) return;
      try {
        const facts = await readNode(app.engine, found, { signal: abort.signal });
        if (!abort.signal.aborted) setRead({ of: id, facts });
      } catch (error) {
        if (!abort.signal.aborted) setRead({ of: id, error: toK3duiError(error).message });
      }
      if (!abort.signal.aborted) timer = setTimeout(again, READ_EVERY);
    };
    void again();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [app, id, state]);
  const lines = !node
    ? [`There is no node ${sanitise(name)} any more.`, '', 'Esc  goes back']
    : [
        ...nodeLines(theme, node, read.of === id ? read.facts : undefined, now),
        ...(read.of === id && read.error ? ['', theme.paint('bad', `✗ ${sanitise(read.error)}`)] : []),
      ];
  return <TextScreen {...props} title={`Node ${sanitise(name)} · secrets hidden`} lines={lines} />;
}

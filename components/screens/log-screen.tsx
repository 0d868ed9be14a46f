import { type ReactNode, useEffect, useLayoutEffect, useSyncExternalStore } from 'react';
import { formatBytes, sanitise } from '../../src/text.ts';
import { useTheme } from '../theme.ts';
import { LogPane } from '../widgets/log-pane.tsx';
import type { BodyProps } from './list-screen.tsx';
import { SINCE } from './log-since.ts';
import type { LogView } from './log-view.ts';
import { logNames, shortNames } from './log-views.ts';

/** Columns of a line that is read out; longer ones are cut. */
const SPOKEN_WIDTH = 2000;

/** The logs of one or several nodes. */
export function LogScreen({ app, place, top, width, height }: BodyProps): ReactNode {
  const theme = useTheme();
  const view = app.logs.viewOf(place);
  useSyncExternalStore(view.subscribe, view.revision);
  useEffect(() => {
    view.show();
    return () => view.hide();
  }, [view]);
  const room = Math.max(1, height - 2);
  useLayoutEffect(() => {
    app.body = { page: room, top };
  }, [app, room, top]);
  // A line is read out whole; on the screen what does not fit is found with the arrows.
  const rows = view.rows(theme, theme.spoken ? SPOKEN_WIDTH : width - 2, room);
  const shown = rows.length > 0 ? rows : emptyRows(view);
  return (
    <LogPane
      title={title(place.subject === undefined ? [] : logNames(place))}
      right={where(view)}
      footer={{ left: how(view), right: counts(view) }}
      width={width}
      height={height}
      rows={shown.map(row => (rows.length > 0 ? row : row.padEnd(width - 2)))}
    />
  );
}

/** `Log of k3d-a-server-0`, `Logs of server-0 server-1 agent-0`. */
function title(names: readonly string[]): string {
  const [first] = names;
  if (first === undefined) return 'Logs';
  return names.length === 1 ? `Log of ${sanitise(first)}` : `Logs of ${shortNames(names).join(' ')}`;
}

/** Whether the log is followed, and what stands in the way. */
function where(view: LogView): string {
  const { feed } = view;
  const troubles = (['lost', 'gone', 'stopped'] as const).flatMap(state => {
    const count = feed.states.filter(one => one === state).length;
    if (count === 0) return [];
    const word = { lost: '✗ cannot be read', gone: '○ gone', stopped: '○ stopped' }[state];
    return [feed.states.length === 1 ? word : `${word.slice(0, 2)}${count} ${word.slice(2)}`];
  });
  const parts = [
    ...troubles,
    ...(feed.loadingOlder ? ['⟳ older lines'] : []),
    view.position.following ? '↓ following' : feed.behind ? '‖ not following, reading waits' : '‖ not following',
  ];
  return parts.join(' · ');
}

/** How the lines are shown. */
function how(view: LogView): string {
  const { search, filter, searchCount } = view;
  const parts: string[] = [];
  if (view.position.selection !== undefined) parts.push('selecting: c copies, Esc ends');
  if (search !== undefined && searchCount !== undefined) {
    const at = searchCount.at === undefined ? '' : `${searchCount.at} of `;
    parts.push(`/${sanitise(search.text)}: ${at}${searchCount.count}${searchCount.complete ? '' : ' …'}`);
  }
  if (filter !== undefined) parts.push(`&${sanitise(filter.text)}`);
  if (view.preset > 0) parts.push(`last ${SINCE[view.preset]?.label}`);
  if (view.wrap) parts.push('wrapped');
  else if (view.column > 0) parts.push(`from column ${view.column + 1}`);
  return parts.join(' · ');
}

/** How much there is. */
function counts(view: LogView): string {
  const { feed } = view;
  const { ring } = feed;
  const count = ring.count.toLocaleString('en');
  const lines = view.filter === undefined ? count : `${view.lines.passing.toLocaleString('en')} of ${count}`;
  const errors = ring.errors > 0 ? ` · ${ring.errors.toLocaleString('en')} errors` : '';
  return `${lines} lines${feed.atStart ? '' : '+'}${errors} · ${formatBytes(ring.bytes)}`;
}

function emptyRows(view: LogView): string[] {
  const { feed } = view;
  if (view.filter !== undefined && feed.ring.count > 0) {
    return ['', '  No line passes the filter.', '', '  &  changes it', '  Esc  clears it'];
  }
  if (feed.states.includes('opening')) return ['', '  Reading the log …'];
  if (view.preset > 0)
    return ['', `  Nothing was logged in the last ${SINCE[view.preset]?.label}.`, '', '  0  shows all'];
  return ['', '  Nothing has been logged yet; new lines appear here.'];
}

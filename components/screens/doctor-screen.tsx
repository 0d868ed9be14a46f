import { Box } from 'ink';
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import type { Finding } from '../../src/engine/doctor/finding.ts';
import { sanitise } from '../../src/text.ts';
import { type Theme, useTheme } from '../theme.ts';
import { fitCell } from '../widgets/columns.ts';
import { Panel } from '../widgets/panel.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { progressText, severityStyle, severityText } from './doctor-list.ts';
import { type BodyProps, ListScreen } from './list-screen.tsx';

/** Border and titles of a table. */
const TABLE_FRAME = 3;
const PANE_LEAST = 7;

/** Rows for the table and the evidence under it; the table gets what it needs, up to half. */
function doctorLayout(height: number, rows: number): { table: number; pane: number } {
  if (height < 14) return { table: height, pane: 0 };
  const table = Math.min(
    Math.max(Math.floor(height / 2), height - 20),
    Math.max(6, rows + TABLE_FRAME),
    height - PANE_LEAST,
  );
  return { table, pane: height - table };
}

/** What is wrong or soon will be; evidence and remedy of the selected finding below. */
export function DoctorScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, width, height } = props;
  const { doctor } = app;
  const view = useSyncExternalStore(doctor.subscribe, () => doctor.view);
  const ended = app.engine.operations.operations.filter(({ endedAt }) => endedAt !== undefined).length;
  const live = app.snapshot.link === 'live';
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was done may have changed what is found
  useEffect(() => {
    if (live) doctor.show(place.subject);
  }, [doctor, place.subject, live, ended]);
  useEffect(() => () => doctor.hide(), [doctor]);

  const shaped = app.shaped(place)!;
  const finding = app.selectedRow(place) as Finding | undefined;
  const layout = doctorLayout(height, shaped.rows.length);
  const empty = shaped.all.length === 0;
  const lines = finding ? paneLines(theme, finding, width - 4, layout.pane - 2) : [];
  return (
    <Box flexDirection="column" width={width} height={height}>
      <ListScreen {...props} height={empty ? height : layout.table} />
      {layout.pane > 0 && !empty ? (
        <Panel title="Evidence" right={progressText(view)} width={width} height={layout.pane} lines={lines} />
      ) : null}
    </Box>
  );
}

/**
 * Everything about a finding, with the line to run. Where `height` lines have no room for it, evidence is left out: what to do stays in
 * sight.
 */
export function paneLines(theme: Theme, finding: Finding, width: number, height = Number.POSITIVE_INFINITY): string[] {
  const { severity, message, cluster, evidence, remedy, check } = finding;
  const label = (text: string) => theme.paint('dim', fitCell(text, 10));
  const block = (name: string, texts: readonly string[]) =>
    texts.flatMap(text => wrapText(text, width - 10)).map((line, index) => `${label(index === 0 ? name : '')}${line}`);
  const what = wrapText(`${cluster === undefined ? '' : `${cluster}: `}${message}`, width).map(line =>
    theme.paint(severityStyle(severity), line),
  );
  const seen = block('Seen', evidence.map(sanitise));
  const todo = remedy
    ? [
        ...block('Remedy', [`${remedy.title}${remedy.destructive ? '  (loses something)' : ''}`]),
        ...block(remedy.plan ? 'Same as' : 'Run', [remedy.command]),
        ...block('', [remedy.plan ? 'r carries it out, after showing what it does' : 'c copies the line']),
      ]
    : [];
  const all = [
    ...what,
    '',
    ...seen,
    ...(todo.length > 0 ? ['', ...todo] : []),
    '',
    `${label('Check')}${theme.paint('dim', `${check} · ${severityText(severity)}`)}`,
  ];
  if (all.length <= height) return all;
  const more = theme.paint('dim', '… d shows all');
  const room = height - what.length - todo.length - 1;
  return room >= 0
    ? [...what, ...seen.slice(0, room), more, ...todo]
    : [...[...what, ...todo].slice(0, height - 1), more];
}

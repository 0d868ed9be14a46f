import { Box } from 'ink';
import { type ReactNode, useEffect } from 'react';
import type { Cluster } from '../../src/engine/model.ts';
import { sanitise } from '../../src/text.ts';
import { useTheme } from '../theme.ts';
import { Panel } from '../widgets/panel.tsx';
import { type BodyProps, ListScreen } from './list-screen.tsx';
import { fixedBecause } from './ports-fixed.ts';
import type { PortLine } from './ports-list.ts';
import { agreement, fileLines, mappingLines } from './ports-pane.ts';

/** Border and titles of a table. */
const TABLE_FRAME = 3;
const MAPPING_HEIGHT = 5;
const FILE_LEAST = 4;

/** Rows for the table, the selected mapping and the file under it; 0 for what has no room. */
function portsLayout(height: number, rows: number): { table: number; mapping: number; file: number } {
  if (height < 14) return { table: height, mapping: 0, file: 0 };
  const mapping = height >= 30 ? MAPPING_HEIGHT + 1 : MAPPING_HEIGHT;
  const most = Math.max(5, Math.min(Math.floor(height / 2), height - mapping - FILE_LEAST));
  const table = Math.min(most, Math.max(5, rows + TABLE_FRAME));
  return { table, mapping, file: height - mapping - table };
}

/** Every path into a cluster, or into all; what the load balancer is made of below. */
export function PortsScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, width, height } = props;
  const { ports } = app.state;
  const shaped = app.shaped(place)!;
  const line = app.selectedRow(place) as PortLine | undefined;
  const cluster =
    line?.cluster ??
    (place.subject === undefined ? undefined : app.snapshot.clusters.find(one => one.name === place.subject));
  const layout = portsLayout(height, Math.max(shaped.rows.length, 2));

  // Every time something was drawn, as anything drawn may have brought another row into sight.
  useEffect(() => {
    const { table } = app.body;
    const lines = table ? (shaped.rows.slice(table.first, table.first + table.page) as PortLine[]) : [];
    app.portWatch.look(readNow(app.snapshot.clusters, lines, place.subject), app.state.dialog ? [] : lines);
  });
  useEffect(() => () => app.portWatch.stop(), [app]);

  const inner = width - 4;
  const entry = cluster === undefined ? undefined : ports.readings.get(cluster.name);
  const file = cluster ? fileLines(theme, cluster, entry, ports.file, inner) : [];
  const page = layout.file - 2;
  const scroll = Math.max(0, Math.min(ports.scroll, file.length - page));
  useEffect(() => {
    app.portFileLast = Math.max(0, file.length - page);
  });
  const shown = file.slice(scroll, scroll + page);
  return (
    <Box flexDirection="column" width={width} height={height}>
      <ListScreen {...props} height={layout.table} />
      {layout.mapping > 0 ? (
        <Panel
          title={line ? 'Mapping' : ''}
          right={mappingNote(line, props.faint)}
          width={width}
          height={layout.mapping}
          lines={line ? mappingLines(theme, line, inner, layout.mapping - 2) : []}
        />
      ) : null}
      {layout.file > 0 ? (
        <Panel
          title={fileTitle(cluster, ports.file, agreement(entry))}
          right={file.length > page ? `${scroll + 1}-${scroll + shown.length} of ${file.length} · y other file` : ''}
          width={width}
          height={layout.file}
          lines={shown.map(one => (props.faint ? theme.paint('dim', one) : one))}
        />
      ) : null}
    </Box>
  );
}

/** What can be done with the selected mapping. */
function mappingNote(line: PortLine | undefined, faint: boolean): string {
  if (line === undefined) return '';
  if (faint) return 'as last seen';
  return fixedBecause(line) === undefined ? 'e change   Ctrl-D remove' : 'stays as it is';
}

function fileTitle(cluster: Cluster | undefined, file: string, agrees: string): string {
  if (!cluster) return '';
  if (!cluster.loadBalancer) return `${sanitise(cluster.name)} has no load balancer`;
  return `${file} of ${sanitise(cluster.loadBalancer.name)}${agrees === '' ? '' : ` · ${agrees}`}`;
}

/** Load balancers that must be read: those in sight, and stopped ones, of whose ports Docker's list tells nothing. */
function readNow(clusters: readonly Cluster[], lines: readonly PortLine[], subject: string | undefined): Cluster[] {
  const seen = new Set(lines.map(line => line.cluster.name));
  return clusters.filter(
    ({ name, loadBalancer }) =>
      name === subject || seen.has(name) || (subject === undefined && loadBalancer?.running === false),
  );
}

import { Box } from 'ink';
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import type { ImageRow } from '../../src/engine/image/matrix.ts';
import { shortId } from '../../src/engine/image/names.ts';
import type { NodeImages } from '../../src/engine/image/node-images.ts';
import { formatAge, formatBytes, sanitise, stringWidth } from '../../src/text.ts';
import { type Theme, useTheme } from '../theme.ts';
import { fitCell } from '../widgets/columns.ts';
import { Panel } from '../widgets/panel.tsx';
import { MISSING, SIGNS } from './images-list.ts';
import { type BodyProps, ListScreen } from './list-screen.tsx';

/** Border and titles of a table. */
const TABLE_FRAME = 3;
const PANE_LEAST = 5;

/** Rows for the table and the nodes of the selected image under it. */
function imagesLayout(height: number, rows: number, lines: number): { table: number; pane: number } {
  if (height < 13) return { table: height, pane: 0 };
  const wanted = Math.max(PANE_LEAST, Math.min(lines + 2, Math.floor(height / 2)));
  const table = Math.min(height - wanted, Math.max(6, rows + TABLE_FRAME));
  return { table, pane: height - table };
}

/** Image × node: what the nodes hold, and how that compares with Docker's; below the nodes of the selected image. */
export function ImagesScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, now, width, height } = props;
  const { images, snapshot } = app;
  const view = useSyncExternalStore(images.subscribe, () => images.view);
  const live = snapshot.link === 'live';
  const ended = app.engine.operations.operations.filter(({ endedAt }) => endedAt !== undefined).length;
  const running = images
    .nodes(place.subject)
    .map(({ id, state }) => `${id} ${state}`)
    .join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: nodes come and go, and operations change what they hold
  useEffect(() => {
    if (live) images.look(place.subject);
  }, [images, place.subject, live, ended, running]);
  useEffect(() => () => images.hide(), [images]);

  const shaped = app.shaped(place)!;
  const row = app.selectedRow(place) as ImageRow | undefined;
  const lines = row ? nodeLines(theme, row, view.picture?.nodes ?? [], now, width - 4) : [];
  const layout = imagesLayout(height, shaped.rows.length, lines.length);
  const empty = shaped.all.length === 0;
  const room = layout.pane - 2;
  return (
    <Box flexDirection="column" width={width} height={height}>
      <ListScreen {...props} height={empty ? height : layout.table} />
      {layout.pane > 0 && !empty && row ? (
        <Panel
          title={sanitise(row.name)}
          right={
            view.looking
              ? 'asking the nodes …'
              : `${SIGNS.same} as Docker's ${SIGNS.older} older ${MISSING} missing ${SIGNS['only here']} not in Docker`
          }
          width={width}
          height={layout.pane}
          lines={lines.length > room ? [...lines.slice(0, room - 1), theme.paint('dim', '… d shows all')] : lines}
        />
      ) : null}
    </Box>
  );
}

/** What Docker has, and each node. */
export function nodeLines(
  theme: Theme,
  row: ImageRow,
  nodes: readonly NodeImages[],
  now: number,
  width: number,
): string[] {
  const silent = nodes.filter(({ fault }) => fault !== undefined);
  const names = ['Docker', ...[...row.held, ...row.missing, ...silent].map(({ node }) => sanitise(node))];
  const label = Math.min(40, Math.max(...names.map(stringWidth)) + 2);
  const line = (name: string, text: string) => fitCell(`${fitCell(sanitise(name), label)}${text}`, width).trimEnd();
  const { docker } = row;
  const age = (created: number) => `${formatAge(now / 1000 - created)} old`;
  const held = row.held.map(({ node, id, size, comparison, pods }) => {
    const used = pods.length > 0 ? `  ${pods.map(sanitise).join(' ')}` : '';
    const said = { same: "as Docker's", older: "older than Docker's", newer: "newer than Docker's", 'only here': '' };
    const text = `${SIGNS[comparison]} ${shortId(id)}  ${fitCell(formatBytes(size), 8, 'right')}  ${said[comparison]}${used}`;
    return { node, line: line(node, comparison === 'older' ? theme.paint('warn', text) : text) };
  });
  const missing = row.missing.map(({ node }) => ({
    node,
    line: line(node, theme.paint(row.brought ? 'warn' : 'dim', `${MISSING} missing`)),
  }));
  const unknown = silent.map(({ node, fault }) => ({
    node,
    line: line(node, theme.paint('dim', `? ${sanitise(fault!)}`)),
  }));
  return [
    line(
      'Docker',
      docker
        ? `  ${shortId(docker.id)}  ${fitCell(formatBytes(docker.size), 8, 'right')}  ${age(docker.created)}`
        : theme.paint('dim', '  does not have it'),
    ),
    ...[...held, ...missing, ...unknown].sort((a, b) => (a.node < b.node ? -1 : 1)).map(each => each.line),
  ];
}

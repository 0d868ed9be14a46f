import { Box } from 'ink';
import { type ReactNode, useEffect } from 'react';
import { exposureName } from '../../src/engine/expose/words.ts';
import { sanitise } from '../../src/text.ts';
import type { ExposeLine } from '../expose-work.ts';
import { type Theme, useTheme } from '../theme.ts';
import { Panel } from '../widgets/panel.tsx';
import { chainPicture, pictureLayout } from './chain-picture.ts';
import { detailLines, hopLines, hopWindow, verdictLines } from './expose-lines.ts';
import { type BodyProps, ListScreen } from './list-screen.tsx';
import { TextScreen } from './text-screen.tsx';

/** Border and titles of a table. */
const TABLE_FRAME = 3;
const TABLE_LEAST = 6;
/** Lines for what breaks and what to do. */
const VERDICT = 3;

/** Rows for the table and the way of the selected row; 0 for what has no room. */
function exposeLayout(height: number, width: number, rows: number, hops: number): { table: number; chain: number } {
  if (height < 14) return { table: height, chain: 0 };
  const room = height - TABLE_LEAST - 2;
  const picture = pictureLayout(hops, width - 4, room - 1)?.rows ?? 0;
  const wanted = picture > 0 ? picture * 3 + VERDICT : hops + VERDICT;
  const chain = Math.min(height - TABLE_LEAST, wanted + 2);
  const table = Math.max(TABLE_LEAST, Math.min(height - chain, rows + TABLE_FRAME));
  return { table, chain: height - table };
}

/** Services and Ingresses with where they are reached or what is missing; below, the way of the selected one. */
export function ExposeScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, width, height } = props;
  const shaped = app.shaped(place)!;
  const line = app.selectedRow(place) as ExposeLine | undefined;
  const layout = exposeLayout(height, width, Math.max(shaped.rows.length, 3), line?.exposure.hops.length ?? 0);
  useEffect(() => {
    app.expose.look(app.state.dialog || props.faint ? undefined : line);
  });
  useEffect(() => () => app.expose.stop(), [app]);
  const inner = width - 4;
  return (
    <Box flexDirection="column" width={width} height={height}>
      <ListScreen {...props} height={layout.table} />
      {layout.chain > 0 ? (
        <Panel
          title={line ? sanitise(titleOf(line)) : ''}
          right={line ? note(line, props.faint) : ''}
          width={width}
          height={layout.chain}
          lines={line ? chainLines(theme, line, inner, layout.chain - 2) : []}
        />
      ) : null}
    </Box>
  );
}

function titleOf({ exposure }: ExposeLine): string {
  const { kind, note: more } = exposure;
  return `${exposureName(exposure)} · ${kind}${more === '' ? '' : ` (${more})`}`;
}

function note({ diagnosis }: ExposeLine, faint: boolean): string {
  if (faint) return 'as last seen';
  return diagnosis.verdict === 'testing' ? 'trying every hop …' : 'Enter all of it   t try again';
}

/** The picture where it has room, else a line a hop; and below what it comes to. */
function chainLines(theme: Theme, line: ExposeLine, width: number, height: number): string[] {
  const { hops, note: said } = line.exposure;
  if (hops.length === 0) return [theme.paint('dim', sanitise(said))];
  const picture = chainPicture(theme, line, width, height - 1);
  if (picture.length > 0) {
    const words = verdictLines(theme, line, width, Math.min(VERDICT + 2, height - picture.length));
    // Where there is room left, each hop in words too.
    const rest = height - picture.length - words.length - 2;
    const all = rest >= hops.length ? ['', ...hopLines(theme, line, width)] : [];
    return [...picture, ...words, ...all];
  }
  const verdict = verdictLines(theme, line, width, VERDICT);
  const shown = hopWindow(hopLines(theme, line, width), line.diagnosis.at, height - verdict.length);
  return [...shown, ...verdict];
}

/** One way in full, each of its parts too. */
export function ExposureScreen(props: BodyProps): ReactNode {
  const theme = useTheme();
  const { app, place, width } = props;
  const line = app.expose.line(place.subject);
  useEffect(() => {
    app.expose.look(app.state.dialog || props.faint ? undefined : line);
  });
  useEffect(() => () => app.expose.stop(), [app]);
  if (line === undefined) {
    const known = app.expose.known(place.subject);
    const lines = known ? ['There is nothing of that name any more.', '', 'Esc  goes back'] : ['Asking Kubernetes …'];
    return <TextScreen {...props} title="" lines={lines} />;
  }
  const title = sanitise(`${exposureName(line.exposure)} of ${line.cluster.name}`);
  return <TextScreen {...props} title={title} lines={detailLines(theme, line, width - 4)} />;
}

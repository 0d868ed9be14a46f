import { type ReactNode, useCallback } from 'react';
import { stringWidth, truncate } from '../../src/text.ts';
import { listOf } from '../state/app-state.ts';
import { parseFilter } from '../state/filter.ts';
import { placeKey } from '../state/navigation.ts';
import { type Theme, useTheme } from '../theme.ts';
import { fitCell } from '../widgets/columns.ts';
import { TextView } from '../widgets/text-view.tsx';
import type { BodyProps } from './list-screen.tsx';

/** A screen of lines: scrolls, and shows only the lines that pass the filter. Lines are ANSI, of our own making. */
export function TextScreen({
  title,
  lines,
  live,
  ...body
}: BodyProps & { title: string; lines: readonly string[]; live?: boolean }): ReactNode {
  const { app, place, top, width, height, faint } = body;
  const theme = useTheme();
  const list = listOf(app.state, placeKey(place));
  const filter = parseFilter(list.filter);
  const onLayout = useCallback(
    (page: number, count: number) => {
      app.body = { page, lines: count, top };
    },
    [app, top],
  );
  const passing = list.filter === '' ? lines : lines.filter(line => filter.passes(plain(line)));
  const room = width - 4;
  const shown = passing.map(line => {
    const cut = !theme.spoken && stringWidth(line) > room ? truncate(line, room) : line;
    return faint ? theme.paint('dim', plain(cut)) : cut;
  });
  const name = list.filter === '' ? title : `${title} · ${passing.length} of ${lines.length} lines · /${list.filter}`;
  return (
    <TextView
      title={name}
      lines={shown}
      top={list.index}
      width={width}
      height={height}
      live={live}
      onLayout={onLayout}
    />
  );
}

const plain = (line: string): string => line.replace(/\x1b\[[0-9;]*m/g, '');

/** `label  value` with the label faint, values wrapped under each other by the caller. */
export function fact(theme: Theme, label: string, value: string): string {
  return `${theme.paint('dim', fitCell(label, FACT_WIDTH))}${value}`;
}

const FACT_WIDTH = 16;

import { Box } from 'ink';
import { type ReactNode, useLayoutEffect, useMemo, useRef } from 'react';
import { type Style, type Theme, useTheme } from '../theme.ts';
import {
  CELL_GAP,
  type Column,
  fitCell,
  naturalWidths,
  type PlacedColumn,
  placeColumns,
  placeWide,
} from './columns.ts';
import { panelBottom, panelTop } from './panel.tsx';
import { Rows } from './rows.tsx';

/** Where the table's parts are, for the mouse. Rows and columns count from the table's own upper left corner. */
export interface TableLayout {
  /** Index of the first row shown, and how many there is room for. */
  first: number;
  page: number;
  /** Row of the first table row inside the table: below border and titles. */
  bodyRow: number;
  columns: { id: string; from: number; to: number }[];
}

export interface TableProps<Row> {
  title: string;
  /** On the right of the upper border: `2 of 4`. */
  right: string;
  columns: readonly Column<Row>[];
  /** Filtered and sorted. */
  rows: readonly Row[];
  /** What column widths are measured on, so that they stay while a filter is typed. */
  allRows: readonly Row[];
  id(row: Row): string;
  /** Milliseconds, for ages. */
  now: number;
  selected: number;
  marks: ReadonlySet<string>;
  sort: { column: string; descending: boolean } | undefined;
  /** Columns scrolled out on the left in wide mode; undefined: not wide. */
  wide: number | undefined;
  width: number;
  height: number;
  /** Row objects may say something else than before: nothing about them is kept. */
  mutable?: boolean;
  /** The picture is old: everything is drawn faint. */
  faint?: boolean;
  /** Instead of rows when there are none. */
  empty: readonly string[];
  onLayout?(layout: TableLayout): void;
}

const BODY_ROW = 2;

/** A scrolling table inside a panel, as wide as the screen. Only the rows on screen exist. */
export function Table<Row>(props: TableProps<Row>): ReactNode {
  const { columns, rows, allRows, now, width, height, wide, selected, marks, sort, onLayout } = props;
  const theme = useTheme();
  const page = Math.max(0, height - BODY_ROW - 1);
  const inner = Math.max(0, width - 4);
  const mutable = props.mutable === true;
  const measured = useFresh(() => (mutable ? undefined : new WeakMap<object, readonly number[]>()), [columns, mutable]);
  // As long as the widths stay, `placed` is the same value, and lines drawn with it can be used again.
  const widths = useMemo(
    () => naturalWidths(columns, allRows, now, measured).join(' '),
    [columns, allRows, now, measured],
  );
  const placed = useMemo(() => {
    const natural = widths.split(' ').map(Number);
    return wide === undefined
      ? placeColumns(columns, natural, inner - 2)
      : placeWide(columns, natural, inner - 2, wide);
  }, [columns, widths, inner, wide]);
  const first = useFirstRow(selected, rows.length, page);
  useLayoutEffect(() => {
    onLayout?.({ first, page, bodyRow: BODY_ROW, columns: columnPositions(placed) });
  }, [onLayout, first, page, placed]);

  // Lines of rows that are neither selected nor marked: they stay as they are while the selection moves.
  const known = useFresh(() => new WeakMap<object, string>(), [placed, now, inner, theme, props.faint]);
  const side = theme.paint('border', '│');
  const frame = (line: string): string => `${side} ${line} ${side}`;
  const lineOf = (row: Row, index: number): string => {
    const marked = marks.has(props.id(row));
    const key = index !== selected && !marked && !mutable && typeof row === 'object' ? row : undefined;
    const found = key && known.get(key);
    if (found !== undefined) return found;
    const line = frame(rowLine(theme, placed, row, now, inner, index === selected, marked, props.faint === true));
    if (key) known.set(key, line);
    return line;
  };
  const right = props.right + sortedUnseen(columns, placed, sort);
  const lines = [panelTop(theme, width, props.title, right), frame(titleLine(theme, placed, sort, inner))];
  for (let index = first; index < first + page; index++) {
    const row = rows[index];
    if (row === undefined) {
      const text = rows.length === 0 ? (props.empty[index - first - 1] ?? '') : '';
      lines.push(frame(fitCell(text, inner)));
      continue;
    }
    lines.push(lineOf(row, index));
  }
  lines.push(panelBottom(theme, width));
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0}>
      <Rows rows={lines} />
    </Box>
  );
}

const arrowOf = ({ descending }: { descending: boolean }): string => (descending ? '↓' : '↑');

/** ` · by age↑`, where the column that rows are sorted by has no room to say so itself. */
function sortedUnseen<Row>(
  columns: readonly Column<Row>[],
  placed: readonly PlacedColumn<Row>[],
  sort: TableProps<Row>['sort'],
): string {
  if (sort === undefined || placed.some(({ column }) => column.id === sort.column)) return '';
  const column = columns.find(({ id }) => id === sort.column);
  return column ? ` · by ${column.title.toLowerCase()}${arrowOf(sort)}` : '';
}

/** A value that is made anew whenever one of these changes. */
function useFresh<T>(make: () => T, on: readonly unknown[]): T {
  const held = useRef<{ on: readonly unknown[]; value: T }>(undefined);
  if (held.current === undefined || on.some((one, index) => one !== held.current?.on[index])) {
    held.current = { on, value: make() };
  }
  return held.current.value;
}

/** First row on screen: moves only as far as the selected row needs. */
function useFirstRow(selected: number, count: number, page: number): number {
  const last = useRef(0);
  let first = last.current;
  if (selected < first) first = selected;
  if (selected >= first + page) first = selected - page + 1;
  first = Math.max(0, Math.min(first, count - page));
  last.current = first;
  return first;
}

function columnPositions<Row>(placed: readonly PlacedColumn<Row>[]): TableLayout['columns'] {
  let from = 4;
  return placed.map(({ column, width }) => {
    const position = { id: column.id, from, to: from + width };
    from += width + CELL_GAP.length;
    return position;
  });
}

function titleLine<Row>(
  theme: Theme,
  placed: readonly PlacedColumn<Row>[],
  sort: { column: string; descending: boolean } | undefined,
  width: number,
): string {
  const cells = placed.map(({ column, width: columnWidth }) => {
    const arrow = sort?.column === column.id ? arrowOf(sort) : '';
    return fitCell(column.title + arrow, columnWidth, column.align);
  });
  return theme.paint('title', fitCell(`  ${cells.join(CELL_GAP)}`, width));
}

/** Only what is said is painted: blanks would be a block in a theme whose style has a background. */
function paintText(theme: Theme, style: Style, cell: string): string {
  const text = cell.trim();
  if (text === '') return cell;
  const from = cell.indexOf(text);
  return cell.slice(0, from) + theme.paint(style, text) + cell.slice(from + text.length);
}

function rowLine<Row>(
  theme: Theme,
  placed: readonly PlacedColumn<Row>[],
  row: Row,
  now: number,
  width: number,
  selected: boolean,
  marked: boolean,
  faint: boolean,
): string {
  const lead = (selected ? '▸' : ' ') + (marked ? '*' : ' ');
  const cells = placed.map(({ column, width: columnWidth }) =>
    fitCell(column.text(row, now), columnWidth, column.align),
  );
  const plain = fitCell(lead + cells.join(CELL_GAP), width);
  if (selected) return theme.paint('selected', plain);
  if (faint) return theme.paint('dim', plain);
  if (marked) return theme.paint('marked', plain);
  const styled = cells.map((cell, index) => {
    const style: Style | undefined = placed[index]?.column.style?.(row);
    return style === undefined ? cell : paintText(theme, style, cell);
  });
  const used =
    lead.length + placed.reduce((sum, entry) => sum + entry.width, 0) + CELL_GAP.length * (placed.length - 1);
  return lead + styled.join(CELL_GAP) + ' '.repeat(Math.max(0, width - used));
}

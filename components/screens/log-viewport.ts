/** Lines in an order, some of them perhaps left out. */
export interface LineList {
  first(): number | undefined;
  last(): number | undefined;
  /** The next one after `line`, and the one before it. */
  next(line: number): number | undefined;
  previous(line: number): number | undefined;
  /** The line itself when it is in the list, else the next one, else the last. */
  nearest(line: number): number | undefined;
}

/** A row on the screen: a line, and which of its rows when it is wrapped. */
export interface Spot {
  line: number;
  row: number;
}

export const isBefore = (a: Spot, b: Spot): boolean => a.line < b.line || (a.line === b.line && a.row < b.row);

/** How many rows a line takes, at least 1. */
export type RowCount = (line: number) => number;

/** The row `by` rows further down (or up); at most as far as there are rows. */
export function moved(list: LineList, spot: Spot, by: number, rows: RowCount): Spot {
  let { line, row } = spot;
  row = Math.min(row, rows(line) - 1);
  while (by > 0) {
    const left = rows(line) - 1 - row;
    if (by <= left) return { line, row: row + by };
    const next = list.next(line);
    if (next === undefined) return { line, row: rows(line) - 1 };
    by -= left + 1;
    line = next;
    row = 0;
  }
  while (by < 0) {
    if (-by <= row) return { line, row: row + by };
    const previous = list.previous(line);
    if (previous === undefined) return { line, row: 0 };
    by += row + 1;
    line = previous;
    row = rows(line) - 1;
  }
  return { line, row };
}

/** The first row on a screen that shows the end of the list. */
export function bottomTop(list: LineList, height: number, rows: RowCount): Spot | undefined {
  const last = list.last();
  return last === undefined ? undefined : moved(list, { line: last, row: rows(last) - 1 }, -(height - 1), rows);
}

/** The rows that a screen shows from a spot on, at most `height`; never blank below while there are rows above. */
export function visible(list: LineList, top: Spot, height: number, rows: RowCount): Spot[] {
  const nearest = list.nearest(top.line);
  if (nearest === undefined || height <= 0) return [];
  let begin: Spot =
    nearest === top.line ? { line: nearest, row: Math.min(top.row, rows(nearest) - 1) } : { line: nearest, row: 0 };
  let shown = rowsFrom(list, begin, height, rows);
  if (shown.length < height) {
    begin = moved(list, begin, shown.length - height, rows);
    shown = rowsFrom(list, begin, height, rows);
  }
  return shown;
}

function rowsFrom(list: LineList, begin: Spot, height: number, rows: RowCount): Spot[] {
  const shown: Spot[] = [];
  let line: number | undefined = begin.line;
  let { row } = begin;
  while (line !== undefined && shown.length < height) {
    const count = rows(line);
    for (; row < count && shown.length < height; row++) shown.push({ line, row });
    row = 0;
    line = list.next(line);
  }
  return shown;
}

import type { Controller } from './controller.ts';
import { type ListState, move, select } from './state/list.ts';
import type { TableLayout } from './widgets/table.tsx';

/** A table whose place on the screen is known, or a text with so many lines. */
export interface BodyLayout {
  /** Rows that fit. */
  page: number;
  /** Lines of a text; undefined for a table. */
  lines?: number;
  /** First row of the body on the screen. */
  top: number;
  table?: TableLayout;
}

/** Moves the selection, or scrolls a text. */
export function moveCursor(app: Controller, by: number): void {
  const { lines, page } = app.body;
  const { view } = app.logs;
  if (view !== undefined) view.move(by);
  else if (app.shaped() === undefined) {
    const last = Math.max(0, (lines ?? 0) - page);
    const to = (list: ListState) => Math.max(0, Math.min(Math.min(list.index, last) + by, last));
    app.store.dispatch({ type: 'list', change: list => ({ ...list, index: to(list) }) });
  } else app.changeList((list, ids) => move(list, ids, by));
}

/** Two clicks on a row are one double click when no more time is between them, in milliseconds. */
const DOUBLE_CLICK = 500;

/** A click, at that time in milliseconds: selects a row, or sorts by a title. The second of a double click opens the row. */
export function click(app: Controller, x: number, y: number, at: number): void {
  const { table, top } = app.body;
  if (table === undefined) return;
  const row = y - top - table.bodyRow;
  if (row === -1) {
    const column = table.columns.find(({ from, to }) => x >= from && x < to)?.id;
    app.press('', `sort-${column}`);
  } else if (row >= 0 && row < table.page) {
    const index = table.first + row;
    const id = app.shaped()?.ids[index];
    if (id === undefined) return;
    const { id: before, at: then } = app.clicked;
    app.clicked = { id, at };
    app.changeList((list, ids) => select(list, ids, index));
    // While a filter is typed Enter belongs to its line.
    if (id !== before || at - then > DOUBLE_CLICK || app.state.prompt !== undefined) return;
    app.clicked = { id: '', at: 0 };
    app.press('', 'open');
  }
}

import { stringWidth, truncate } from '../../src/text.ts';
import type { Style } from '../theme.ts';

/** One column of a table of rows of this kind. */
export interface Column<Row> {
  id: string;
  title: string;
  /** The letter that sorts by it with Shift. */
  letter?: string;
  /** What the cell says, safe for a terminal, on one line. `now` is in milliseconds. */
  text(row: Row, now: number): string;
  /** Colour of the cell; the words must say the same. */
  style?(row: Row): Style | undefined;
  /** The text grows old by itself: it depends on `now`, not only on the row. */
  ages?: true;
  /** What a screen reader says where the cell holds signs instead of words. */
  words?(row: Row): string;
  /** It changes all the time: a screen reader says it with the row, but not each time it changes. */
  restless?: true;
  /** Order of two rows; without it the cells' texts are compared. */
  compare?(a: Row, b: Row): number;
  align?: 'right';
  /** The least important (highest) goes first when the screen is narrow; 0 always stays. */
  priority: number;
  /** Shown only in wide mode. */
  wide?: boolean;
  /** Not narrower than this while it is shown: what comes a moment later than its row is that wide, and moves nothing then. */
  min?: number;
  /** As wide as this where all that is shown leaves room: a longer word that comes later moves nothing then. */
  roomy?: number;
  /** Not wider than this but in wide mode. */
  max?: number;
  /** May be cut down to this width before any column is left out: for long text whose beginning says enough. */
  elastic?: number;
  /** Not shown while every cell is empty. */
  hideEmpty?: boolean;
}

export interface PlacedColumn<Row> {
  column: Column<Row>;
  width: number;
}

const GAP = 2;
/** A column is not cut to less than this; it is left out. */
const STILL_OF_USE = 14;

/** Text cut or filled up to exactly that many columns. */
export function fitCell(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const own = stringWidth(text);
  if (own === width) return text;
  if (own > width) {
    const cut = truncate(text, width);
    return cut + ' '.repeat(Math.max(0, width - stringWidth(cut)));
  }
  const blank = ' '.repeat(width - own);
  return align === 'right' ? blank + text : text + blank;
}

/**
 * Chooses the columns that fit and their widths, those for wide mode aside. `natural` are the widths of their widest cell or title. What does not
 * fit goes by priority; what is left over stays empty on the right, so that columns do not move with the screen.
 */
export function placeColumns<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  available: number,
): PlacedColumn<Row>[] {
  const naturalOf = (column: Column<Row>): number =>
    Math.min(natural[columns.indexOf(column)] ?? 0, column.max ?? Number.POSITIVE_INFINITY);
  let placed = columns
    .map(column => ({ column, width: naturalOf(column) }))
    .filter(({ column, width }) => width > 0 && column.wide !== true);
  const total = () => placed.reduce((sum, { width }) => sum + width, 0) + GAP * Math.max(0, placed.length - 1);
  // The least important first, of equal ones the left one.
  for (const entry of [...placed].sort((a, b) => b.column.priority - a.column.priority)) {
    const least = Math.min(entry.width, entry.column.elastic ?? entry.width);
    const width = Math.max(least, entry.width - Math.max(0, total() - available));
    placed[placed.indexOf(entry)] = { ...entry, width };
  }
  while (total() > available && placed.some(({ column }) => column.priority > 0)) {
    const worst = placed.reduce((a, b) => (b.column.priority >= a.column.priority ? b : a));
    const shorter = worst.width - (total() - available);
    // A little too wide: rather cut than lose it.
    placed =
      shorter >= STILL_OF_USE
        ? placed.map(entry => (entry === worst ? { ...entry, width: shorter } : entry))
        : placed.filter(entry => entry !== worst);
  }
  for (const [index, { column, width }] of placed.entries()) {
    // What went left room behind: it goes to what was cut.
    const wanted = naturalOf(column);
    if (width < wanted) placed[index] = { column, width: Math.min(wanted, width + Math.max(0, available - total())) };
  }
  for (const [index, { column, width }] of placed.entries()) {
    if (column.roomy === undefined || width >= column.roomy) continue;
    placed[index] = { column, width: Math.min(column.roomy, width + Math.max(0, available - total())) };
  }
  // Only columns that must stay are left: the widest gives way until all fit.
  while (total() > available && placed.some(({ width }) => width > 3)) {
    const widest = placed.reduce((a, b) => (b.width > a.width ? b : a));
    placed = placed.map(entry => (entry === widest ? { ...entry, width: entry.width - 1 } : entry));
  }
  return placed;
}

/**
 * Columns in wide mode: none is cut or left out for its importance. The first stays, `shift` of the others are scrolled
 * out to the left, and what does not fit goes on the right.
 */
export function placeWide<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  available: number,
  shift: number,
): PlacedColumn<Row>[] {
  const all = columns
    .map((column, index) => ({ column, width: Math.min(natural[index] ?? 0, available) }))
    .filter(({ width }) => width > 0);
  const [first, ...others] = all;
  if (first === undefined) return [];
  const placed = [first];
  let used = first.width;
  for (const entry of others.slice(Math.min(shift, others.length - 1))) {
    const room = available - used - GAP;
    if (room < Math.min(entry.width, STILL_OF_USE)) break;
    placed.push({ column: entry.column, width: Math.min(entry.width, room) });
    used += GAP + Math.min(entry.width, room);
  }
  return placed;
}

/**
 * The widest cell or title of each column, room for the sort arrow included; 0 for one that is not to be shown.
 * `known` keeps what was measured, for rows that never change once they are made.
 */
export function naturalWidths<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  now: number,
  known?: WeakMap<object, readonly number[]>,
): number[] {
  const widest = columns.map(() => 0);
  const aging = columns.flatMap((column, index) => (known && column.ages ? [{ column, index }] : []));
  for (const row of rows) {
    const widths = cellWidths(columns, row, now, known);
    for (const { column, index } of aging) {
      widest[index] = Math.max(widest[index]!, stringWidth(column.text(row, now)));
    }
    for (let i = 0; i < widths.length; i++) if (widths[i]! > widest[i]!) widest[i] = widths[i]!;
  }
  return columns.map((column, i) =>
    widest[i] === 0 && column.hideEmpty ? 0 : Math.max(widest[i]!, column.min ?? 0, stringWidth(column.title) + 1),
  );
}

/** Of thousands of rows a few change at a time: those that stay the same objects are not measured again. */
function cellWidths<Row>(
  columns: readonly Column<Row>[],
  row: Row,
  now: number,
  known: WeakMap<object, readonly number[]> | undefined,
): readonly number[] {
  if (known === undefined || typeof row !== 'object' || row === null) {
    return columns.map(column => stringWidth(column.text(row, now)));
  }
  let widths = known.get(row);
  if (widths === undefined) {
    widths = columns.map(column => (column.ages ? 0 : stringWidth(column.text(row, now))));
    known.set(row, widths);
  }
  return widths;
}

/** Between two cells. */
export const CELL_GAP = ' '.repeat(GAP);

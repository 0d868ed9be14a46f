import type { Column } from '../widgets/columns.ts';
import type { ListPart } from './parts.ts';
import { inWords, sentence, withoutFigures } from './words.ts';

/** So many rows that changed are told one by one; of more only how many. */
const ONE_BY_ONE = 5;
/** Columns whose words need no name before them. */
const SPEAKS_FOR_ITSELF = ['status', 'state', 'severity', 'role', 'kind', 'remarks', 'title', 'finding'];

/**
 * What is to be said of a table: all of it at first, then only what is different. `events`: what became of rows by
 * itself.
 */
export function listNews(before: ListPart | undefined, now: ListPart): { lines: string[]; events: string[] } {
  const lines: string[] = [];
  const opened = before === undefined || before.title !== now.title;
  if (opened) lines.push(sentence(`${inWords(now.title)}: ${inWords(now.count)}`));
  else if (before.count !== now.count) lines.push(sentence(`${inWords(now.title)}: ${inWords(now.count)}`));
  const events = opened ? [] : rowNews(before, now);
  const row = now.rows[now.selected];
  if (row === undefined) {
    const emptied =
      opened || before.rows.length > 0 || withoutFigures(before.empty.join()) !== withoutFigures(now.empty.join());
    if (emptied) lines.push(...now.empty.map(inWords).filter(line => line !== ''));
    return { lines, events };
  }
  const [id, previous] = [now.id(row), before?.rows[before.selected]];
  const same = !opened && previous !== undefined && before.id(previous) === id;
  if (!same || before.marks.has(id) !== now.marks.has(id) || before.wide !== now.wide) lines.push(rowWords(now));
  return { lines, events };
}

/** `Cluster demo, running, 2 of 5, servers 1/1, agents 0/0`: the selected row. */
export function rowWords(part: ListPart, index = part.selected): string {
  const row = part.rows[index];
  const name = nameColumn(part);
  if (row === undefined || name === undefined) return '';
  const cells = part.columns
    .filter(column => column !== name)
    .filter(column => part.wide || column.wide !== true)
    .map(column => ({ column, text: cell(column, row, part.now) }));
  const plain = cells.filter(({ column, text }) => text !== '' && SPEAKS_FOR_ITSELF.includes(column.id));
  const named = cells.filter(({ column, text }) => text !== '' && !SPEAKS_FOR_ITSELF.includes(column.id));
  return sentence(
    [
      `${capital(part.noun)} ${cell(name, row, part.now)}`,
      ...plain.map(({ text }) => text),
      ...(part.marks.has(part.id(row)) ? ['marked'] : []),
      `${index + 1} of ${part.rows.length}`,
      ...named.map(({ column, text }) => `${inWords(column.title).toLowerCase()} ${text}`),
    ].join(', '),
  );
}

/** Rows that came, went or say something else. */
function rowNews(before: ListPart, now: ListPart): string[] {
  // A list that fills is told by its count and its selected row.
  if (now.mutable || before.all === now.all || before.all.length === 0) return [];
  const known = new Map(before.all.map(row => [before.id(row), row]));
  const changed: string[] = [];
  for (const row of now.all) {
    const id = now.id(row);
    const old = known.get(id);
    known.delete(id);
    if (old === row) continue;
    const said = old === undefined ? newRow(now, row) : difference(now, before, old, row);
    if (said !== '') changed.push(said);
  }
  const gone = [...known.values()].map(row => `${nameOf(before, row)} is gone.`);
  const all = [...changed, ...gone];
  return all.length > ONE_BY_ONE ? [`${all.length} rows changed.`] : all;
}

const nameColumn = ({ columns, named }: ListPart) => columns.find(({ id }) => id === named) ?? columns[0];

function nameOf(part: ListPart, row: unknown): string {
  const column = nameColumn(part);
  return `${capital(part.noun)} ${column ? cell(column, row, part.now) : ''}`;
}

function newRow(part: ListPart, row: unknown): string {
  const status = part.columns.find(one => SPEAKS_FOR_ITSELF.includes(one.id) && one !== nameColumn(part));
  return sentence(`New: ${[nameOf(part, row), status ? cell(status, row, part.now) : ''].filter(Boolean).join(', ')}`);
}

/** `Cluster demo: stopped, servers 0/1`; empty when nothing of weight changed. */
function difference(now: ListPart, before: ListPart, old: unknown, row: unknown): string {
  const cells = now.columns
    .filter(column => !column.ages && !column.restless && column.wide !== true)
    .flatMap(column => {
      const [was, is] = [cell(column, old, before.now), cell(column, row, now.now)];
      if (was === is) return [];
      const words = is === '' ? 'nothing any more' : is;
      return [SPEAKS_FOR_ITSELF.includes(column.id) ? words : `${inWords(column.title).toLowerCase()} ${words}`];
    });
  return cells.length === 0 ? '' : sentence(`${nameOf(now, row)}: ${cells.join(', ')}`);
}

function cell(column: Column<unknown>, row: unknown, now: number): string {
  const text = inWords((column.words?.(row) ?? column.text(row, now)).replace(/^[✗✓!] */, ''));
  return text === '-' ? '' : text;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

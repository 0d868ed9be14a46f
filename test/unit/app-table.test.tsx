import { Box } from 'ink';
import { cleanup, render } from 'ink-testing-library';
import { afterEach, describe, expect, test } from 'vitest';
import { createTheme, ThemeContext } from '../../components/theme.ts';
import {
  type Column,
  fitCell,
  naturalWidths,
  type PlacedColumn,
  placeColumns,
  placeWide,
} from '../../components/widgets/columns.ts';
import { Table, type TableProps } from '../../components/widgets/table.tsx';
import { stringWidth } from '../../src/text.ts';

afterEach(cleanup);

interface Row {
  name: string;
  size: string;
  note: string;
}

const columns: Column<Row>[] = [
  { id: 'name', title: 'NAME', priority: 0, text: row => row.name },
  { id: 'size', title: 'SIZE', priority: 2, align: 'right', text: row => row.size },
  { id: 'note', title: 'NOTE', priority: 1, hideEmpty: true, elastic: 10, text: row => row.note },
  { id: 'extra', title: 'EXTRA', priority: 3, wide: true, text: () => 'extra' },
];
const rows = Array.from({ length: 50 }, (_, index) => ({ name: `row-${index}`, size: String(index), note: '' }));
const sizes = (all: PlacedColumn<Row>[]) => all.map(({ column, width }) => [column.id, width]);
const placed = (all: Row[], width: number) => sizes(placeColumns(columns, naturalWidths(columns, all, 0), width));
const placedWide = (all: Row[], width: number, shift = 0) =>
  sizes(placeWide(columns, naturalWidths(columns, all, 0), width, shift)).map(([id]) => id);

describe('columns', () => {
  test('have the width of their widest cell, and go away when they are empty or not wanted', () => {
    expect(placed(rows, 80)).toEqual([
      ['name', 6],
      ['size', 5],
    ]);
  });

  test('in a narrow terminal: long text is cut first, then the least important column goes', () => {
    const long = [{ name: 'a-name', size: '1', note: 'n'.repeat(60) }];
    expect(placed(long, 60).find(([id]) => id === 'note')).toEqual(['note', 60 - 6 - 5 - 4]);
    expect(placed(long, 20).map(([id]) => id)).toEqual(['name', 'note']);
    expect(placed(long, 6).map(([id]) => id)).toEqual(['name']);
  });

  test('keep room for a longer word only where nothing has to give way to it', () => {
    const word: Column<Row>[] = [
      { id: 'name', title: 'NAME', priority: 0, roomy: 12, text: row => row.name },
      { id: 'size', title: 'SIZE', priority: 2, text: row => row.size },
    ];
    const widths = (width: number) => sizes(placeColumns(word, [9, 5], width)).map(([, width]) => width);
    expect(widths(30)).toEqual([12, 5]);
    expect(widths(18)).toEqual([11, 5]);
    expect(widths(16)).toEqual([9, 5]);
    // The other column went: what it leaves is room.
    expect(widths(13)).toEqual([12]);
    const longer = sizes(placeColumns(word, [12, 5], 30)).map(([, width]) => width);
    expect(longer).toEqual(widths(30));
  });

  test('of several that may be cut the least important is cut first', () => {
    const two: Column<Row>[] = [
      { id: 'name', title: 'NAME', priority: 0, elastic: 10, text: row => row.name },
      { id: 'note', title: 'NOTE', priority: 1, elastic: 10, text: row => row.note },
    ];
    const widths = (width: number) => sizes(placeColumns(two, [40, 40], width));
    expect(widths(60)).toEqual([
      ['name', 40],
      ['note', 18],
    ]);
    expect(widths(40)).toEqual([
      ['name', 28],
      ['note', 10],
    ]);
  });

  test('in wide mode are all there, and scroll sideways past the first', () => {
    const long = [{ name: 'a-name', size: '1', note: 'n'.repeat(60) }];
    expect(placedWide(long, 200)).toEqual(['name', 'size', 'note', 'extra']);
    expect(placedWide(long, 60)).toEqual(['name', 'size', 'note']);
    expect(placedWide(long, 60, 2)).toEqual(['name', 'extra']);
    expect(placedWide(long, 60, 99)).toEqual(['name', 'extra']);
  });

  test('never make a line wider than there is room', () => {
    for (let width = 4; width < 100; width++) {
      const long = [{ name: '名前'.repeat(20), size: '1', note: 'n'.repeat(60) }];
      const total = placed(long, width).reduce((sum, [, own]) => sum + Number(own) + 2, -2);
      expect(total).toBeLessThanOrEqual(width);
    }
  });

  test.each(['plain', '日本語テキスト', 'é́́', 'a👍b', ''])('cells of %j are exactly as wide as asked', text => {
    for (let width = 1; width < 12; width++) expect(stringWidth(fitCell(text, width))).toBe(width);
  });
});

describe('the table', () => {
  function show(change: Partial<TableProps<Row>> = {}, env: NodeJS.ProcessEnv = { NO_COLOR: '1' }) {
    const props: TableProps<Row> = {
      title: 'Rows',
      right: '50',
      columns,
      rows,
      allRows: rows,
      id: row => row.name,
      now: 0,
      selected: 0,
      marks: new Set(),
      sort: undefined,
      wide: undefined,
      width: 60,
      height: 12,
      empty: [],
      ...change,
    };
    const draw = (more: Partial<TableProps<Row>> = {}) => (
      <ThemeContext.Provider value={createTheme(env)}>
        <Box width={60} height={12}>
          <Table {...props} {...more} />
        </Box>
      </ThemeContext.Provider>
    );
    const { lastFrame, rerender } = render(draw());
    return {
      raw: () => lastFrame() ?? '',
      frame: () => (lastFrame() ?? '').replace(/\x1b\[[\d;]*m/g, ''),
      again: (more: Partial<TableProps<Row>>) => rerender(draw(more)),
    };
  }
  const shown = (frame: string) => [...frame.matchAll(/row-(\d+)/g)].map(([, index]) => Number(index));

  test('draws only the rows there is room for, and scrolls no further than the selection needs', () => {
    const { frame, again } = show();
    expect(shown(frame())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    again({ selected: 8 });
    expect(shown(frame())[0]).toBe(0);
    again({ selected: 9 });
    expect(shown(frame())).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    again({ selected: 49 });
    expect(shown(frame()).at(-1)).toBe(49);
    again({ selected: 45 });
    expect(shown(frame()).at(-1)).toBe(49);
  });

  test('paints what a cell says and not its blanks: a background would be a block where nothing is wrong', () => {
    const bad: Column<Row> = { id: 'note', title: 'NOTE', priority: 1, text: row => row.note, style: () => 'bad' };
    const two = [
      { name: 'row-0', size: '0', note: '' },
      { name: 'row-1', size: '1', note: '' },
      { name: 'row-2', size: '2', note: 'broken badly' },
      { name: 'row-3', size: '3', note: 'ill' },
    ];
    const { raw } = show({ columns: [columns[0]!, bad], rows: two, allRows: two }, {});
    const painted = [...raw().matchAll(/\x1b\[31m(.*?)\x1b\[39m/g)].map(([, text]) => text);
    expect(painted).toEqual(['broken badly', 'ill']);
  });

  test('shows what is selected, marked and sorted without any colour', () => {
    const { frame, raw } = show({ selected: 1, marks: new Set(['row-2']), sort: { column: 'size', descending: true } });
    expect(frame()).toMatch(/▸ row-1/);
    expect(frame()).toMatch(/ \*row-2/);
    expect(frame()).toMatch(/SIZE↓/);
    expect(raw()).toContain('\x1b[7m');
    expect(raw()).not.toMatch(/\x1b\[[\d;]*3\dm/);
  });

  test('says in its border by what it is sorted where that column is not shown', () => {
    expect(show({ sort: { column: 'note', descending: false } }).frame()).toMatch(/ 50 · by note↑ ─╮/);
    expect(show({ sort: { column: 'size', descending: false } }).frame()).not.toContain(' by ');
  });

  test('is a closed frame at every width', () => {
    for (const line of show({ rows: rows.slice(0, 3) })
      .frame()
      .split('\n')) {
      expect(stringWidth(line)).toBe(60);
      expect(line).toMatch(/^[╭│╰].*[╮│╯]$/);
    }
  });

  test('says what is to be said in place of rows', () => {
    expect(show({ rows: [], empty: ['Nothing here.', '', 'n  makes one'] }).frame()).toMatch(/Nothing here\./);
  });

  test('draws a row anew when what it says changed', () => {
    const { frame, again } = show({ rows: [rows[1]!, rows[0]!], selected: 0 });
    const next = [rows[1]!, { name: 'row-0', size: '777', note: '' }];
    again({ rows: next, allRows: next });
    expect(frame()).toContain('777');
  });
});

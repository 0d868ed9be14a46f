import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bottomTop, type LineList, moved, visible } from '../../components/screens/log-viewport.ts';

/** Lines with these numbers, each with so many rows. */
const screens = fc.record({
  lines: fc
    .uniqueArray(fc.integer({ min: -20, max: 60 }), { minLength: 1, maxLength: 30 })
    .map(all => all.sort((a, b) => a - b)),
  height: fc.integer({ min: 1, max: 15 }),
  seed: fc.integer({ min: 1, max: 7 }),
});

const listOf = (lines: number[]): LineList => ({
  first: () => lines[0],
  last: () => lines.at(-1),
  next: line => lines.find(one => one > line),
  previous: line => lines.findLast(one => one < line),
  nearest: line => lines.find(one => one >= line) ?? lines.at(-1),
});

describe('what a screen shows of a log', () => {
  test('is a piece of all its rows: full whenever there are enough, wherever it begins', () => {
    fc.assert(
      fc.property(
        screens,
        fc.integer({ min: -30, max: 70 }),
        fc.integer({ min: 0, max: 3 }),
        ({ lines, height, seed }, line, row) => {
          const rows = (one: number) => 1 + (Math.abs(one * seed) % 4);
          const all = lines.flatMap(one => Array.from({ length: rows(one) }, (_, at) => ({ line: one, row: at })));
          const shown = visible(listOf(lines), { line, row }, height, rows);
          expect(shown.length).toBe(Math.min(height, all.length));
          const at = all.findIndex(one => one.line === shown[0]!.line && one.row === shown[0]!.row);
          expect(shown).toEqual(all.slice(at, at + shown.length));
        },
      ),
    );
  });

  test('moves by rows, stops at both ends, and shows the end when it follows', () => {
    fc.assert(
      fc.property(
        screens,
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: -120, max: 120 }),
        ({ lines, height, seed }, from, by) => {
          const rows = (one: number) => 1 + (Math.abs(one * seed) % 4);
          const all = lines.flatMap(one => Array.from({ length: rows(one) }, (_, at) => ({ line: one, row: at })));
          const start = from % all.length;
          const to = Math.max(0, Math.min(all.length - 1, start + by));
          expect(moved(listOf(lines), all[start]!, by, rows)).toEqual(all[to]);
          expect(bottomTop(listOf(lines), height, rows)).toEqual(all[Math.max(0, all.length - height)]);
        },
      ),
    );
  });

  test('is nothing where there are no lines', () => {
    const none = listOf([]);
    expect(visible(none, { line: 0, row: 0 }, 10, () => 1)).toEqual([]);
    expect(bottomTop(none, 10, () => 1)).toBeUndefined();
  });
});

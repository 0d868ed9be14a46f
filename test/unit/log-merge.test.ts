import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogLine } from '../../src/engine/logs/log-line.ts';
import { mergedLines } from '../../src/engine/logs/read-lines.ts';
import { mergeByTime, Reorder } from '../../src/engine/logs/reorder.ts';

const line = (time: number, source: number, text = ''): LogLine => ({
  time,
  source,
  bytes: Buffer.from(text),
  dropped: 0,
  note: false,
});

const WINDOW = 100;
const SOURCES = 4;

/** Lines that each arrive up to `late` after they were written, by source in order. */
const arrivals = (late: number) =>
  fc
    .array(
      fc.record({
        source: fc.integer({ min: 0, max: SOURCES - 1 }),
        step: fc.integer({ min: 0, max: 60 }),
        late: fc.integer({ min: 0, max: late }),
      }),
      { maxLength: 200 },
    )
    .map(all => {
      let time = 1000;
      const last = Array.from({ length: SOURCES }, () => 0);
      return all
        .map(({ source, step, late: by }) => {
          time += step;
          // A connection does not let lines overtake each other.
          const arrived = Math.max(last[source]!, time + by);
          last[source] = arrived;
          return { line: line(time, source), arrived };
        })
        .sort((a, b) => a.arrived - b.arrived);
    });

async function* piecesOf(list: LogLine[], size: number): AsyncGenerator<LogLine[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}

function run(all: { line: LogLine; arrived: number }[], every: number): LogLine[] {
  const reorder = new Reorder(SOURCES, WINDOW);
  const out: LogLine[] = [];
  let next = 0;
  for (let now = 1000; next < all.length || reorder.waiting > 0; now += every) {
    for (; next < all.length && all[next]!.arrived <= now; next++) reorder.add(all[next]!.line, all[next]!.arrived);
    out.push(...reorder.take(now));
  }
  return out;
}

describe('lines of several nodes', () => {
  test('come out in time order when they arrive within the window of each other', () => {
    fc.assert(
      fc.property(arrivals(WINDOW - 20), fc.integer({ min: 5, max: 20 }), (all, every) => {
        const out = run(all, every);
        expect(out.length).toBe(all.length);
        expect(out.every((one, index) => index === 0 || out[index - 1]!.time <= one.time)).toBe(true);
      }),
    );
  });

  test('are never lost, doubled or turned around within one node, however late they are', () => {
    fc.assert(
      fc.property(arrivals(2000), fc.integer({ min: 5, max: 300 }), (all, every) => {
        const out = run(all, every);
        expect(new Set(out)).toEqual(new Set(all.map(one => one.line)));
        expect(out.length).toBe(all.length);
        for (let source = 0; source < SOURCES; source++) {
          const of = (lines: LogLine[]) => lines.filter(one => one.source === source);
          expect(of(out)).toEqual(of(all.map(one => one.line)));
        }
      }),
    );
  });

  test('wait no longer than the window', () => {
    const reorder = new Reorder(2, WINDOW);
    reorder.add(line(5, 0), 1000);
    expect(reorder.take(1000 + WINDOW - 1)).toEqual([]);
    expect(reorder.take(1000 + WINDOW).map(one => one.time)).toEqual([5]);
  });

  test('do not pile up: more than the limit go out at once', () => {
    const reorder = new Reorder(2, WINDOW, 100);
    for (let i = 0; i < 100; i++) reorder.add(line(i, i % 2), 0);
    expect(reorder.full).toBe(true);
    expect(reorder.take(0).length).toBe(100);
    expect(reorder.waiting).toBe(0);
    for (let i = 0; i < 80; i++) reorder.add({ ...line(i, 0), bytes: Buffer.alloc(64 * 1024) }, 0);
    expect(reorder.full).toBe(true);
  });

  test('are merged from whole logs as sorting them all would, piece by piece', async () => {
    const logs = fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(logs, fc.integer({ min: 1, max: 7 }), async (all, size) => {
        const lists = all.map((times, source) => times.sort((a, b) => a - b).map(time => line(time, source)));
        const readers = lists.map(list => piecesOf(list, size));
        const out: LogLine[] = [];
        for await (const one of mergedLines(readers)) out.push(one);
        const sorted = lists.flat().sort((a, b) => a.time - b.time || a.source - b.source);
        expect(out).toEqual(sorted);
        expect(mergeByTime(lists)).toEqual(sorted);
      }),
    );
  });
});

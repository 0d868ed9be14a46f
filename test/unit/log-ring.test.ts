import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LEVELS } from '../../src/engine/logs/level.ts';
import { BLOCK_BYTES } from '../../src/engine/logs/line-block.ts';
import { LineIndex } from '../../src/engine/logs/line-index.ts';
import { LineRing } from '../../src/engine/logs/line-ring.ts';
import type { LogLine } from '../../src/engine/logs/log-line.ts';

const LIMIT = 4 * BLOCK_BYTES;

const aLine = (text: string, change: Partial<LogLine> = {}): LogLine => ({
  time: 1000,
  source: 0,
  bytes: Buffer.from(text),
  dropped: 0,
  note: false,
  ...change,
});

/** Lines of up to a third of a block, so that few of them fill the ring. */
const someLines = fc.array(
  fc.record({ letter: fc.constantFrom('a', 'b', 'ü', '漢'), length: fc.integer({ min: 0, max: 40_000 }) }),
  { maxLength: 12 },
);
const steps = fc.array(fc.record({ kind: fc.constantFrom('push', 'prepend', 'clear', 'advance'), lines: someLines }), {
  maxLength: 30,
});

const textsOf = (ring: LineRing): string[] =>
  Array.from({ length: ring.count }, (_, index) => ring.text(ring.first + index));

describe('the window on a log', () => {
  test('holds one unbroken piece of what came in at both ends, within its bounds, whatever came', () => {
    fc.assert(
      fc.property(steps, all => {
        const ring = new LineRing(LIMIT);
        let model: string[] = [];
        let serial = 0;
        const index = { current: new LineIndex(ring, line => ring.text(line).includes('a')) };
        for (const { kind, lines } of all) {
          const texts = lines.map(({ letter, length }) => `${serial++} ${letter.repeat(length)}`);
          if (kind === 'clear') {
            ring.clear();
            model = [];
          } else if (kind === 'push') {
            for (const text of texts) ring.push(aLine(text));
            model.push(...texts);
          } else if (kind === 'prepend') {
            ring.prepend(texts.map(text => aLine(text)));
            model.unshift(...texts);
          } else index.current.advance(Number.POSITIVE_INFINITY);
          const held = textsOf(ring);
          expect(ring.bytes).toBeLessThanOrEqual(LIMIT);
          // Push drops at the beginning, prepend at the end: what is held is a piece of the model without gaps.
          const at = held.length === 0 ? 0 : model.indexOf(held[0]!);
          expect(at).toBeGreaterThanOrEqual(0);
          expect(held).toEqual(model.slice(at, at + held.length));
          model = held;
        }
        index.current.advance(Number.POSITIVE_INFINITY);
        const hits = model.flatMap((text, offset) => (text.includes('a') ? [ring.first + offset] : []));
        expect(index.current.count).toBe(hits.length);
        const found: number[] = [];
        for (let line = index.current.atOrAfter(ring.first); line !== undefined; ) {
          found.push(line);
          line = index.current.atOrAfter(line + 1);
        }
        expect(found).toEqual(hits);
        const back: number[] = [];
        for (let line = index.current.before(ring.end); line !== undefined; line = index.current.before(line)) {
          back.unshift(line);
        }
        expect(back).toEqual(hits);
        for (const [order, line] of hits.entries()) expect(index.current.rank(line)).toBe(order + 1);
      }),
      { numRuns: 150 },
    );
  });

  test('keeps the number of a line while others come and go', () => {
    const ring = new LineRing(LIMIT);
    ring.push(aLine('first'));
    ring.prepend([aLine('older 1'), aLine('older 2')]);
    ring.push(aLine('second'));
    expect(ring.text(0)).toBe('first');
    expect(ring.text(-1)).toBe('older 2');
    expect(ring.text(1)).toBe('second');
    expect([ring.first, ring.end]).toEqual([-2, 2]);
  });

  test('says when a line that is looked at would have to go', () => {
    const ring = new LineRing(LIMIT);
    const line = aLine('x'.repeat(60_000));
    while (ring.hasRoom(0)) ring.push(line);
    expect(ring.first).toBe(0);
    expect(ring.hasRoom(undefined)).toBe(true);
    expect(ring.hasRoom(ring.end)).toBe(true);
  });

  test('uses the same memory again for a hundred times what it holds', () => {
    const ring = new LineRing(LIMIT);
    const line = aLine('a line of ordinary length, as they all are here, more or less');
    for (let i = 0; i < 50_000; i++) ring.push(line);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1_000_000; i++) ring.push(line);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * LIMIT);
    expect(ring.end).toBe(1_050_000);
    expect(ring.text(ring.end - 1)).toBe(line.bytes.toString());
  });

  test('knows time, source, level and what was cut off each line, and finds errors in both directions', () => {
    const ring = new LineRing(LIMIT);
    for (let i = 0; i < 5000; i++) ring.push(aLine('I1123 05:27:43.591230 1 x.go:1] fine', { time: i, source: i % 3 }));
    ring.push(aLine('E1123 05:27:43.591230 1 x.go:1] broken', { time: 7.5, source: 2, dropped: 9 }));
    for (let i = 0; i < 5000; i++) ring.push(aLine('plain'));
    expect(ring.errors).toBe(1);
    expect(ring.findLevel(0, 1, LEVELS.error)).toBe(5000);
    expect(ring.findLevel(ring.end - 1, -1, LEVELS.error)).toBe(5000);
    expect(ring.findLevel(5001, 1, LEVELS.error)).toBeUndefined();
    expect([ring.time(5000), ring.source(5000), ring.dropped(5000), ring.level(5000)]).toEqual([7.5, 2, 9, 4]);
    ring.clear();
    expect([ring.errors, ring.count]).toEqual([0, 0]);
  });
});

describe('searching the window', () => {
  test('goes on where it stopped, newest lines first, and keys get their turn in between', () => {
    const ring = new LineRing();
    for (let i = 0; i < 60_000; i++) ring.push(aLine(`line ${i}`));
    const index = new LineIndex(ring, line => /7$/.test(ring.text(line)));
    let turns = 0;
    let longest = 0;
    for (let done = false; !done; turns++) {
      const begin = performance.now();
      done = index.advance(2);
      longest = Math.max(longest, performance.now() - begin);
      if (turns === 0) expect(index.before(ring.end)).toBe(59_997);
    }
    expect(index.count).toBe(6000);
    expect(turns).toBeGreaterThan(1);
    expect(longest).toBeLessThan(100);
  });
});

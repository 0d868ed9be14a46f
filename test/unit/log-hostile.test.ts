import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { windowColumns, wrapColumns } from '../../components/screens/log-columns.ts';
import { parsePattern } from '../../components/screens/log-pattern.ts';
import { drawLine, type LogLook, rowText } from '../../components/screens/log-rows.ts';
import { createTheme } from '../../components/theme.ts';
import { LineRing } from '../../src/engine/logs/line-ring.ts';
import { sanitise, stringWidth } from '../../src/text.ts';

const theme = createTheme({ TERM: 'xterm-256color' });
const base: LogLook = { theme, width: 60, wrap: false, times: false, column: 0, names: [], search: undefined };

/** What attackers and broken programs write. */
const HOSTILE = [
  '\x1b[2J\x1b[H',
  '\x1b]0;title\x07',
  '\x1b]52;c;ZXZpbA==\x07',
  '\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\',
  '\x07\x07\x07',
  'overwritten\rby this',
  '\x1bPq#0;2;0;0;0\x1b\\',
  '\x1b[?1049l\x1b[?25h',
  '\x9b2J\x9d0;x\x9c',
  '\u202egnp.exe\u202c',
  '\x1b[31mred\x1b[0m',
  '\x1b]unterminated',
  '漢字かな交じり',
  '👩‍👩‍👧‍👦👍🏽',
  'e\u0301\u0301\u0301\u0301\u0301\u0301',
  '\t\t',
  '\x00\x08\x7f',
  'plain text',
];
const hostileText = fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 20 })), {
  maxLength: 12,
});
const hostileBytes = fc.oneof(
  hostileText.map(parts => Buffer.from(parts.join(''))),
  fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
);
const look = fc.record({
  width: fc.integer({ min: 30, max: 120 }),
  wrap: fc.boolean(),
  times: fc.boolean(),
  column: fc.integer({ min: 0, max: 60 }),
  names: fc.constantFrom([], ['server-0', '漢字-agent-with-a-long-name']),
  search: fc.constantFrom(undefined, parsePattern('e|漢|t'), parsePattern('!x')),
});

/** All rows of a line. */
function drawn(bytes: Buffer, change: Partial<LogLook>, note = false): string[] {
  const ring = new LineRing();
  ring.push({ time: 1_795_411_658_181, source: 1, bytes, dropped: 0, note });
  const all = { ...base, ...change };
  const line = drawLine(ring, 0, all);
  return line.pieces.map((_, row) => rowText(ring, 0, row, line, all, { found: row === 0, selected: false }));
}

/** Our own colours and attributes are all that may control the terminal. */
const withoutSgr = (row: string): string => row.replaceAll(/\x1b\[[0-9;]*m/g, '');
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

describe('a hostile log', () => {
  test('reaches the terminal as nothing but text and our own colours, in exactly the width of the row', () => {
    fc.assert(
      fc.property(hostileBytes, look, fc.boolean(), (bytes, change, note) => {
        for (const row of drawn(bytes, change, note)) {
          const plain = withoutSgr(row);
          expect(plain).not.toMatch(CONTROL);
          expect(stringWidth(plain)).toBe(change.width);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('leaves no colour of its own and none of ours open at the end of a row', () => {
    for (const text of HOSTILE) {
      const [row = ''] = drawn(Buffer.from(`${text} level=error`), { search: parsePattern('e') });
      const styles = [...row.matchAll(/\x1b\[([0-9;]*)m/g)].map(match => match[1]);
      expect(styles).not.toContain('0');
      const open = new Set<string>();
      for (const style of styles.join(';').split(';')) {
        if (style === '39') for (const colour of [...open]) if (/^(3[0-8]|9\d)$/.test(colour)) open.delete(colour);
        if (style === '22') for (const one of ['1', '2']) open.delete(one);
        if (style === '27') open.delete('7');
        if (!['39', '22', '27', ''].includes(style)) open.add(style);
      }
      expect([...open]).toEqual([]);
    }
  });

  test('a line of 1 MB is drawn within a moment, wrapped or not, wide or not', () => {
    for (const text of ['x'.repeat(64 * 1024), '漢'.repeat(21_000), '\x1b[2J'.repeat(16_000)]) {
      const begin = performance.now();
      drawn(Buffer.from(text), {});
      drawn(Buffer.from(text), { wrap: true, width: 200 });
      expect(performance.now() - begin).toBeLessThan(1500);
    }
  });
});

describe('cutting a line into columns', () => {
  const text = hostileText.map(parts => sanitise(parts.join('')));

  test('wrapped, the pieces are the line again and none is too wide', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (line, columns) => {
        const pieces = wrapColumns(line, columns);
        expect(pieces.map(({ from, to }) => line.slice(from, to)).join('')).toBe(line);
        for (const { from, to, width } of pieces) {
          expect(width).toBeLessThanOrEqual(columns);
          expect(stringWidth(line.slice(from, to))).toBe(width);
        }
      }),
    );
  });

  test('through a window, what is seen begins and ends where it should', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 80 }), fc.integer({ min: 2, max: 40 }), (line, start, columns) => {
        const { from, to, width, indent } = windowColumns(line, start, columns);
        expect(stringWidth(line.slice(from, to))).toBe(width);
        expect(indent + width).toBeLessThanOrEqual(columns);
        if (from < line.length) expect(stringWidth(line.slice(0, from))).toBe(start + indent);
      }),
    );
  });
});

describe('what is searched for', () => {
  test.each([
    [
      'error',
      'an ERROR and an error',
      [
        [3, 8],
        [16, 21],
      ],
    ],
    ['-f a.b', 'axb a.b', [[4, 7]]],
    ['x*', 'ab', []],
    ['(', '(', []],
  ] as const)('%s in %s', (typed, line, ranges) => {
    expect(parsePattern(typed)?.ranges(line)).toEqual(ranges);
  });

  test('can be turned around, can be nothing, and says what is wrong with it', () => {
    expect(parsePattern('!level=info')).toMatchObject({ hides: true });
    expect(parsePattern('  ')).toBeUndefined();
    expect(parsePattern('!')).toBeUndefined();
    expect(parsePattern('[a')?.error).toBeTruthy();
    expect(parsePattern('[a')?.matches('[a')).toBe(false);
  });
});

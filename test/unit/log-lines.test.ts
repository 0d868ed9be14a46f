import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogChunk } from '../../src/docker/docker.ts';
import { LEVELS, levelOf } from '../../src/engine/logs/level.ts';
import { LineAssembler } from '../../src/engine/logs/line-assembler.ts';
import { MAX_LINE_BYTES } from '../../src/engine/logs/log-line.ts';
import { StampReader, stampText } from '../../src/engine/logs/stamp.ts';

const STAMP = '2026-11-23T05:27:38.181673227Z';
const chunk = (text: string, stream: LogChunk['stream'] = 'stdout'): LogChunk => ({ stream, data: Buffer.from(text) });
const texts = (assembler: LineAssembler, ...chunks: LogChunk[]): string[] =>
  chunks.flatMap(one => assembler.push(one)).map(line => line.bytes.toString());

describe("Docker's time stamps", () => {
  test('are read to the microsecond', () => {
    const reader = new StampReader();
    expect(reader.read(Buffer.from(`${STAMP} text`), 0)).toBe(31);
    expect(reader.time).toBeCloseTo(Date.parse('2026-11-23T05:27:38.181Z') + 0.673227, 3);
    expect(stampText(reader.time)).toBe('2026-11-23T05:27:38.181673Z');
  });

  test.each([
    ['2026-11-23T05:27:38Z x', Date.UTC(2026, 10, 23, 5, 27, 38)],
    ['2026-11-23T07:27:38.5+02:00 x', Date.UTC(2026, 10, 23, 5, 27, 38, 500)],
    ['2026-02-28T23:59:59.999999999-01:30 x', Date.UTC(2026, 2, 1, 1, 29, 59) + 999.999999],
  ])('are also read in the shape of other engines: %s', (text, expected) => {
    const reader = new StampReader();
    expect(reader.read(Buffer.from(text), 0)).toBe(text.length - 1);
    expect(reader.time).toBeCloseTo(expected, 3);
  });

  test('agree with the calendar for any moment', () => {
    const reader = new StampReader();
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), date => {
        reader.read(Buffer.from(`${date.toISOString()} x`), 0);
        expect(reader.time).toBeCloseTo(date.getTime(), 3);
      }),
    );
  });

  test('are not seen where there are none', () => {
    const reader = new StampReader();
    for (const text of [
      '',
      'time="2026"',
      '2026-11-23 05:27:38 x',
      '2026-11-23T05:27:38.1Zx',
      'abcd-ef-ghTij:kl:mnZ ',
    ]) {
      expect(reader.read(Buffer.from(text), 0)).toBe(0);
    }
  });
});

describe('chunks of a log', () => {
  test('become the same lines however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 20 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        (all, cuts) => {
          const lines = all.map(text => text.replaceAll(/[\r\n]/g, ''));
          const data = Buffer.from(lines.map(text => `${STAMP} ${text}\n`).join(''));
          const assembler = new LineAssembler(3);
          const got: string[] = [];
          for (let at = 0; at < data.length; ) {
            const size = cuts.next().value as number;
            // A cut within a line: Docker would stamp what follows, this is what a terminal's raw stream looks like.
            got.push(
              ...assembler
                .push({ stream: 'stdout', data: data.subarray(at, at + size) })
                .map(one => one.bytes.toString()),
            );
            at += size;
          }
          got.push(...assembler.end().map(one => one.bytes.toString()));
          // A raw stream that is cut inside a stamp keeps it as text, so only the ends are compared.
          expect(got.length).toBe(lines.length);
          for (const [i, text] of got.entries()) expect(text.endsWith(lines[i]!)).toBe(true);
        },
      ),
    );
  });

  test('that Docker split within a line are put together without the stamps in between', () => {
    const assembler = new LineAssembler(0);
    const got = texts(assembler, chunk(`${STAMP} begin `), chunk(`${STAMP} middle `), chunk(`${STAMP} end\n`));
    expect(got).toEqual(['begin middle end']);
  });

  test('of both streams do not mix', () => {
    const assembler = new LineAssembler(0);
    const got = texts(assembler, chunk(`${STAMP} out `), chunk(`${STAMP} err\n`, 'stderr'), chunk(`${STAMP} more\n`));
    expect(got).toEqual(['err', 'out more']);
  });

  test('from a terminal lose their carriage return; the last line needs no end', () => {
    const assembler = new LineAssembler(0);
    expect(texts(assembler, chunk(`${STAMP} one\r\n${STAMP} two`))).toEqual(['one']);
    expect(assembler.end().map(line => line.bytes.toString())).toEqual(['two']);
    expect(assembler.end()).toEqual([]);
  });

  test('keep of a line of 10 MB what a person would read, and count the rest', () => {
    const assembler = new LineAssembler(0);
    const piece = 'x'.repeat(16 * 1024);
    for (let i = 0; i < 640; i++) expect(assembler.push(chunk(`${STAMP} ${piece}`))).toEqual([]);
    const [line] = assembler.push(chunk(`${STAMP} \n`));
    expect(line?.bytes.length).toBe(MAX_LINE_BYTES);
    expect(line?.dropped).toBe(640 * 16 * 1024 - MAX_LINE_BYTES);
  });
});

describe('how serious a line is', () => {
  test.each([
    ['time="2026-11-23T05:27:38.181438295Z" level=info msg="Starting k3s agent v1.21.2+k3s1 (aef8a6aa)"', 'info'],
    ['time="2026-11-23T05:27:38Z" level=warning msg="Cluster CA certificate is not trusted: error"', 'warn'],
    ['time="2026-11-23T05:27:38.219049149Z" level=error msg="Failed to configure agent"', 'error'],
    ['time="2026-11-23T05:27:38Z" level=fatal msg="starting kubernetes"', 'fatal'],
    ['time="2026-11-23T05:27:38Z" level=debug msg="level=error in a message"', 'debug'],
    ['I1123 05:27:43.591230       1 trace.go:236] Trace[1]: "Get" error=none', 'info'],
    ['W1123 05:27:43.591230       7 garbagecollector.go:830] failed to discover some groups', 'warn'],
    ['E1123 05:27:43.591230       1 reflector.go:138] Failed to watch', 'error'],
    ['F1123 05:27:43.591230       1 main.go:1] bye', 'fatal'],
    [
      '{"level":"warn","ts":"2026-11-23T05:27:38.181Z","caller":"etcdserver/util.go:170","msg":"apply took too long"}',
      'warn',
    ],
    ['{"level":"panic","ts":1,"msg":"x"}', 'fatal'],
    ['2026/11/23 07:49:45 [emerg] 30#30: host not found in upstream "k3d-a-server-0:6443"', 'fatal'],
    ['2026/11/23 05:27:56 [error] 12#12: *1 connect() failed', 'error'],
    ['2026/11/23 05:27:56 [notice] 12#12: start worker processes', 'info'],
    ['2026-11-23T05:27:50Z k3d-run-serverlb confd[10]: INFO Backend set to file', 'info'],
    ['2026-11-23T05:27:50Z k3d-run-serverlb confd[10]: ERROR cannot write', 'error'],
    ['2026-11-23T05:27:50Z k3d-run-serverlb confd[10]: DEBUG Key prefix set to /', 'debug'],
    ['panic: runtime error: invalid memory address', 'fatal'],
    ['Error: no such file', 'error'],
    ['exec format error', 'error'],
    ['[2026-11-23T05:27:50+00:00] creating initial nginx config (try 1/3)', 'none'],
    ['an error in the middle of a sentence', 'none'],
    ['INFORMATION about errors', 'none'],
    ['', 'none'],
  ] as const)('%s → %s', (text, level) => {
    expect(levelOf(Buffer.from(text))).toBe(LEVELS[level]);
  });

  test('is found out for any bytes, also of very long lines, without effort', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), bytes => void levelOf(Buffer.from(bytes))));
    const long = Buffer.from(`${'a '.repeat(500_000)}level=error`);
    const begin = performance.now();
    for (let i = 0; i < 1000; i++) levelOf(long);
    expect(performance.now() - begin).toBeLessThan(500);
  });
});

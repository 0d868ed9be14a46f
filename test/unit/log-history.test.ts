import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Docker, LogChunk, LogOptions } from '../../src/docker/docker.ts';
import { type Before, History, linesBefore } from '../../src/engine/logs/history.ts';
import { stampText } from '../../src/engine/logs/stamp.ts';
import { K3duiError } from '../../src/errors.ts';

/** Milliseconds of each line of each container. */
type Logs = Record<string, number[]>;

/** A Docker that has nothing but logs. `tailFirst`: as moby does it; else as other engines do. */
function dockerWith(logs: Logs, tailFirst: boolean, asked: LogOptions[] = []): Docker {
  return {
    async *logs(id: string, options: LogOptions = {}): AsyncGenerator<LogChunk> {
      asked.push(options);
      if (!logs[id]) throw new K3duiError({ code: 'NOT_FOUND', message: 'gone' });
      const { tail = Number.POSITIVE_INFINITY, since = 0, until = Number.POSITIVE_INFINITY } = options;
      let lines = logs[id];
      const last = () => {
        if (Number.isFinite(tail)) lines = tail === 0 ? [] : lines.slice(-tail);
      };
      if (tailFirst) last();
      lines = lines.filter(time => time >= since * 1000 && time <= until * 1000);
      if (!tailFirst) last();
      for (const time of lines) yield { stream: 'stdout', data: Buffer.from(`${stampText(time)} ${id} ${time}\n`) };
    },
  } as Partial<Docker> as Docker;
}

const START = Date.UTC(2026, 10, 23);
/** Times in order, no two the same. */
const times = (steps: number[]): number[] => {
  let time = START;
  return steps.map(step => {
    time += step;
    return time;
  });
};
const someLog = fc.array(fc.integer({ min: 1, max: 3_000_000 }), { maxLength: 120 }).map(times);

async function everything(history: History, page: number): Promise<string[]> {
  const pages: string[][] = [];
  while (!history.atStart) {
    pages.unshift((await history.take(page)).map(line => line.bytes.toString()));
    expect(pages.length).toBeLessThan(2000);
  }
  return pages.flat();
}

describe('going back through logs', () => {
  test('gives every line once, in time order, page by page, whichever way the engine counts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someLog, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 40 }),
        fc.boolean(),
        fc.boolean(),
        async (all, page, shown, tailFirst, known) => {
          const logs = Object.fromEntries(all.map((log, index) => [`n${index}`, log]));
          const sources = all.map((_, index) => ({ id: `n${index}`, name: `n${index}` }));
          // The last lines of each are on the screen already.
          const before = all.map((log): Before => {
            const first = log[Math.max(0, log.length - shown)];
            const entries = Math.min(shown, log.length);
            return {
              time: shown === 0 || first === undefined ? START + 1e12 : first,
              entries: known ? entries : undefined,
            };
          });
          const got = await everything(new History(dockerWith(logs, tailFirst), sources, before), page);
          const wanted = all
            .flatMap((log, index) => log.slice(0, Math.max(0, log.length - shown)).map(time => ({ time, index })))
            .sort((a, b) => a.time - b.time);
          expect(got.length).toBe(wanted.length);
          expect(got.map(text => Number(text.split(' ')[1]))).toEqual(wanted.map(({ time }) => time));
          for (const [index] of all.entries()) {
            expect(got.filter(text => text.startsWith(`n${index} `))).toEqual(
              wanted.filter(one => one.index === index).map(one => `n${index} ${one.time}`),
            );
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('asks moby for no more than the lines since then and a page, not for the whole log', async () => {
    const log = times(Array.from({ length: 5000 }, () => 1000));
    const asked: LogOptions[] = [];
    const docker = dockerWith({ n: log }, true, asked);
    const { lines, atStart } = await linesBefore(
      docker,
      { id: 'n', name: 'n' },
      0,
      { time: log[4900]!, entries: 100 },
      50,
    );
    expect(lines.map(line => line.time)).toEqual(log.slice(4850, 4900));
    expect(atStart).toBe(false);
    expect(asked).toEqual([expect.objectContaining({ tail: 150, timestamps: true })]);
  });

  test('stops at the time from which on lines are wanted', async () => {
    const log = times(Array.from({ length: 100 }, () => 1000));
    for (const entries of [10, undefined]) {
      const before = { time: log[90]!, entries, since: log[60]! };
      const { lines, atStart } = await linesBefore(dockerWith({ n: log }, true), { id: 'n', name: 'n' }, 0, before, 50);
      expect(lines.map(line => line.time)).toEqual(log.slice(60, 90));
      expect(atStart).toBe(true);
    }
  });

  test('leaves out a node that is gone, and throws what else is wrong', async () => {
    const log = times([1, 2, 3]);
    const sources = ['n', 'gone'].map(name => ({ id: name, name }));
    const before = sources.map(() => ({ time: START + 1e6 }));
    expect(await everything(new History(dockerWith({ n: log }, true), sources, before), 10)).toHaveLength(3);
    const broken = {
      logs: () => {
        throw new K3duiError({ code: 'DOCKER_UNREACHABLE', message: 'away' });
      },
    } as Partial<Docker> as Docker;
    await expect(new History(broken, sources, before).take(5)).rejects.toMatchObject({ code: 'DOCKER_UNREACHABLE' });
  });
});

import type { Call, Docker } from '../../docker/docker.ts';
import type { LogLine, LogSource } from './log-line.ts';
import { readLines } from './read-lines.ts';

/** How far back is looked, in milliseconds, when it is not known how many lines came since. */
const WINDOWS = [2_000, 60_000, 20 * 60_000, 6 * 3_600_000, 7 * 86_400_000, Number.POSITIVE_INFINITY];

/** What is asked of one container's past. */
export interface Before {
  /** Only lines older than this, in milliseconds. */
  time: number;
  /** Docker's entries written since then, at least; undefined: not known. */
  entries?: number;
  /** Nothing older than this is wanted. */
  since?: number;
}

/**
 * The last `count` lines before a moment, oldest first, and whether there is nothing before them. Docker applies `tail`
 * before `until` (moby daemon/logger/loggerutils/logfile.go), so the lines since then are asked for as well and left
 * out; where their number is not known, ever longer spans of time are read. Never holds more than `count` lines.
 */
export async function linesBefore(
  docker: Docker,
  { id }: LogSource,
  source: number,
  before: Before,
  count: number,
  call?: Call,
): Promise<{ lines: LogLine[]; atStart: boolean }> {
  const { time, entries, since } = before;
  if (entries !== undefined) {
    const options = { tail: entries + count, until: time, since };
    const lines = await lastLines(docker, id, source, options, time, count, call);
    return { lines, atStart: lines.length < count };
  }
  for (const span of WINDOWS) {
    const from = Math.max(since ?? 0, time - span);
    const lines = await lastLines(docker, id, source, { since: from, until: time }, time, count, call);
    if (lines.length >= count) return { lines, atStart: false };
    if (from <= (since ?? 0)) return { lines, atStart: true };
  }
  return { lines: [], atStart: true };
}

async function lastLines(
  docker: Docker,
  id: string,
  source: number,
  options: { tail?: number; since?: number; until: number },
  time: number,
  count: number,
  call?: Call,
): Promise<LogLine[]> {
  let lines: LogLine[] = [];
  for await (const piece of readLines(docker, id, source, options, call)) {
    for (const line of piece) {
      if (line.time < time && line.time >= (options.since ?? 0)) lines.push(line);
    }
    if (lines.length > count * 4) lines = lines.slice(-count);
  }
  return lines.slice(-count);
}

/** Goes back through the logs of several sources at once, in time order. */
export class History {
  readonly #docker: Docker;
  readonly #sources: readonly LogSource[];
  readonly #before: Before[];
  /** Loaded and not handed out, oldest first. */
  readonly #loaded: LogLine[][];
  readonly #atStart: boolean[];

  /** `before`: for each source where its past begins. */
  constructor(docker: Docker, sources: readonly LogSource[], before: readonly Before[]) {
    this.#docker = docker;
    this.#sources = sources;
    this.#before = before.map(one => ({ ...one }));
    this.#loaded = sources.map(() => []);
    this.#atStart = sources.map(() => false);
  }

  /** Nothing is left. */
  get atStart(): boolean {
    return this.#atStart.every((done, source) => done && this.#loaded[source]!.length === 0);
  }

  /** The `count` lines before those handed out last, oldest first; fewer only where the logs begin. */
  async take(count: number, signal?: AbortSignal): Promise<LogLine[]> {
    const out: LogLine[] = [];
    while (out.length < count) {
      await Promise.all(this.#sources.map((_, source) => this.#load(source, count, signal)));
      // Until one of them runs out and has more, the youngest line is next.
      let gone = false;
      while (out.length < count && !gone) {
        let best: LogLine[] | undefined;
        for (const lines of this.#loaded) {
          if (lines.length > 0 && (best === undefined || lines.at(-1)!.time > best.at(-1)!.time)) best = lines;
        }
        if (best === undefined) return out.reverse();
        const line = best.pop()!;
        out.push(line);
        gone = best.length === 0 && !this.#atStart[line.source];
      }
    }
    return out.reverse();
  }

  async #load(source: number, count: number, signal?: AbortSignal): Promise<void> {
    if (this.#loaded[source]!.length > 0 || this.#atStart[source]) return;
    const before = this.#before[source]!;
    const { lines, atStart } = await linesBefore(this.#docker, this.#sources[source]!, source, before, count, {
      signal,
    }).catch(error => {
      // A container that is gone has no past to show.
      if ((error as { code?: string }).code === 'NOT_FOUND') return { lines: [], atStart: true };
      throw error;
    });
    this.#loaded[source] = lines;
    this.#atStart[source] = atStart;
    const [oldest] = lines;
    if (oldest === undefined) return;
    before.time = oldest.time;
    // What was read now lies behind the next page too.
    if (before.entries !== undefined) before.entries += lines.length;
  }
}

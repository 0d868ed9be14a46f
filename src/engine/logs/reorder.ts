import type { LogLine } from './log-line.ts';

/** So long, in milliseconds, a line waits for older ones of other sources. */
const REORDER_MILLISECONDS = 150;
const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

interface Waiting {
  line: LogLine;
  arrived: number;
}

/**
 * Lines of several sources in time order, as far as they arrive within the window of each other. Lines of one source
 * keep their order whatever their stamps say, and none is lost.
 */
export class Reorder {
  readonly #queues: Waiting[][];
  readonly #window: number;
  readonly #limit: number;
  #waiting = 0;
  #bytes = 0;

  constructor(sources: number, windowMilliseconds = REORDER_MILLISECONDS, limit = MAX_WAITING) {
    this.#queues = Array.from({ length: sources }, () => []);
    this.#window = windowMilliseconds;
    this.#limit = limit;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** More wait than should: whoever adds should hand out first. */
  get full(): boolean {
    return this.#waiting >= this.#limit || this.#bytes >= MAX_WAITING_BYTES;
  }

  /** `now`: milliseconds of a clock that does not go back. */
  add(line: LogLine, now: number): void {
    this.#queues[line.source]!.push({ line, arrived: now });
    this.#waiting++;
    this.#bytes += line.bytes.length;
  }

  /** Everything that has waited long enough, and what is older than that, in order. */
  take(now: number): LogLine[] {
    // What arrived a window ago sets the time up to which everything goes.
    let until = Number.NEGATIVE_INFINITY;
    const due = now - this.#window;
    for (const queue of this.#queues) {
      for (const { line, arrived } of queue) {
        if (arrived > due) break;
        until = Math.max(until, line.time);
      }
    }
    if (this.full) until = Number.POSITIVE_INFINITY;
    return this.#merge(until);
  }

  /** Everything, in order. */
  takeAll(): LogLine[] {
    return this.#merge(Number.POSITIVE_INFINITY);
  }

  #merge(until: number): LogLine[] {
    const out = mergeByTime(
      this.#queues.map(queue => queue.map(({ line }) => line)),
      until,
    );
    const counts = new Map<number, number>();
    for (const { source, bytes } of out) {
      counts.set(source, (counts.get(source) ?? 0) + 1);
      this.#bytes -= bytes.length;
    }
    for (const [source, count] of counts) this.#queues[source]!.splice(0, count);
    this.#waiting -= out.length;
    return out;
  }
}

/** Lists of lines, each in its own order, as one list in time order; of the same time the earlier list's goes first. */
export function mergeByTime(lists: readonly (readonly LogLine[])[], until = Number.POSITIVE_INFINITY): LogLine[] {
  const at = lists.map(() => 0);
  const out: LogLine[] = [];
  for (;;) {
    let best = -1;
    for (let index = 0; index < lists.length; index++) {
      const line = lists[index]![at[index]!];
      if (line === undefined || line.time > until) continue;
      if (best < 0 || line.time < lists[best]![at[best]!]!.time) best = index;
    }
    if (best < 0) return out;
    out.push(lists[best]![at[best]!++]!);
  }
}

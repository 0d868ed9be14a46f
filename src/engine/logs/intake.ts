import type { LineRing } from './line-ring.ts';
import type { LogLine } from './log-line.ts';
import { Reorder } from './reorder.ts';

const FLUSH_MILLISECONDS = 40;

/** What is told of lines that come into the window. */
export interface IntakeSink {
  line(line: LogLine): void;
  /** Some came in, or none for want of room; `pushedOut`: older ones left the window for them. */
  done(pushedOut: boolean): void;
}

/** The way of new lines into the window: put in order of time, and waiting where there is no room. */
export class Intake {
  readonly #ring: LineRing;
  readonly #sources: number;
  readonly #sink: IntakeSink;
  #reorder: Reorder;
  #flushing: NodeJS.Timeout | undefined;
  #pending: LogLine[] = [];
  #waiters: (() => void)[] = [];
  #keep: number | undefined;

  constructor(ring: LineRing, sources: number, sink: IntakeSink) {
    this.#ring = ring;
    this.#sources = sources;
    this.#sink = sink;
    this.#reorder = new Reorder(sources);
  }

  /** Lines find no room. */
  get full(): boolean {
    return this.#pending.length > 0;
  }

  /** Takes lines of one source; a promise: whoever reads waits for it before the next ones. */
  take(lines: readonly LogLine[]): Promise<void> | undefined {
    if (this.#sources === 1) {
      this.#pending.push(...lines);
      this.#drain();
    } else {
      const now = performance.now();
      for (const line of lines) this.#reorder.add(line, now);
      if (this.#reorder.full) this.#flush();
      else this.#flushing ??= setTimeout(this.#flush, FLUSH_MILLISECONDS);
    }
    // Lines that find no room wait here, and with them whoever reads.
    if (this.#pending.length === 0) return undefined;
    return new Promise(resolve => this.#waiters.push(resolve));
  }

  /** This line and those after it are not pushed out; undefined: all may be. */
  keep(line: number | undefined): void {
    this.#keep = line;
    this.#drain();
  }

  /** Forgets what has not come into the window, and lets go whoever waits. */
  clear(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    this.#reorder = new Reorder(this.#sources);
    this.#pending = [];
    this.#wake();
  }

  readonly #flush = (): void => {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    this.#pending.push(...this.#reorder.take(performance.now()));
    this.#drain();
    if (this.#reorder.waiting > 0) this.#flushing = setTimeout(this.#flush, FLUSH_MILLISECONDS);
  };

  #drain(): void {
    if (this.#pending.length === 0) return;
    let moved = 0;
    const { first, count } = this.#ring;
    for (const line of this.#pending) {
      if (!this.#ring.hasRoom(this.#keep)) break;
      this.#ring.push(line);
      moved++;
      this.#sink.line(line);
    }
    if (moved > 0) {
      this.#pending = moved === this.#pending.length ? [] : this.#pending.slice(moved);
      if (this.#pending.length === 0) this.#wake();
    }
    this.#sink.done(moved > 0 && count > 0 && this.#ring.first > first);
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }
}

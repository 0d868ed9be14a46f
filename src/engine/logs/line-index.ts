import type { LineRing } from './line-ring.ts';

/** Lines looked at before the clock is. */
const BATCH = 128;

/**
 * Which lines of a ring pass a test, kept up to date a few milliseconds at a time: newest first at the beginning, then
 * whatever came in at either end since.
 */
export class LineIndex {
  readonly #ring: LineRing;
  readonly #test: (line: number) => boolean;
  /** Matches from the starting point on, ascending, of which the first `#gone` have left the ring. */
  #newer: number[] = [];
  #gone = 0;
  /** Matches before the starting point, descending. */
  #older: number[] = [];
  #from: number;
  #to: number;
  #epoch: number;

  constructor(ring: LineRing, test: (line: number) => boolean) {
    this.#ring = ring;
    this.#test = test;
    this.#from = ring.end;
    this.#to = ring.end;
    this.#epoch = ring.epoch;
  }

  /** Goes on for at most so many milliseconds; true: every line has been looked at. */
  advance(milliseconds: number): boolean {
    this.#catchUp();
    const ring = this.#ring;
    const deadline = performance.now() + milliseconds;
    while (this.#to < ring.end) {
      const stop = Math.min(ring.end, this.#to + BATCH);
      for (; this.#to < stop; this.#to++) if (this.#test(this.#to)) this.#newer.push(this.#to);
      if (performance.now() > deadline) break;
    }
    while (this.#from > ring.first && performance.now() <= deadline) {
      const stop = Math.max(ring.first, this.#from - BATCH);
      while (this.#from > stop) if (this.#test(--this.#from)) this.#older.push(this.#from);
    }
    return this.#to >= ring.end && this.#from <= ring.first;
  }

  /** Matches found so far. */
  get count(): number {
    return this.#newer.length - this.#gone + this.#older.length;
  }

  /** The next match from `line` on, itself included. */
  atOrAfter(line: number): number | undefined {
    const oldest = this.#older[lastAtOrAfter(this.#older, line)];
    return oldest ?? this.#newer[Math.max(this.#gone, firstAtOrAfter(this.#newer, line))];
  }

  /** The match before `line`. */
  before(line: number): number | undefined {
    const at = firstAtOrAfter(this.#newer, line) - 1;
    if (at >= this.#gone) return this.#newer[at];
    return this.#older[lastAtOrAfter(this.#older, line) + 1];
  }

  has(line: number): boolean {
    return this.atOrAfter(line) === line;
  }

  /** How many matches there are up to and with `line`. */
  rank(line: number): number {
    const newer = Math.max(0, firstAtOrAfter(this.#newer, line + 1) - this.#gone);
    return newer + this.#older.length - 1 - lastAtOrAfter(this.#older, line + 1);
  }

  /** Forgets what has left the ring. */
  #catchUp(): void {
    const { first, end, epoch } = this.#ring;
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#newer = [];
      this.#older = [];
      this.#gone = 0;
      this.#from = end;
      this.#to = end;
      return;
    }
    while (this.#gone < this.#newer.length && this.#newer[this.#gone]! < first) this.#gone++;
    if (this.#gone > 10_000 && this.#gone > this.#newer.length / 2) {
      this.#newer = this.#newer.slice(this.#gone);
      this.#gone = 0;
    }
    while (this.#older.length > 0 && this.#older.at(-1)! < first) this.#older.pop();
    while (this.#newer.length > this.#gone && this.#newer.at(-1)! >= end) this.#newer.pop();
    if (this.#older.length > 0 && this.#older[0]! >= end) this.#older = this.#older.filter(line => line < end);
    this.#from = Math.min(end, Math.max(first, this.#from));
    this.#to = Math.min(end, Math.max(this.#to, this.#from));
  }
}

/** Index of the first element ≥ value in an ascending list. */
function firstAtOrAfter(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the last element ≥ value in a descending list; -1: none. */
function lastAtOrAfter(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! >= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

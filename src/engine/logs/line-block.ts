import type { Level } from './level.ts';
import type { LogLine } from './log-line.ts';

export const BLOCK_BYTES = 128 * 1024;
const BLOCK_LINES = 2048;

/** Some lines after one another: their bytes in one piece, what is known of them in typed arrays. */
export class LineBlock {
  /** Number of its first line. */
  first = 0;
  count = 0;
  /** Lines that are errors or worse. */
  errors = 0;
  used = 0;
  readonly #bytes = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  readonly #ends = new Uint32Array(BLOCK_LINES);
  readonly #times = new Float64Array(BLOCK_LINES);
  readonly #dropped = new Uint32Array(BLOCK_LINES);
  readonly #sources = new Uint16Array(BLOCK_LINES);
  readonly #levels = new Uint8Array(BLOCK_LINES);
  readonly #notes = new Uint8Array(BLOCK_LINES);

  get end(): number {
    return this.first + this.count;
  }

  has(bytes: number): boolean {
    return this.count < BLOCK_LINES && this.used + bytes <= BLOCK_BYTES;
  }

  add(line: LogLine, level: Level): void {
    const at = this.count++;
    line.bytes.copy(this.#bytes, this.used);
    this.used += line.bytes.length;
    this.#ends[at] = this.used;
    this.#times[at] = line.time;
    this.#dropped[at] = line.dropped;
    this.#sources[at] = line.source;
    this.#levels[at] = level;
    this.#notes[at] = line.note ? 1 : 0;
    if (level >= 4) this.errors++;
  }

  text(at: number): string {
    return this.#bytes.toString('utf8', this.#start(at), this.#ends[at]!);
  }

  /** A copy of the line's bytes: the block is used again for others. */
  bytes(at: number): Buffer {
    return Buffer.from(this.#bytes.subarray(this.#start(at), this.#ends[at]!));
  }

  time = (at: number): number => this.#times[at]!;
  dropped = (at: number): number => this.#dropped[at]!;
  source = (at: number): number => this.#sources[at]!;
  level = (at: number): Level => this.#levels[at] as Level;
  note = (at: number): boolean => this.#notes[at] === 1;

  /** Empty again, for other lines. */
  clear(first: number): void {
    this.first = first;
    this.count = 0;
    this.used = 0;
    this.errors = 0;
  }

  #start(at: number): number {
    return at === 0 ? 0 : this.#ends[at - 1]!;
  }
}

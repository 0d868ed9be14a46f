import { LEVELS, type Level, levelOf } from './level.ts';
import { BLOCK_BYTES, LineBlock } from './line-block.ts';
import type { LogLine } from './log-line.ts';

/** Bytes of log text that are held at most. */
const RING_BYTES = 16 * 1024 * 1024;

/**
 * A window on a log: lines numbered one after another, at most so many bytes of them. New lines come in at the end and
 * older ones at the beginning, and push out what is furthest away. Numbers stay with their lines and may be negative.
 * Memory is used again and again: however much comes in, it stays what it is. Lines become strings only when asked for.
 */
export class LineRing {
  readonly #limit: number;
  #blocks: LineBlock[] = [];
  readonly #spare: LineBlock[] = [];
  #last: LineBlock | undefined;
  #epoch = 0;
  #errors = 0;

  /** `bytes`: how much it holds; at least two blocks. */
  constructor(bytes = RING_BYTES) {
    this.#limit = Math.max(2, Math.floor(bytes / BLOCK_BYTES));
  }

  /** Number of the first line there is. */
  get first(): number {
    return this.#blocks[0]?.first ?? 0;
  }

  /** Number after the last one's. */
  get end(): number {
    return this.#blocks.at(-1)?.end ?? 0;
  }

  get count(): number {
    return this.end - this.first;
  }

  /** Bytes of text held. */
  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.used, 0);
  }

  /** Lines that are errors or worse. */
  get errors(): number {
    return this.#errors;
  }

  /** Counts up when numbers may come to stand for other lines: after `clear`, and when lines at the end had to go. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Says whether a line can be added without pushing out line `keep` or one after it. */
  hasRoom(keep: number | undefined): boolean {
    if (keep === undefined || this.#blocks.length < this.#limit) return true;
    return this.#blocks[0]!.end <= keep;
  }

  /** Adds a line at the end. */
  push(line: LogLine): void {
    let block = this.#blocks.at(-1);
    if (block === undefined || !block.has(line.bytes.length)) {
      const first = this.end;
      if (this.#blocks.length >= this.#limit) this.#release(this.#blocks.shift()!);
      block = this.#fresh(first);
      this.#blocks.push(block);
    }
    const level = line.note ? LEVELS.none : levelOf(line.bytes);
    block.add(line, level);
    if (level >= LEVELS.error) this.#errors++;
  }

  /** Puts older lines in front, oldest first. Gives how many lines were pushed out at the end. */
  prepend(lines: readonly LogLine[]): number {
    const before = this.end;
    const added: LineBlock[] = [];
    for (const line of lines) {
      let block = added.at(-1);
      if (block === undefined || !block.has(line.bytes.length)) {
        block = this.#fresh(0);
        added.push(block);
      }
      const level = line.note ? LEVELS.none : levelOf(line.bytes);
      block.add(line, level);
      if (level >= LEVELS.error) this.#errors++;
    }
    let first = this.#blocks.length === 0 ? 0 : this.first;
    for (const block of [...added].reverse()) {
      first -= block.count;
      block.first = first;
    }
    this.#blocks = [...added, ...this.#blocks];
    while (this.#blocks.length > this.#limit) this.#release(this.#blocks.pop()!);
    const gone = lines.length === 0 ? 0 : Math.max(0, before - this.end);
    // Their numbers will be those of other lines.
    if (gone > 0) this.#epoch++;
    return gone;
  }

  clear(): void {
    for (const block of this.#blocks) this.#release(block);
    this.#blocks = [];
    this.#epoch++;
  }

  /** Lets go of the memory. */
  drop(): void {
    this.clear();
    this.#spare.length = 0;
  }

  /** The line's text, decoded now; bytes that are no UTF-8 become U+FFFD. Not safe for a terminal. */
  text(line: number): string {
    const block = this.#find(line);
    return block === undefined ? '' : block.text(line - block.first);
  }

  bytesOf(line: number): Buffer {
    const block = this.#find(line);
    return block === undefined ? Buffer.alloc(0) : block.bytes(line - block.first);
  }

  time(line: number): number {
    const block = this.#find(line);
    return block === undefined ? 0 : block.time(line - block.first);
  }

  source(line: number): number {
    const block = this.#find(line);
    return block === undefined ? 0 : block.source(line - block.first);
  }

  level(line: number): Level {
    const block = this.#find(line);
    return block === undefined ? LEVELS.none : block.level(line - block.first);
  }

  isNote(line: number): boolean {
    const block = this.#find(line);
    return block?.note(line - block.first) ?? false;
  }

  dropped(line: number): number {
    const block = this.#find(line);
    return block === undefined ? 0 : block.dropped(line - block.first);
  }

  /** The next line from `from` on (included) in direction `by` that is at least this serious. */
  findLevel(from: number, by: 1 | -1, level: Level): number | undefined {
    const begin = by === 1 ? Math.max(from, this.first) : Math.min(from, this.end - 1);
    for (let line = begin; line >= this.first && line < this.end; line += by) {
      const block = this.#find(line)!;
      if (level >= LEVELS.error && block.errors === 0) line = by === 1 ? block.end - 1 : block.first;
      else if (block.level(line - block.first) >= level) return line;
    }
    return undefined;
  }

  #find(line: number): LineBlock | undefined {
    const last = this.#last;
    if (last !== undefined && line >= last.first && line < last.end) return last;
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const block = this.#blocks[middle]!;
      if (line < block.first) high = middle - 1;
      else if (line >= block.end) low = middle + 1;
      else {
        this.#last = block;
        return block;
      }
    }
    return undefined;
  }

  #fresh(first: number): LineBlock {
    const block = this.#spare.pop() ?? new LineBlock();
    block.clear(first);
    return block;
  }

  #release(block: LineBlock): void {
    this.#errors -= block.errors;
    block.clear(0);
    if (this.#last === block) this.#last = undefined;
    if (this.#spare.length < 8) this.#spare.push(block);
  }
}

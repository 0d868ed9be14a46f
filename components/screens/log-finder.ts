import { LEVELS } from '../../src/engine/logs/level.ts';
import type { LineIndex } from '../../src/engine/logs/line-index.ts';
import type { LogLines } from './log-lines.ts';
import { SLICE_MILLISECONDS } from './log-matches.ts';
import type { LogPosition } from './log-position.ts';

/** Pages of older lines that one search loads at most. */
const SEARCH_PAGES = 50;

/** What is said to the person. */
export type Say = (tone: 'good' | 'warn' | 'plain', text: string) => void;

/** Goes to lines of a log: to matches of the search, to errors, to where the run before ended. */
export class LogFinder {
  readonly #lines: LogLines;
  readonly #position: LogPosition;
  readonly #say: Say;

  constructor(lines: LogLines, position: LogPosition, say: Say) {
    this.#lines = lines;
    this.#position = position;
    this.#say = say;
  }

  /** To the match nearest to what is seen, newest first. */
  findFirst(): void {
    const { search } = this.#lines;
    if (search === undefined) return;
    if (search.pattern.error !== undefined) {
      this.#say('warn', `search: ${search.pattern.error}`);
      return;
    }
    const index = search.all();
    const seen = this.#position.shownLines;
    const hit = seen && this.#hit(index, seen.last + 1, -1);
    if (hit !== undefined) this.#position.goTo(hit);
    else if (seen !== undefined && this.#hit(index, seen.last + 1, 1) !== undefined) this.find(1);
    else void this.#findOlder(index);
  }

  /** To the next match (1) or the one before (-1). */
  find(by: 1 | -1): void {
    const position = this.#position;
    position.wish++;
    const { search, feed } = this.#lines;
    if (search === undefined) {
      this.#say('warn', 'nothing is searched for; / searches');
      return;
    }
    const index = search.all();
    const from = position.found ?? (by === 1 ? (position.shownLines?.first ?? 0) - 1 : feed.ring.end);
    const hit = this.#hit(index, by === 1 ? from + 1 : from, by);
    if (hit !== undefined) position.goTo(hit);
    else if (by === 1) this.#say('warn', 'this is the last match; Shift-N goes back');
    else void this.#findOlder(index);
  }

  /** To the first error of what is loaded, or the next one from here. */
  findError(which: 'first' | 'next'): void {
    const position = this.#position;
    position.wish++;
    const { list, feed } = this.#lines;
    const { ring } = feed;
    let from = which === 'first' ? ring.first : (position.found ?? (position.shownLines?.first ?? ring.first) - 1) + 1;
    for (;;) {
      const line = ring.findLevel(from, 1, LEVELS.error);
      if (line === undefined) break;
      if (list.nearest(line) === line) {
        position.goTo(line);
        return;
      }
      from = line + 1;
    }
    const any = ring.errors > 0;
    this.#say('warn', any ? 'there is no error after this line; E goes to the first' : 'no line here is an error');
  }

  /** Shows the end of the run before the present one. */
  async previousRun(): Promise<void> {
    const position = this.#position;
    position.wish++;
    const { feed } = this.#lines;
    const { previousRun, ring } = feed;
    if (previousRun === undefined) {
      this.#say('warn', 'it is not known yet when this run began');
      return;
    }
    for (let line = ring.end - 1; line >= ring.first; line--) {
      if (ring.isNote(line) || ring.time(line) > previousRun) continue;
      position.goTo(line);
      return;
    }
    if (feed.atStart || previousRun === 0) {
      this.#say('warn', 'there is no previous run in this log');
      return;
    }
    this.#say('plain', 'looking for the previous run …');
    position.start();
    position.following = false;
    // To start anew is a wish of its own: only one that comes after it ends this one.
    const { wish } = position;
    await feed.seekBefore(previousRun + 0.001);
    if (wish !== position.wish) return;
    if (ring.count === 0) {
      this.#say('warn', 'there is no previous run in this log');
      position.follow();
      return;
    }
    position.goTo(ring.end - 1);
    this.#say('good', 'the end of the previous run; s follows the present one again');
  }

  async #findOlder(index: LineIndex): Promise<void> {
    const position = this.#position;
    const { wish } = position;
    const { feed } = this.#lines;
    for (let page = 0; page < SEARCH_PAGES; page++) {
      if (feed.atStart) break;
      const before = feed.ring.first;
      this.#say('plain', 'searching older lines …');
      const older = await feed.loadOlder();
      if (wish !== position.wish) return;
      if (older !== 'more') break;
      while (!index.advance(SLICE_MILLISECONDS)) {
        await new Promise(resolve => setImmediate(resolve));
        if (wish !== position.wish) return;
      }
      const hit = this.#hit(index, position.found ?? before, -1);
      if (hit !== undefined) {
        this.#say('plain', '');
        position.goTo(hit);
        return;
      }
    }
    this.#say(
      'warn',
      feed.atStart ? 'no older match: the log begins here' : 'no match in the older lines looked through',
    );
  }

  /** The nearest match that is shown, from `line` on (1) or before it (-1). */
  #hit(index: LineIndex, line: number, by: 1 | -1): number | undefined {
    const { list } = this.#lines;
    for (let at = by === 1 ? index.atOrAfter(line) : index.before(line); at !== undefined; ) {
      if (list.nearest(at) === at) return at;
      at = by === 1 ? index.atOrAfter(at + 1) : index.before(at);
    }
    return undefined;
  }
}

import type { LogFeed } from '../../src/engine/logs/feed.ts';
import { LogMatches } from './log-matches.ts';
import { parsePattern } from './log-pattern.ts';
import type { LineList } from './log-viewport.ts';

/** The lines of a log: which are shown, and which are searched for. */
export class LogLines {
  readonly feed: LogFeed;
  #search: LogMatches | undefined;
  #filter: LogMatches | undefined;

  constructor(feed: LogFeed) {
    this.feed = feed;
  }

  get search(): LogMatches | undefined {
    return this.#search;
  }

  get filter(): LogMatches | undefined {
    return this.#filter;
  }

  /** Lines that pass the filter so far. */
  get passing(): number {
    return this.#filter?.index.count ?? this.feed.ring.count;
  }

  /** The lines that are shown, in order. */
  get list(): LineList {
    const { ring } = this.feed;
    const index = this.#filter?.index;
    if (index === undefined) {
      const within = (line: number) => (line >= ring.first && line < ring.end ? line : undefined);
      return {
        first: () => within(ring.first),
        last: () => within(ring.end - 1),
        next: line => within(line + 1),
        previous: line => within(line - 1),
        nearest: line => (ring.count === 0 ? undefined : Math.max(ring.first, Math.min(line, ring.end - 1))),
      };
    }
    return {
      first: () => index.atOrAfter(ring.first),
      last: () => index.before(ring.end),
      next: line => index.atOrAfter(line + 1),
      previous: line => index.before(line),
      nearest: line => index.atOrAfter(line) ?? index.before(line),
    };
  }

  /** Searches for a pattern; an empty one ends the search. False: it is searched for already. */
  searchFor(typed: string): boolean {
    const pattern = parsePattern(typed);
    if (pattern?.text === this.#search?.pattern.text) return false;
    this.#search = pattern && new LogMatches(this.feed.ring, pattern, false);
    return true;
  }

  /** Keeps or hides lines; an empty pattern shows all. Our own notes always stay. False: that is so already. */
  keepOnly(typed: string): boolean {
    const pattern = parsePattern(typed);
    if (pattern?.text === this.#filter?.pattern.text) return false;
    this.#filter = pattern && new LogMatches(this.feed.ring, pattern, true);
    return true;
  }

  /** Looks through new lines for a moment; true: none is left. */
  lookThrough(): boolean {
    const filtered = this.#filter?.lookThrough() ?? true;
    const searched = this.#search?.lookThrough() ?? true;
    return filtered && searched;
  }
}

import type { LogFeed } from '../../src/engine/logs/feed.ts';
import { LEVELS } from '../../src/engine/logs/level.ts';
import { LineIndex } from '../../src/engine/logs/line-index.ts';
import type { Theme } from '../theme.ts';
import { type LogPattern, parsePattern } from './log-pattern.ts';
import { type DrawnLine, drawLine, type LogLook, lineText, rowText } from './log-rows.ts';
import { bottomTop, type LineList, moved, type Spot, visible } from './log-viewport.ts';

/** News of the log reach the screen at most this often; keys are seen at once. */
const NEWS_MILLISECONDS = 80;
/** So long at a time lines are searched before keys get their turn. */
const SLICE_MILLISECONDS = 8;
/** Rows from the oldest line at which older ones are loaded. */
const NEAR_START = 20;
const DRAWN_LIMIT = 1000;
/** Pages of older lines that one search loads at most. */
const SEARCH_PAGES = 50;

/** How far back is shown, in minutes, by the keys 0 to 6. */
export const SINCE: readonly { minutes: number | undefined; label: string }[] = [
  { minutes: undefined, label: 'all' },
  { minutes: 1, label: '1m' },
  { minutes: 5, label: '5m' },
  { minutes: 15, label: '15m' },
  { minutes: 60, label: '1h' },
  { minutes: 360, label: '6h' },
  { minutes: 1440, label: '24h' },
];

interface Matches {
  pattern: LogPattern;
  index: LineIndex;
  complete: boolean;
}

/** What the view says to the person. */
export type Say = (tone: 'good' | 'warn' | 'plain', text: string) => void;

/** How somebody looks at the logs of one or several nodes: where they are, what they search, keep and select. */
export class LogView {
  readonly feed: LogFeed;
  readonly #names: readonly string[];
  readonly #say: Say;
  readonly #listeners = new Set<() => void>();
  #revision = 0;
  #news: NodeJS.Timeout | undefined;
  #waiting = false;
  #pumping: NodeJS.Immediate | undefined;
  #shown = false;
  #unsubscribe: (() => void) | undefined;

  following = true;
  wrap = false;
  times = false;
  /** First column seen. */
  column = 0;
  /** Index into SINCE. */
  preset = 0;
  /** Where somebody looks who does not follow. */
  #top: Spot | undefined;
  /** The line that was found last. */
  found: number | undefined;
  /** Both ends of what is selected. */
  selection: { anchor: number; cursor: number } | undefined;
  #search: Matches | undefined;
  #filter: Matches | undefined;
  /** Counts up with each new wish, so that a search for older lines ends when it is no longer wanted. */
  #wish = 0;
  #epoch = 0;

  /** What was drawn last, for moving by pages and rows. */
  #spots: readonly Spot[] = [];
  #height = 10;
  #look: LogLook | undefined;
  #drawn = new Map<number, DrawnLine>();

  /** `names`: short ones of the sources, for the column in front; empty: no column. */
  constructor(feed: LogFeed, names: readonly string[], say: Say) {
    this.feed = feed;
    this.#names = names;
    this.#say = say;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly revision = (): number => this.#revision;

  /** On the screen: reads and follows. */
  show(): void {
    if (this.#shown) return;
    this.#shown = true;
    this.#unsubscribe = this.feed.subscribe(() => this.#onNews());
    this.feed.resume();
    this.#changed();
  }

  /** Not on the screen: costs nothing until it is shown again. */
  hide(): void {
    this.#shown = false;
    this.#wish++;
    this.#unsubscribe?.();
    this.feed.pause();
    clearTimeout(this.#news);
    this.#news = undefined;
    clearImmediate(this.#pumping);
    this.#pumping = undefined;
  }

  close(): void {
    this.hide();
    this.feed.close();
  }

  get search(): LogPattern | undefined {
    return this.#search?.pattern;
  }

  get filter(): LogPattern | undefined {
    return this.#filter?.pattern;
  }

  /** Matches of the search so far, the place of the one found last among them, and whether all was looked through. */
  get searchCount(): { at: number | undefined; count: number; complete: boolean } | undefined {
    if (this.#search === undefined) return undefined;
    const { index, complete } = this.#search;
    const at = this.found !== undefined && index.has(this.found) ? index.rank(this.found) : undefined;
    return { at, count: index.count, complete };
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

  /** The rows for a screen of that size, as ANSI strings. */
  rows(theme: Theme, width: number, height: number): string[] {
    const { ring } = this.feed;
    const look: LogLook = {
      theme,
      width,
      wrap: this.wrap,
      times: this.times,
      column: this.column,
      names: this.#names,
      search: this.#search?.pattern,
    };
    this.#prepare(look);
    this.#height = height;
    const { list } = this;
    const top = this.following ? bottomTop(list, height, this.#rowCount) : this.#top;
    this.#spots = top === undefined ? [] : visible(list, top, height, this.#rowCount);
    const { selection } = this;
    const [from, to] =
      selection === undefined
        ? [1, 0]
        : [Math.min(selection.anchor, selection.cursor), Math.max(selection.anchor, selection.cursor)];
    return this.#spots.map(({ line, row }) =>
      rowText(ring, line, row, this.#draw(line), look, {
        found: line === this.found,
        selected: line >= from && line <= to,
      }),
    );
  }

  /** First and last line on the screen. */
  get shownLines(): { first: number; last: number } | undefined {
    const first = this.#spots[0]?.line;
    const last = this.#spots.at(-1)?.line;
    return first === undefined || last === undefined ? undefined : { first, last };
  }

  /** Goes up or down by rows; infinitely far is to the first line loaded, or to the end. */
  move(by: number): void {
    this.#wish++;
    if (this.selection !== undefined) {
      this.#moveCursor(by);
      return;
    }
    if (by === Number.POSITIVE_INFINITY) {
      this.follow();
      return;
    }
    const { list } = this;
    if (by === Number.NEGATIVE_INFINITY) {
      const first = list.first();
      if (first !== undefined) this.#lookAt({ line: first, row: 0 });
      this.#older(true);
      return;
    }
    const from = this.#spots[0];
    if (from === undefined) return;
    if (this.following && by > 0) return;
    const to = moved(list, from, by, this.#rowCount);
    const bottom = bottomTop(list, this.#height, this.#rowCount);
    if (by > 0 && bottom !== undefined && !isBefore(to, bottom)) {
      if (this.feed.behind) {
        this.#lookAt(bottom);
        this.feed.readOn();
        return;
      }
      this.following = true;
      this.#keep();
      this.#changed();
      return;
    }
    this.#lookAt(to);
    if (by < 0) this.#older(false);
  }

  /** One page, less a row for the eye. */
  get page(): number {
    return Math.max(1, this.#height - 1);
  }

  /** To the end of the log, and with it from now on. */
  follow(): void {
    this.#wish++;
    this.following = true;
    this.#top = undefined;
    this.found = undefined;
    if (this.feed.behind) this.feed.reopen(this.feed.since);
    this.#keep();
    this.#changed();
  }

  /** Follows, or stays where it is. */
  toggleFollow(): void {
    if (!this.following) {
      this.follow();
      return;
    }
    const [top] = this.#spots;
    this.#lookAt(top ?? { line: this.feed.ring.first, row: 0 });
  }

  toggleWrap(): void {
    this.wrap = !this.wrap;
    this.column = 0;
    this.#changed();
  }

  toggleTimes(): void {
    this.times = !this.times;
    this.#changed();
  }

  /** Sideways by columns. */
  shift(by: number): void {
    this.column = Math.max(0, this.column + by);
    this.#changed();
  }

  /** Shows what was logged within the last minutes, or all. */
  since(preset: number): void {
    const chosen = SINCE[preset];
    if (chosen === undefined) return;
    this.preset = preset;
    this.#start();
    this.feed.reopen(chosen.minutes === undefined ? undefined : Date.now() - chosen.minutes * 60_000);
    this.#changed();
  }

  /** Searches for a pattern while it is typed; an empty one ends the search. */
  searchFor(typed: string): void {
    const pattern = parsePattern(typed);
    if (pattern?.text === this.#search?.pattern.text) return;
    this.#wish++;
    this.found = undefined;
    this.#search = this.#matches(pattern, line => {
      return pattern?.matches(lineText(this.feed.ring, line)) !== pattern?.hides;
    });
    this.#pump();
    this.#changed();
  }

  /** Keeps or hides lines; an empty pattern shows all. Our own notes always stay. */
  keepOnly(typed: string): void {
    const pattern = parsePattern(typed);
    if (pattern?.text === this.#filter?.pattern.text) return;
    const { ring } = this.feed;
    this.#filter = this.#matches(pattern, line => {
      return ring.isNote(line) || pattern?.matches(lineText(ring, line)) !== pattern?.hides;
    });
    this.#pump();
    this.#changed();
  }

  /** To the match nearest to what is seen, newest first. */
  findFirst(): void {
    const { search } = this;
    if (search === undefined) return;
    if (search.error !== undefined) {
      this.#say('warn', `search: ${search.error}`);
      return;
    }
    const index = this.#indexed(this.#search!);
    const seen = this.shownLines;
    const hit = seen && this.#hit(index, seen.last + 1, -1);
    if (hit !== undefined) this.goTo(hit);
    else if (seen !== undefined && this.#hit(index, seen.last + 1, 1) !== undefined) this.find(1);
    else void this.#findOlder(index);
  }

  /** To the next match (1) or the one before (-1). */
  find(by: 1 | -1): void {
    this.#wish++;
    if (this.#search === undefined) {
      this.#say('warn', 'nothing is searched for; / searches');
      return;
    }
    const index = this.#indexed(this.#search);
    const from = this.found ?? (by === 1 ? (this.shownLines?.first ?? 0) - 1 : this.feed.ring.end);
    const hit = this.#hit(index, by === 1 ? from + 1 : from, by);
    if (hit !== undefined) this.goTo(hit);
    else if (by === 1) this.#say('warn', 'this is the last match; N goes back');
    else void this.#findOlder(index);
  }

  /** To the first error of what is loaded, or the next one from here. */
  findError(which: 'first' | 'next'): void {
    this.#wish++;
    const { ring } = this.feed;
    const { list } = this;
    let from = which === 'first' ? ring.first : (this.found ?? (this.shownLines?.first ?? ring.first) - 1) + 1;
    for (;;) {
      const line = ring.findLevel(from, 1, LEVELS.error);
      if (line === undefined) break;
      if (list.nearest(line) === line) {
        this.goTo(line);
        return;
      }
      from = line + 1;
    }
    const any = ring.errors > 0;
    this.#say('warn', any ? 'there is no error after this line; E goes to the first' : 'no line here is an error');
  }

  /** Shows the end of the run before the present one. */
  async previousRun(): Promise<void> {
    const wish = ++this.#wish;
    const { feed } = this;
    const { previousRun } = feed;
    if (previousRun === undefined) {
      this.#say('warn', 'it is not known yet when this run began');
      return;
    }
    const { ring } = feed;
    for (let line = ring.end - 1; line >= ring.first; line--) {
      if (ring.isNote(line) || ring.time(line) > previousRun) continue;
      this.goTo(line);
      return;
    }
    if (feed.atStart || previousRun === 0) {
      this.#say('warn', 'there is no previous run in this log');
      return;
    }
    this.#say('plain', 'looking for the previous run …');
    this.#start();
    this.following = false;
    await feed.seekBefore(previousRun + 0.001);
    if (wish !== this.#wish) return;
    if (ring.count === 0) {
      this.#say('warn', 'there is no previous run in this log');
      this.follow();
      return;
    }
    this.goTo(ring.end - 1);
    this.#say('good', 'the end of the previous run; s follows the present one again');
  }

  /** Puts a line across the log, to see what comes after. */
  mark(): void {
    this.feed.mark(`mark at ${new Date().toLocaleTimeString('en-GB')}`);
  }

  /** Begins to select lines, at the one found last or the last one seen. */
  select(): void {
    if (this.selection !== undefined) {
      this.selection = undefined;
      this.#changed();
      return;
    }
    const seen = this.shownLines;
    if (seen === undefined) return;
    const at = this.found !== undefined && this.found >= seen.first && this.found <= seen.last ? this.found : seen.last;
    this.selection = { anchor: at, cursor: at };
    this.#lookAt(this.#spots[0]!);
  }

  /** What Esc takes away first, or undefined when there is nothing. */
  get clearable(): 'selection' | 'search' | 'filter' | undefined {
    if (this.selection !== undefined) return 'selection';
    if (this.#search !== undefined) return 'search';
    return this.#filter === undefined ? undefined : 'filter';
  }

  clear(): void {
    const what = this.clearable;
    if (what === 'selection') this.selection = undefined;
    else if (what === 'search') this.searchFor('');
    else this.keepOnly('');
    this.#keep();
    this.#changed();
  }

  /** The selected lines, else those on the screen, as plain text. */
  copyText(): { text: string; lines: number } {
    const { selection } = this;
    const range =
      selection === undefined
        ? this.shownLines
        : {
            first: Math.min(selection.anchor, selection.cursor),
            last: Math.max(selection.anchor, selection.cursor),
          };
    if (range === undefined) return { text: '', lines: 0 };
    const lines: string[] = [];
    const { list } = this;
    for (let line = list.nearest(range.first); line !== undefined && line <= range.last; line = list.next(line)) {
      lines.push(lineText(this.feed.ring, line));
    }
    return { text: lines.join('\n'), lines: lines.length };
  }

  /** Shows a line in the upper third of the screen, with a sign in front. */
  goTo(line: number): void {
    this.found = line;
    this.following = false;
    const top = moved(this.list, { line, row: 0 }, -Math.floor(this.#height / 3), this.#rowCount);
    this.#lookAt(top);
  }

  #lookAt(top: Spot): void {
    this.following = false;
    this.#top = top;
    this.#keep();
    this.#changed();
  }

  /** Tells the feed which lines must stay. */
  #keep(): void {
    this.feed.keep(
      this.following ? undefined : Math.min(this.#top?.line ?? 0, this.selection?.anchor ?? Number.POSITIVE_INFINITY),
    );
  }

  #moveCursor(by: number): void {
    const { list, selection } = this;
    if (selection === undefined) return;
    let cursor = selection.cursor;
    const steps = Number.isFinite(by) ? Math.abs(by) : Number.POSITIVE_INFINITY;
    for (let step = 0; step < steps; step++) {
      const next = by < 0 ? list.previous(cursor) : list.next(cursor);
      if (next === undefined) break;
      cursor = next;
    }
    this.selection = { ...selection, cursor };
    const seen = this.shownLines;
    if (seen !== undefined && (cursor < seen.first || cursor > seen.last)) {
      const top =
        cursor < seen.first
          ? { line: cursor, row: 0 }
          : moved(list, { line: cursor, row: 0 }, 1 - this.#height, this.#rowCount);
      this.#lookAt(top);
      if (by < 0) this.#older(false);
    } else this.#changed();
  }

  /** Everything that belongs to the window that is about to go. */
  #start(): void {
    this.#wish++;
    this.following = true;
    this.#top = undefined;
    this.found = undefined;
    this.selection = undefined;
  }

  /** Loads older lines when the first ones are seen, or on demand. */
  #older(now: boolean): void {
    const { feed } = this;
    const first = this.#top?.line ?? feed.ring.first;
    if (!now && first - feed.ring.first > NEAR_START + this.#height && this.#filter === undefined) return;
    if (!now && this.#filter !== undefined && this.list.previous(first) !== undefined) return;
    if (feed.atStart || feed.loadingOlder) return;
    const wish = this.#wish;
    void feed.loadOlder().then(older => {
      if (wish !== this.#wish || older !== 'more' || !now) return;
      // Who asked for the first line means the first of those that came.
      const line = this.list.first();
      if (line !== undefined) this.#lookAt({ line, row: 0 });
    });
  }

  async #findOlder(index: LineIndex): Promise<void> {
    const wish = this.#wish;
    const { feed } = this;
    for (let page = 0; page < SEARCH_PAGES; page++) {
      if (feed.atStart) break;
      const before = feed.ring.first;
      this.#say('plain', 'searching older lines …');
      const older = await feed.loadOlder();
      if (wish !== this.#wish) return;
      if (older !== 'more') break;
      while (!index.advance(SLICE_MILLISECONDS)) {
        await new Promise(resolve => setImmediate(resolve));
        if (wish !== this.#wish) return;
      }
      const hit = this.#hit(index, this.found ?? before, -1);
      if (hit !== undefined) {
        this.#say('plain', '');
        this.goTo(hit);
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
    const { list } = this;
    for (let at = by === 1 ? index.atOrAfter(line) : index.before(line); at !== undefined; ) {
      if (list.nearest(at) === at) return at;
      at = by === 1 ? index.atOrAfter(at + 1) : index.before(at);
    }
    return undefined;
  }

  /** The index with everything looked through that is loaded. */
  #indexed(matches: Matches): LineIndex {
    matches.complete = matches.index.advance(Number.POSITIVE_INFINITY);
    return matches.index;
  }

  #matches(pattern: LogPattern | undefined, test: (line: number) => boolean): Matches | undefined {
    if (pattern === undefined) return undefined;
    return { pattern, index: new LineIndex(this.feed.ring, test), complete: false };
  }

  /** Looks through what is new, a little at a time. */
  readonly #pump = (): void => {
    this.#pumping = undefined;
    let complete = true;
    for (const matches of [this.#filter, this.#search]) {
      if (matches === undefined) continue;
      matches.complete = matches.index.advance(SLICE_MILLISECONDS);
      complete &&= matches.complete;
    }
    if (complete) return;
    this.#pumping = setImmediate(this.#pump);
    this.#soon();
  };

  #onNews(): void {
    if (this.#epoch !== this.feed.ring.epoch) {
      this.#epoch = this.feed.ring.epoch;
      this.#drawn.clear();
    }
    this.#soon();
  }

  /** Shows what is new in a moment. */
  #soon(): void {
    this.#waiting = true;
    this.#news ??= setTimeout(this.#tick, NEWS_MILLISECONDS);
  }

  readonly #tick = (): void => {
    this.#news = undefined;
    if (!this.#waiting || !this.#shown) return;
    this.#waiting = false;
    if (this.#pumping === undefined) this.#pump();
    this.#changed();
  };

  #prepare(look: LogLook): void {
    const last = this.#look;
    const same =
      last !== undefined &&
      last.width === look.width &&
      last.wrap === look.wrap &&
      last.times === look.times &&
      last.column === look.column;
    if (!same || this.#drawn.size > DRAWN_LIMIT) this.#drawn.clear();
    this.#look = look;
  }

  #draw(line: number): DrawnLine {
    const known = this.#drawn.get(line);
    if (known !== undefined) return known;
    const drawn = drawLine(this.feed.ring, line, this.#look!);
    this.#drawn.set(line, drawn);
    return drawn;
  }

  readonly #rowCount = (line: number): number => (this.wrap && this.#look ? this.#draw(line).pieces.length : 1);

  #changed(): void {
    this.#revision++;
    for (const listener of this.#listeners) listener();
  }
}

const isBefore = (a: Spot, b: Spot): boolean => a.line < b.line || (a.line === b.line && a.row < b.row);

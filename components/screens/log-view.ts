import type { LogFeed } from '../../src/engine/logs/feed.ts';
import type { Theme } from '../theme.ts';
import { LogDrawing } from './log-drawing.ts';
import { LogFinder, type Say } from './log-finder.ts';
import { LogLines } from './log-lines.ts';
import { LogNews } from './log-news.ts';
import type { LogPattern } from './log-pattern.ts';
import { LogPosition } from './log-position.ts';
import type { LogLook } from './log-rows.ts';
import { plainText, selectedLines } from './log-selection.ts';
import { SINCE } from './log-since.ts';

/** How somebody looks at the logs of one or several nodes: where they are, what they search, keep and select. */
export class LogView {
  readonly feed: LogFeed;
  readonly lines: LogLines;
  readonly position: LogPosition;
  readonly finder: LogFinder;
  readonly #names: readonly string[];
  readonly #drawing: LogDrawing;
  readonly #news: LogNews;
  #unsubscribe: (() => void) | undefined;

  wrap = false;
  times = false;
  /** First column seen. */
  column = 0;
  /** Index into SINCE. */
  preset = 0;

  /** `names`: short ones of the sources, for the column in front; empty: no column. */
  constructor(feed: LogFeed, names: readonly string[], say: Say) {
    this.feed = feed;
    this.#names = names;
    this.lines = new LogLines(feed);
    this.#drawing = new LogDrawing(feed.ring);
    this.#news = new LogNews(() => this.lines.lookThrough());
    this.position = new LogPosition(this.lines, this.#drawing.rowCount, this.#news.changed);
    this.finder = new LogFinder(this.lines, this.position, say);
  }

  get subscribe(): LogNews['subscribe'] {
    return this.#news.subscribe;
  }

  get revision(): LogNews['revision'] {
    return this.#news.revision;
  }

  /** On the screen: reads and follows. */
  show(): void {
    if (this.#news.shown) return;
    this.#news.start();
    this.#unsubscribe = this.feed.subscribe(() => {
      this.#drawing.renew();
      this.#news.soon();
    });
    this.feed.resume();
    this.#news.changed();
  }

  /** Not on the screen: costs nothing until it is shown again. */
  hide(): void {
    this.position.wish++;
    this.#unsubscribe?.();
    this.feed.pause();
    this.#news.stop();
  }

  close(): void {
    this.hide();
    this.feed.close();
  }

  get search(): LogPattern | undefined {
    return this.lines.search?.pattern;
  }

  get filter(): LogPattern | undefined {
    return this.lines.filter?.pattern;
  }

  /** Matches of the search so far, the place of the one found last among them, and whether all was looked through. */
  get searchCount(): { at: number | undefined; count: number; complete: boolean } | undefined {
    const { search } = this.lines;
    if (search === undefined) return undefined;
    const { index, complete } = search;
    const { found } = this.position;
    const at = found !== undefined && index.has(found) ? index.rank(found) : undefined;
    return { at, count: index.count, complete };
  }

  /** The rows for a screen of that size, as ANSI strings. */
  rows(theme: Theme, width: number, height: number): string[] {
    const { wrap, times, column, search } = this;
    const look: LogLook = { theme, width, wrap, times, column, names: this.#names, search };
    this.#drawing.prepare(look);
    const spots = this.position.spots(height);
    const { found, selection } = this.position;
    const { first, last } = selection === undefined ? { first: 1, last: 0 } : selectedLines(selection);
    return spots.map(spot =>
      this.#drawing.row(spot, look, {
        found: spot.line === found,
        selected: spot.line >= first && spot.line <= last,
      }),
    );
  }

  /** Goes up or down by rows; infinitely far is to the first line loaded, or to the end. */
  move(by: number): void {
    this.position.move(by);
  }

  toggleWrap(): void {
    this.wrap = !this.wrap;
    this.column = 0;
    this.#news.changed();
  }

  toggleTimes(): void {
    this.times = !this.times;
    this.#news.changed();
  }

  /** Sideways by columns. */
  shift(by: number): void {
    this.column = Math.max(0, this.column + by);
    this.#news.changed();
  }

  /** Shows what was logged within the last minutes, or all. */
  since(preset: number): void {
    const chosen = SINCE[preset];
    if (chosen === undefined) return;
    this.preset = preset;
    this.position.start();
    this.feed.reopen(chosen.minutes === undefined ? undefined : Date.now() - chosen.minutes * 60_000);
    this.#news.changed();
  }

  /** Searches for a pattern while it is typed; an empty one ends the search. */
  searchFor(typed: string): void {
    if (!this.lines.searchFor(typed)) return;
    this.position.wish++;
    this.position.found = undefined;
    this.#news.pump();
    this.#news.changed();
  }

  /** Keeps or hides lines; an empty pattern shows all. Our own notes always stay. */
  keepOnly(typed: string): void {
    if (!this.lines.keepOnly(typed)) return;
    this.#news.pump();
    this.#news.changed();
  }

  /** Puts a line across the log, to see what comes after. */
  mark(): void {
    this.feed.mark(`mark at ${new Date().toLocaleTimeString('en-GB')}`);
  }

  /** What Esc takes away first, or undefined when there is nothing. */
  get clearable(): 'selection' | 'search' | 'filter' | undefined {
    if (this.position.selection !== undefined) return 'selection';
    if (this.search !== undefined) return 'search';
    return this.filter === undefined ? undefined : 'filter';
  }

  clear(): void {
    const what = this.clearable;
    if (what === 'selection') this.position.selection = undefined;
    else if (what === 'search') this.searchFor('');
    else this.keepOnly('');
    this.position.keep();
    this.#news.changed();
  }

  /** The selected lines, else those on the screen, as plain text. */
  copyText(): { text: string; lines: number } {
    const { selection, shownLines } = this.position;
    const range = selection === undefined ? shownLines : selectedLines(selection);
    return range === undefined ? { text: '', lines: 0 } : plainText(this.lines, range);
  }
}

import type { LogFeed } from '../../src/engine/logs/feed.ts';
import type { LogLines } from './log-lines.ts';
import { extended, type LineRange, type LogSelection } from './log-selection.ts';
import { bottomTop, isBefore, moved, type RowCount, type Spot, visible } from './log-viewport.ts';

/** Rows from the oldest line at which older ones are loaded. */
const NEAR_START = 20;

/** Where somebody is in a log: goes with its end, or looks at some lines, and selects them. */
export class LogPosition {
  readonly #lines: LogLines;
  readonly #feed: LogFeed;
  readonly #rowCount: RowCount;
  readonly #changed: () => void;

  following = true;
  /** The line that was found last. */
  found: number | undefined;
  selection: LogSelection | undefined;
  /** Counts up with each new wish, so that a search for older lines ends when it is no longer wanted. */
  wish = 0;
  /** Where somebody looks who does not follow. */
  #top: Spot | undefined;
  /** What was shown last, for moving by pages and rows. */
  #spots: readonly Spot[] = [];
  #height = 10;

  constructor(lines: LogLines, rowCount: RowCount, changed: () => void) {
    this.#lines = lines;
    this.#feed = lines.feed;
    this.#rowCount = rowCount;
    this.#changed = changed;
  }

  /** The rows that a screen of that height shows. */
  spots(height: number): readonly Spot[] {
    this.#height = height;
    const { list } = this.#lines;
    const top = this.following ? bottomTop(list, height, this.#rowCount) : this.#top;
    this.#spots = top === undefined ? [] : visible(list, top, height, this.#rowCount);
    return this.#spots;
  }

  /** First and last line on the screen. */
  get shownLines(): LineRange | undefined {
    const first = this.#spots[0]?.line;
    const last = this.#spots.at(-1)?.line;
    return first === undefined || last === undefined ? undefined : { first, last };
  }

  /** Goes up or down by rows; infinitely far is to the first line loaded, or to the end. */
  move(by: number): void {
    this.wish++;
    if (this.selection !== undefined) {
      this.#extend(this.selection, by);
      return;
    }
    if (by === Number.POSITIVE_INFINITY) {
      this.follow();
      return;
    }
    const { list } = this.#lines;
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
      if (this.#feed.behind) {
        this.#lookAt(bottom);
        this.#feed.readOn();
        return;
      }
      this.following = true;
      this.keep();
      this.#changed();
      return;
    }
    this.#lookAt(to);
    if (by < 0) this.#older(false);
  }

  /** To the end of the log, and with it from now on. */
  follow(): void {
    this.wish++;
    this.following = true;
    this.#top = undefined;
    this.found = undefined;
    if (this.#feed.behind) this.#feed.reopen(this.#feed.since);
    this.keep();
    this.#changed();
  }

  /** Follows, or stays where it is. */
  toggleFollow(): void {
    if (!this.following) {
      this.follow();
      return;
    }
    const [top] = this.#spots;
    this.#lookAt(top ?? { line: this.#feed.ring.first, row: 0 });
  }

  /** Shows a line in the upper third of the screen, with a sign in front. */
  goTo(line: number): void {
    this.found = line;
    this.following = false;
    this.#lookAt(moved(this.#lines.list, { line, row: 0 }, -Math.floor(this.#height / 3), this.#rowCount));
  }

  /** Begins to select lines, at the one found last or the last one seen; or no longer. */
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

  /** Gives up everything that belongs to the window that is about to go. */
  start(): void {
    this.wish++;
    this.following = true;
    this.#top = undefined;
    this.found = undefined;
    this.selection = undefined;
  }

  /** Tells the feed which lines must stay. */
  keep(): void {
    this.#feed.keep(
      this.following ? undefined : Math.min(this.#top?.line ?? 0, this.selection?.anchor ?? Number.POSITIVE_INFINITY),
    );
  }

  #lookAt(top: Spot): void {
    this.following = false;
    this.#top = top;
    this.keep();
    this.#changed();
  }

  #extend(selection: LogSelection, by: number): void {
    const { list } = this.#lines;
    this.selection = extended(selection, list, by);
    const { cursor } = this.selection;
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

  /** Loads older lines when the first ones are seen, or on demand. */
  #older(now: boolean): void {
    const feed = this.#feed;
    const first = this.#top?.line ?? feed.ring.first;
    const filtered = this.#lines.filter !== undefined;
    if (!now && first - feed.ring.first > NEAR_START + this.#height && !filtered) return;
    if (!now && filtered && this.#lines.list.previous(first) !== undefined) return;
    if (feed.atStart || feed.loadingOlder) return;
    const { wish } = this;
    void feed.loadOlder().then(older => {
      if (wish !== this.wish || older !== 'more' || !now) return;
      // Who asked for the first line means the first of those that came.
      const line = this.#lines.list.first();
      if (line !== undefined) this.#lookAt({ line, row: 0 });
    });
  }
}

import type { Docker } from '../../docker/docker.ts';
import { edgeTimes } from './edge-times.ts';
import { advance, CATCH_UP_LINES, followSource, type Position, runText, type SourceState } from './follow.ts';
import { type Before, History } from './history.ts';
import { Intake } from './intake.ts';
import { LineRing } from './line-ring.ts';
import { type LogLine, type LogSource, noteLine } from './log-line.ts';

export interface LogFeedOptions {
  /** Nothing older than this, in milliseconds since the epoch. */
  since?: number;
  /** Lines of each source to begin with. */
  tail?: number;
  /** Bytes of text held at most. */
  bytes?: number;
}

const TAIL = 1000;
/** Older lines are loaded so many at a time. */
const PAGE = 2000;
/** After so long the past that was asked for has come. */
const SETTLED_MILLISECONDS = 700;

/** What came of a wish for older lines. */
export type Older = 'more' | 'start' | 'busy';

/**
 * The logs of one or several containers as one window of lines that follows their end and grows backwards on demand.
 * Holds a fixed amount of memory. What is not wanted is not read: while paused no connection is open, and while somebody
 * reads older lines nothing that they see is pushed out; the engine waits.
 */
export class LogFeed {
  readonly sources: readonly LogSource[];
  readonly ring: LineRing;
  readonly states: SourceState[];
  readonly #docker: Docker;
  readonly #listeners = new Set<() => void>();
  readonly #tail: number;
  readonly #intake: Intake;
  #since: number | undefined;
  #reading: AbortController | undefined;
  #history: History | undefined;
  #loading: Promise<Older> | undefined;
  #loadingAbort: AbortController | undefined;
  /** Docker's entries read of each source; undefined: some in between were not. */
  #entries: (number | undefined)[];
  #positions: (Position | undefined)[];
  /** Up to when each source's lines are of earlier runs, in milliseconds; 0: there was none; undefined: not known. */
  readonly #runs: (number | undefined)[];
  #atStart = false;
  #opened = 0;
  /** Lines that were in the window have left it at its beginning. */
  #pushedOut = false;
  /** The newest lines were pushed out by older ones: the window ends before the log does. */
  #cut = false;
  #error: unknown;
  #closed = false;

  constructor(docker: Docker, sources: readonly LogSource[], options: LogFeedOptions = {}) {
    this.#docker = docker;
    this.sources = sources;
    this.ring = new LineRing(options.bytes);
    this.#tail = options.tail ?? Math.max(200, Math.floor(TAIL / Math.max(1, Math.sqrt(sources.length))));
    this.#since = options.since;
    this.states = sources.map((): SourceState => 'opening');
    this.#intake = new Intake(this.ring, sources.length, {
      line: line => this.#onLine(line),
      done: pushedOut => this.#onTaken(pushedOut),
    });
    this.#entries = sources.map(() => 0);
    this.#positions = sources.map(() => undefined);
    this.#runs = sources.map(() => undefined);
  }

  /** Nothing older is to be had: the logs, or the time asked for, begin here. */
  get atStart(): boolean {
    if (this.#atStart) return true;
    // Less came than was asked for: that was all there is.
    const settled = !this.states.includes('opening') && performance.now() - this.#opened > SETTLED_MILLISECONDS;
    return settled && !this.#pushedOut && this.#entries.every(entries => entries !== undefined && entries < this.#tail);
  }

  get loadingOlder(): boolean {
    return this.#loading !== undefined;
  }

  /** Reading waits: the window is full of what somebody looks at, or is not at the log's end. */
  get behind(): boolean {
    return this.#cut || this.#intake.full;
  }

  /** Up to when lines are of earlier runs, of the source restarted last; 0: there was none; undefined: not known yet. */
  get previousRun(): number | undefined {
    const known = this.#runs.filter(run => run !== undefined);
    return known.length > 0 ? Math.max(...known) : undefined;
  }

  get since(): number | undefined {
    return this.#since;
  }

  /** Why older lines could not be loaded the last time. */
  get error(): unknown {
    return this.#error;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows: from the end at first, after a pause from where it was. */
  resume(): void {
    if (!this.#cut) this.#read(CATCH_UP_LINES);
  }

  /** Where the window ends before the log does: reads on from there, all of it, as far as there is room. */
  readOn(): void {
    if (!this.#cut || this.ring.count === 0) return;
    const { ring } = this;
    const newest = ring.time(ring.end - 1);
    this.#positions = edgeTimes(ring, this.sources.length, 'newest').map(time =>
      time === undefined ? { time: newest, same: 0 } : { time, same: 1 },
    );
    this.#cut = false;
    this.#read(undefined);
  }

  #read(catchUp: number | undefined): void {
    if (this.#closed || this.#reading !== undefined) return;
    this.#opened = performance.now();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    for (const [index, source] of this.sources.entries()) {
      const after = this.#positions[index];
      const sink = {
        take: (lines: LogLine[], entries: number) => this.#take(index, lines, entries, signal),
        gap: () => {
          this.#entries[index] = undefined;
        },
        state: (state: SourceState) => {
          this.states[index] = state;
          this.#changed();
        },
        run: (began: number) => {
          this.#runs[index] = began;
        },
      };
      const options = { tail: this.#tail, since: this.#since, after, catchUp };
      void followSource(this.#docker, source, index, options, sink, signal);
    }
  }

  /** Stops reading; what was read stays. */
  pause(): void {
    this.#reading?.abort();
    this.#reading = undefined;
    this.#loadingAbort?.abort();
    // What had not come into the window is read again.
    this.#intake.clear();
  }

  /** Somebody looks at this line and those after it: they stay. Undefined: whoever looks goes with the end. */
  keep(line: number | undefined): void {
    this.#intake.keep(line);
  }

  /** Gives up the window and begins anew at the log's end, or with another time from which on lines are wanted. */
  reopen(since: number | undefined): void {
    this.pause();
    this.#since = since;
    this.ring.clear();
    this.#entries = this.sources.map(() => 0);
    this.#positions = this.sources.map(() => undefined);
    this.#history = undefined;
    this.#loading = undefined;
    this.#atStart = false;
    this.#pushedOut = false;
    this.#cut = false;
    this.#intake.keep(undefined);
    this.resume();
    this.#changed();
  }

  /** Shows what was before a moment, in milliseconds; following ends until `reopen` or `readOn`. */
  async seekBefore(time: number): Promise<Older> {
    this.pause();
    this.ring.clear();
    this.#cut = true;
    this.#atStart = false;
    this.#loading = undefined;
    this.#intake.keep(undefined);
    this.#entries = this.sources.map(() => undefined);
    this.#history = new History(
      this.#docker,
      this.sources,
      this.sources.map(() => ({ time, since: this.#since })),
    );
    return this.loadOlder();
  }

  /** Loads a page of older lines in front. Never rejects: see `error`. */
  loadOlder(): Promise<Older> {
    if (this.#loading !== undefined) return Promise.resolve('busy');
    if (this.atStart || this.#closed) return Promise.resolve('start');
    const loading = this.#loadPage().finally(() => {
      if (this.#loading !== loading) return;
      this.#loading = undefined;
      this.#changed();
    });
    this.#loading = loading;
    this.#changed();
    return loading;
  }

  async #loadPage(): Promise<Older> {
    this.#loadingAbort = new AbortController();
    const { signal } = this.#loadingAbort;
    const { epoch } = this.ring;
    this.#history ??= new History(this.#docker, this.sources, this.#oldest());
    const history = this.#history;
    try {
      const lines = await history.take(PAGE, signal);
      // In the meantime the window may be another one.
      if (signal.aborted || epoch !== this.ring.epoch) return 'busy';
      this.#error = undefined;
      for (const { source } of lines) {
        const known = this.#entries[source];
        if (known !== undefined) this.#entries[source] = known + 1;
      }
      if (this.ring.prepend(this.#withRuns(lines)) > 0) this.#detach();
      this.#atStart = history.atStart;
      return lines.length > 0 ? 'more' : 'start';
    } catch (error) {
      this.#history = undefined;
      if (!signal.aborted) this.#error = error;
      return 'busy';
    }
  }

  /** With a note where the present run of a container begins. */
  #withRuns(lines: readonly LogLine[]): LogLine[] {
    const next = this.#oldest().map(({ time }) => time);
    const out: LogLine[] = [];
    for (let at = lines.length - 1; at >= 0; at--) {
      const line = lines[at]!;
      const run = this.#runs[line.source] ?? 0;
      if (line.time <= run && next[line.source]! > run) {
        out.push(noteLine(runText(this.sources[line.source]!.name), line.source, run));
      }
      next[line.source] = line.time;
      out.push(line);
    }
    return out.reverse();
  }

  /** Writes a note at the end of the window. */
  mark(text: string): void {
    this.ring.push(noteLine(text, 0));
    this.#changed();
  }

  close(): void {
    this.#closed = true;
    this.pause();
    this.ring.drop();
    this.#listeners.clear();
  }

  /** Where each source's past begins: at its oldest line in the window. */
  #oldest(): Before[] {
    const now = Date.now() + 1000;
    return edgeTimes(this.ring, this.sources.length, 'oldest').map((time = now, source) => {
      const known = this.#entries[source];
      const before = { time, since: this.#since };
      return known === undefined ? before : { ...before, entries: known };
    });
  }

  /** The newest lines are gone from the window: it no longer reaches the log's end. */
  #detach(): void {
    this.pause();
    this.#cut = true;
  }

  #take(index: number, lines: LogLine[], entries: number, signal: AbortSignal): Promise<void> | undefined {
    if (signal.aborted) return undefined;
    const known = this.#entries[index];
    if (known !== undefined) this.#entries[index] = known + entries;
    return this.#intake.take(lines);
  }

  /** Where reading goes on after a pause. */
  #onLine(line: LogLine): void {
    if (line.note) return;
    this.#positions[line.source] ??= { time: line.time, same: 0 };
    advance(this.#positions[line.source]!, line.time);
  }

  #onTaken(pushedOut: boolean): void {
    if (pushedOut) {
      // The past begins later now.
      this.#history = undefined;
      this.#atStart = false;
      this.#pushedOut = true;
    }
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Opens the logs of these containers; `resume` begins to read. */
export function openLogs(docker: Docker, sources: readonly LogSource[], options: LogFeedOptions = {}): LogFeed {
  return new LogFeed(docker, sources, options);
}

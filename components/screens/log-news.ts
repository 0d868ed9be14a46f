/** News of the log reach the screen at most this often; keys are seen at once. */
const NEWS_MILLISECONDS = 80;

/** Tells who draws a log that it changed, and has new lines looked through while nothing else is to be done. */
export class LogNews {
  readonly #lookThrough: () => boolean;
  readonly #listeners = new Set<() => void>();
  #revision = 0;
  #news: NodeJS.Timeout | undefined;
  #waiting = false;
  #pumping: NodeJS.Immediate | undefined;
  #shown = false;

  /** `lookThrough`: looks through new lines for a moment; true: none is left. */
  constructor(lookThrough: () => boolean) {
    this.#lookThrough = lookThrough;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly revision = (): number => this.#revision;

  get shown(): boolean {
    return this.#shown;
  }

  start(): void {
    this.#shown = true;
  }

  /** Nobody looks: costs nothing until it is started again. */
  stop(): void {
    this.#shown = false;
    clearTimeout(this.#news);
    this.#news = undefined;
    clearImmediate(this.#pumping);
    this.#pumping = undefined;
  }

  /** Shows a change at once. */
  readonly changed = (): void => {
    this.#revision++;
    for (const listener of this.#listeners) listener();
  };

  /** Shows what is new in a moment. */
  soon(): void {
    this.#waiting = true;
    this.#news ??= setTimeout(this.#tick, NEWS_MILLISECONDS);
  }

  /** Looks through what is new, a little at a time. */
  readonly pump = (): void => {
    this.#pumping = undefined;
    if (this.#lookThrough()) return;
    this.#pumping = setImmediate(this.pump);
    this.soon();
  };

  readonly #tick = (): void => {
    this.#news = undefined;
    if (!this.#waiting || !this.#shown) return;
    this.#waiting = false;
    if (this.#pumping === undefined) this.pump();
    this.changed();
  };
}

/**
 * Runs a task for many requests few times: after a quiet moment, at the latest after the ceiling, never twice at once.
 * A request during a run leads to another run. `onError` gets what the task throws; times are milliseconds.
 */
export class Coalescer {
  readonly #task: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #quiet: number;
  readonly #ceiling: number;
  #timer: NodeJS.Timeout | undefined;
  #firstAsked: number | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #closed = false;

  constructor(task: () => Promise<void>, onError: (error: unknown) => void, quiet: number, ceiling: number) {
    this.#task = task;
    this.#onError = onError;
    this.#quiet = quiet;
    this.#ceiling = ceiling;
  }

  /** Asks for a run in a moment. */
  soon(): void {
    if (this.#closed) return;
    const now = performance.now();
    this.#firstAsked ??= now;
    clearTimeout(this.#timer);
    const latest = this.#firstAsked + this.#ceiling - now;
    this.#timer = setTimeout(() => void this.now(), Math.max(0, Math.min(this.#quiet, latest)));
  }

  /** Asks for a run at once; settles when a run that began after the call has ended. Never rejects. */
  now(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#disarm();
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#disarm();
      return this.#closed ? undefined : this.#start();
    });
    return this.#next;
  }

  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#firstAsked = undefined;
  }

  #start(): Promise<void> {
    const run = this.#task()
      .catch(this.#onError)
      .finally(() => {
        this.#running = undefined;
      });
    this.#running = run;
    return run;
  }
}

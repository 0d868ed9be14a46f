/** Of several that begin one after the other only the latest goes on: the signal of the one before is aborted. */
export class Latest {
  #running: AbortController | undefined;

  begin(): AbortSignal {
    this.end();
    this.#running = new AbortController();
    return this.#running.signal;
  }

  /** Nobody wants it any more. */
  end(): void {
    this.#running?.abort();
    this.#running = undefined;
  }
}

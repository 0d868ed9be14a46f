/** Who wants to be told that something is otherwise now. */
export class Listeners {
  readonly #all = new Set<() => void>();

  /** Gives what ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  };

  tell(): void {
    for (const listener of this.#all) listener();
  }
}

import { Listeners } from './listeners.ts';

/** State outside React: changed at once, so that several keys in one turn see each other's effect. */
export class Store<State, Action> {
  #state: State;
  readonly #reduce: (state: State, action: Action) => State;
  readonly #listeners = new Listeners();
  readonly subscribe = this.#listeners.subscribe;

  constructor(initial: State, reduce: (state: State, action: Action) => State) {
    this.#state = initial;
    this.#reduce = reduce;
  }

  get state(): State {
    return this.#state;
  }

  readonly getState = (): State => this.#state;

  readonly dispatch = (action: Action): void => {
    const next = this.#reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    this.#listeners.tell();
  };
}

/**
 * Passes changes on at most every `milliseconds`: the first at once, those that follow together. Holds no timer while
 * nothing changes.
 */
export function throttled(
  subscribe: (listener: () => void) => () => void,
  milliseconds: number,
): (listener: () => void) => () => void {
  return listener => {
    let timer: NodeJS.Timeout | undefined;
    let waiting = false;
    const flush = (): void => {
      timer = undefined;
      if (!waiting) return;
      waiting = false;
      timer = setTimeout(flush, milliseconds);
      listener();
    };
    const unsubscribe = subscribe(() => {
      waiting = true;
      if (timer === undefined) flush();
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  };
}

import type { Operation } from '../src/engine/operation.ts';
import type { K3duiError } from '../src/errors.ts';
import { isAbort, toK3duiError } from '../src/errors.ts';
import { formatDuration, sanitise } from '../src/text.ts';
import type { AppAction, AppState } from './state/app-state.ts';
import { currentPlace, goTo, open } from './state/navigation.ts';
import type { Store } from './state/store.ts';

/** Begins operations, shows them, writes them into the command log, and says what came of them. */
export class Runner {
  readonly #store: Store<AppState, AppAction>;
  readonly #again = new Map<string, () => void>();

  readonly #onEnd: () => void;

  /** `onEnd` is told after each operation that ended. */
  constructor(store: Store<AppState, AppAction>, onEnd: () => void) {
    this.#store = store;
    this.#onEnd = onEnd;
  }

  /** Begins these side by side; one is shown as its timeline, several as the list of operations. */
  begin(what: string, starts: readonly (() => Promise<Operation>)[]): void {
    if (starts.length === 0) return;
    this.#say({ tone: 'plain', text: `${what} …` });
    const begun = starts.map(async start => {
      const operation = await start();
      this.#again.set(operation.id, () => this.begin(what, [start]));
      this.#store.dispatch({
        type: 'log',
        entry: { at: Date.now(), command: operation.command, operation: operation.id, outcome: '', tone: 'plain' },
      });
      void operation.finished.then(
        () => this.#ended(operation),
        () => this.#ended(operation),
      );
      return operation;
    });
    void Promise.allSettled(begun).then(results => {
      const operations = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
      const failure = results.find(result => result.status === 'rejected');
      if (failure) this.fail(what, failure.reason);
      this.#show(operations);
    });
  }

  canRepeat(operation: string): boolean {
    return this.#again.has(operation);
  }

  repeat(operation: string): void {
    this.#again.get(operation)?.();
  }

  /** Says that something failed, with what to do next. */
  fail(what: string, thrown: unknown): void {
    const error = toK3duiError(thrown);
    this.#say({ tone: isAbort(error) ? 'warn' : 'bad', text: `${what}: ${errorText(error)}` });
  }

  #show(operations: readonly Operation[]): void {
    const [first] = operations;
    if (first === undefined) return;
    const place =
      operations.length === 1
        ? ({ screen: 'operation', subject: first.id } as const)
        : ({ screen: 'operations' } as const);
    this.#store.dispatch({
      type: 'navigate',
      change: navigation => {
        const here = currentPlace(navigation).screen;
        // From one timeline to the next the first one is replaced, not nested.
        return here === 'operation' ? goTo(navigation, [{ screen: 'operations' }, place]) : open(navigation, place);
      },
    });
  }

  #ended(operation: Operation): void {
    this.#onEnd();
    const took = formatDuration((operation.endedAt ?? operation.startedAt) - operation.startedAt);
    const { title, command, state, error } = operation;
    if (state === 'done') this.#say({ tone: 'good', text: `${sanitise(title)}: done in ${took}`, command });
    else if (state === 'cancelled') this.#say({ tone: 'warn', text: `${sanitise(title)}: cancelled after ${took}` });
    else this.#say({ tone: 'bad', text: `${sanitise(title)}: ${error ? errorText(error) : 'failed'}`, command });
  }

  #say(status: Omit<NonNullable<AppState['status']>, 'at'>): void {
    this.#store.dispatch({ type: 'status', status: { ...status, at: Date.now() } });
  }
}

/** One line: what happened and what to do next. */
export function errorText(error: K3duiError): string {
  const message = sanitise(error.message);
  return error.hint === undefined ? message : `${message} · ${sanitise(error.hint)}`;
}

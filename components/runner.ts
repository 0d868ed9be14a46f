import type { Operation } from '../src/engine/operation.ts';
import type { Plan } from '../src/engine/plan.ts';
import { isAbort, toK3duiError } from '../src/errors.ts';
import { formatDuration, sanitise } from '../src/text.ts';
import { errorText } from './error-text.ts';
import type { AppAction, AppState } from './state/app-state.ts';
import { currentPlace, goTo, open } from './state/navigation.ts';
import type { Store } from './state/store.ts';

export interface RunnerOptions {
  store: Store<AppState, AppAction>;
  /** Begins to carry a plan out. */
  apply(plan: Plan): Operation;
  /** Told after each operation that ended. */
  onEnd(): void;
}

/** A plan that was looked at. */
export interface LookedAt {
  plan: Plan;
  /** Plans anew: a repetition comes when things may be otherwise. Absent: it cannot be repeated. */
  again?: () => Promise<Plan>;
  /** Told of the operation, of a repetition too. */
  begun?: (operation: Operation) => void;
}

interface Work extends Omit<LookedAt, 'plan'> {
  plan: () => Promise<Plan>;
}

/** Of so many operations it is known how to repeat them: more than the list of operations remembers. */
const REMEMBERED = 200;

/** Carries plans out, shows them, writes them into the command log, and says what came of them. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #again = new Map<string, () => void>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Plans these and carries them out side by side, each by itself; a repetition plans anew. */
  begin(what: string, plans: readonly (() => Promise<Plan>)[]): void {
    this.#begin(
      what,
      plans.map(plan => ({ plan, again: plan })),
    );
  }

  /** Carries out exactly the plan that was looked at. */
  carryOut({ plan, ...more }: LookedAt): void {
    this.#begin(sanitise(plan.title), [{ ...more, plan: async () => plan }]);
  }

  /** One is shown as its timeline, several as the list of operations. */
  #begin(what: string, works: readonly Work[]): void {
    if (works.length === 0) return;
    this.#say({ tone: 'plain', text: `${what} …` });
    const begun = works.map(async work => {
      const operation = this.#options.apply(await work.plan());
      work.begun?.(operation);
      const { again } = work;
      if (again) this.#remember(operation.id, () => this.#begin(what, [{ ...work, plan: again }]));
      this.#options.store.dispatch({
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

  #remember(operation: string, again: () => void): void {
    this.#again.set(operation, again);
    const [oldest] = this.#again.keys();
    if (this.#again.size > REMEMBERED && oldest !== undefined) this.#again.delete(oldest);
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
    this.#options.store.dispatch({
      type: 'navigate',
      change: navigation => {
        const here = currentPlace(navigation).screen;
        // From one timeline to the next the first one is replaced, not nested.
        return here === 'operation' ? goTo(navigation, [{ screen: 'operations' }, place]) : open(navigation, place);
      },
    });
  }

  #ended(operation: Operation): void {
    this.#options.onEnd();
    const took = formatDuration((operation.endedAt ?? operation.startedAt) - operation.startedAt);
    const { title, command, state, error } = operation;
    if (state === 'done') this.#say({ tone: 'good', text: `${sanitise(title)}: done in ${took}`, command });
    else if (state === 'cancelled') this.#say({ tone: 'warn', text: `${sanitise(title)}: cancelled after ${took}` });
    else this.#say({ tone: 'bad', text: `${sanitise(title)}: ${error ? errorText(error) : 'failed'}`, command });
  }

  #say(status: Omit<NonNullable<AppState['status']>, 'at'>): void {
    this.#options.store.dispatch({ type: 'status', status: { ...status, at: Date.now() } });
  }
}

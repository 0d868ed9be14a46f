import { findLeftovers, inOrder } from '../src/engine/leftovers/find.ts';
import type { Leftover } from '../src/engine/leftovers/leftover.ts';
import { leftoversPlan } from '../src/engine/leftovers/remove.ts';
import { type K3duiError, toK3duiError } from '../src/errors.ts';
import type { Controller } from './controller.ts';
import { Latest } from './state/latest.ts';
import { Listeners } from './state/listeners.ts';

/** What is left over, as it was found last. Immutable: news makes a new one. */
export interface LeftoversView {
  /** undefined until they were looked for. */
  found: readonly Leftover[] | undefined;
  looking: boolean;
  error: K3duiError | undefined;
}

/** What the app does with leftovers: looks for them while their screen is shown, and removes them. */
export class LeftoversWork {
  view: LeftoversView = { found: undefined, looking: false, error: undefined };
  readonly #app: Controller;
  readonly #listeners = new Listeners();
  readonly subscribe = this.#listeners.subscribe;
  readonly #looking = new Latest();

  constructor(app: Controller) {
    this.#app = app;
  }

  /** Looks for them anew; what was found before stays until then. */
  look(): void {
    const signal = this.#looking.begin();
    const set = (change: Partial<LeftoversView>) => {
      if (signal.aborted) return;
      this.view = { ...this.view, ...change };
      this.#listeners.tell();
    };
    set({ looking: true });
    findLeftovers(this.#app.engine, { signal }).then(
      found => set({ found: inOrder(found), looking: false, error: undefined }),
      error => set({ looking: false, error: toK3duiError(error) }),
    );
  }

  /** Nobody looks any more. */
  hide(): void {
    this.#looking.end();
  }

  /** Plans the removal of these, and asks. */
  openRemoval(chosen: readonly Leftover[]): void {
    const make = () => leftoversPlan(this.#app.engine, chosen);
    // Not repeated without a new look: it is for what was left over then.
    this.#app.plans.ask({ what: 'remove leftovers', make, label: 'Remove', destructive: true, marked: true });
  }
}

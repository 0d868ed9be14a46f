import { isEmptyPlan, type Plan } from '../src/engine/plan.ts';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import type { PlanDialog } from './state/app-state.ts';
import { clearMarks } from './state/list.ts';

/** A plan that is still to be made. */
export interface PlanToMake extends Omit<PlanDialog, 'name' | 'plan'> {
  /** What it is called while it is made, and when that fails. */
  what: string;
  /** Said meanwhile, where others are asked first. */
  meanwhile?: string;
  make: () => Promise<Plan>;
}

/** What the app does with plans, whatever they are about: makes one, shows it before anything is done, and does it. */
export class PlanWork {
  readonly #app: Controller;

  constructor(app: Controller) {
    this.#app = app;
  }

  /** Makes the plan and shows it; of one that comes to nothing it is said. */
  ask({ what, meanwhile, make, ...dialog }: PlanToMake): void {
    const app = this.#app;
    if (meanwhile !== undefined) app.say('plain', `${what}: ${meanwhile} …`);
    make().then(
      plan => {
        if (meanwhile !== undefined) app.store.dispatch({ type: 'status', status: undefined });
        if (isEmptyPlan(plan)) app.say('good', `${sanitise(plan.title)}: it is so already`);
        else app.openDialog({ name: 'plan', plan, ...dialog });
      },
      error => app.runner.fail(what, error),
    );
  }

  /** Carries out the plan that a dialog showed. */
  carryOut({ plan, again, marked }: PlanDialog): void {
    if (marked) this.#app.store.dispatch({ type: 'list', change: clearMarks });
    this.#app.runner.carryOut({ plan, again });
  }
}

import { type Examination, examine } from '../src/engine/doctor/examine.ts';
import type { Finding } from '../src/engine/doctor/finding.ts';
import { type K3duiError, toK3duiError } from '../src/errors.ts';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';
import { Latest } from './state/latest.ts';
import { Listeners } from './state/listeners.ts';

/** What was found last, and whether it is being looked for. Immutable: news makes a new one. */
export interface DoctorView {
  /** The cluster that the examination is about; undefined: everything. */
  subject: string | undefined;
  examination: Examination | undefined;
  /** Findings of the examination before, shown until the new one is through. */
  before: readonly Finding[];
  error: K3duiError | undefined;
}

/** At most so often does an examination's progress reach the screen, in milliseconds. */
const TELL_EVERY = 60;
/** So long an examination holds when its screen is left and opened again, in milliseconds. */
const HOLDS = 15_000;

/** What is wrong: examines while the doctor's screen is shown, and again when something was done. */
export class DoctorWork {
  view: DoctorView = { subject: undefined, examination: undefined, before: [], error: undefined };
  readonly #app: Controller;
  readonly #listeners = new Listeners();
  readonly subscribe = this.#listeners.subscribe;
  readonly #latest = new Latest();
  #examining = false;
  /** How many operations had ended when it was examined last. */
  #seen = 0;

  constructor(app: Controller) {
    this.#app = app;
  }

  /** The screen is shown: examines, unless that was done just now and nothing was done since. */
  show(subject: string | undefined): void {
    const { examination } = this.view;
    const fresh = examination?.endedAt !== undefined && Date.now() - examination.endedAt < HOLDS;
    if (this.view.subject === subject && this.#seen === this.#ended && (fresh || this.#examining)) return;
    this.again(subject);
  }

  /** Operations that have ended: each may have put something right, or brought something to light. */
  get #ended(): number {
    return this.#app.engine.operations.operations.filter(({ endedAt }) => endedAt !== undefined).length;
  }

  /** Examines anew; what was found before stays until then. */
  again(subject = this.view.subject): void {
    const signal = this.#latest.begin();
    this.#examining = true;
    this.#seen = this.#ended;
    const same = subject === this.view.subject;
    const before = same ? shown(this.view) : [];
    let told = 0;
    const set = (change: Partial<DoctorView>) => {
      if (signal.aborted) return;
      this.view = { ...this.view, ...change };
      this.#listeners.tell();
    };
    this.view = { subject, examination: undefined, before, error: undefined };
    this.#listeners.tell();
    const onProgress = (examination: Examination) => {
      const now = Date.now();
      if (examination.endedAt === undefined && now - told < TELL_EVERY) return;
      told = now;
      set({ examination });
    };
    examine(this.#app.engine, { cluster: subject, signal, onProgress })
      .then(
        examination => set({ examination, before: [] }),
        error => set({ error: toK3duiError(error) }),
      )
      .finally(() => {
        if (!signal.aborted) this.#examining = false;
      });
  }

  /** Nobody looks any more: what runs is ended. */
  hide(): void {
    this.#latest.end();
    this.#examining = false;
  }

  /** Plans the remedy from what is so now, and asks. */
  openRemedy(finding: Finding): void {
    const { remedy } = finding;
    if (!remedy?.plan) return;
    const { plan, title, destructive = false } = remedy;
    const make = () => plan(this.#app.engine, {});
    // Not repeated without a new examination: the remedy is for what was found.
    this.#app.plans.ask({ what: sanitise(title), meanwhile: 'working out how', make, label: 'Do it', destructive });
  }
}

/** The findings to show: those so far, and while an examination goes on those of before that it has not come to. */
export function shown({ examination, before }: DoctorView): readonly Finding[] {
  if (!examination) return before;
  if (examination.endedAt !== undefined || before.length === 0) return examination.findings;
  const known = new Set(examination.findings.map(({ id }) => id));
  return [...examination.findings, ...before.filter(({ id }) => !known.has(id))];
}

import { type Examination, examine } from '../src/engine/doctor/examine.ts';
import type { Finding } from '../src/engine/doctor/finding.ts';
import { findLeftovers, inOrder } from '../src/engine/leftovers/find.ts';
import type { Leftover } from '../src/engine/leftovers/leftover.ts';
import { leftoversPlan } from '../src/engine/leftovers/remove.ts';
import { isAbort, type K3duiError, toK3duiError } from '../src/errors.ts';
import { sanitise } from '../src/text.ts';
import type { Controller } from './controller.ts';

/** What was found last, and whether it is being looked for. Immutable: news makes a new one. */
export interface DoctorView {
  /** The cluster that the examination is about; undefined: everything. */
  subject: string | undefined;
  examination: Examination | undefined;
  /** Findings of the examination before, shown until the new one is through. */
  before: readonly Finding[];
  error: K3duiError | undefined;
}

export interface LeftoversView {
  /** undefined until they were looked for. */
  found: readonly Leftover[] | undefined;
  looking: boolean;
  error: K3duiError | undefined;
}

/** At most so often does an examination's progress reach the screen, in milliseconds. */
const TELL_EVERY = 60;
/** So long an examination holds when its screen is left and opened again, in milliseconds. */
const HOLDS = 15_000;

/** What the app looks for in doctor and leftovers: while their screens are shown, and again when something was done. */
export class DoctorWork {
  view: DoctorView = { subject: undefined, examination: undefined, before: [], error: undefined };
  leftovers: LeftoversView = { found: undefined, looking: false, error: undefined };
  readonly #app: Controller;
  readonly #listeners = new Set<() => void>();
  #examining: AbortController | undefined;
  #looking: AbortController | undefined;
  /** How many operations had ended when it was examined last. */
  #seen = 0;

  constructor(app: Controller) {
    this.#app = app;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(): void {
    for (const listener of this.#listeners) listener();
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
    this.#examining?.abort();
    const stop = new AbortController();
    this.#examining = stop;
    this.#seen = this.#ended;
    const same = subject === this.view.subject;
    const before = same ? shown(this.view) : [];
    let told = 0;
    const set = (change: Partial<DoctorView>) => {
      if (this.#examining !== stop) return;
      this.view = { ...this.view, ...change };
      this.#tell();
    };
    this.view = { subject, examination: undefined, before, error: undefined };
    this.#tell();
    const onProgress = (examination: Examination) => {
      const now = Date.now();
      if (examination.endedAt === undefined && now - told < TELL_EVERY) return;
      told = now;
      set({ examination });
    };
    examine(this.#app.engine, { cluster: subject, signal: stop.signal, onProgress })
      .then(
        examination => set({ examination, before: [] }),
        error => {
          if (!(isAbort(error) && stop.signal.aborted)) set({ error: toK3duiError(error) });
        },
      )
      .finally(() => {
        if (this.#examining === stop) this.#examining = undefined;
      });
  }

  /** Nobody looks any more: what runs is ended. */
  hide(): void {
    this.#examining?.abort();
    this.#examining = undefined;
    this.#looking?.abort();
    this.#looking = undefined;
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

  /** Looks for leftovers anew. */
  look(): void {
    this.#looking?.abort();
    const stop = new AbortController();
    this.#looking = stop;
    const set = (change: Partial<LeftoversView>) => {
      if (this.#looking !== stop) return;
      this.leftovers = { ...this.leftovers, ...change };
      this.#tell();
    };
    set({ looking: true });
    findLeftovers(this.#app.engine, { signal: stop.signal }).then(
      found => set({ found: inOrder(found), looking: false, error: undefined }),
      error => {
        if (!(isAbort(error) && stop.signal.aborted)) set({ looking: false, error: toK3duiError(error) });
      },
    );
  }

  /** Plans the removal of these, and asks. */
  openRemoval(chosen: readonly Leftover[]): void {
    const make = () => leftoversPlan(this.#app.engine, chosen);
    this.#app.plans.ask({ what: 'remove leftovers', make, label: 'Remove', destructive: true, marked: true });
  }
}

/** The findings to show: those so far, and while an examination goes on those of before that it has not come to. */
export function shown({ examination, before }: DoctorView): readonly Finding[] {
  if (!examination) return before;
  if (examination.endedAt !== undefined || before.length === 0) return examination.findings;
  const known = new Set(examination.findings.map(({ id }) => id));
  return [...examination.findings, ...before.filter(({ id }) => !known.has(id))];
}

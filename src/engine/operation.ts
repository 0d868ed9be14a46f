import { type ErrorDetails, isAbort, K3duiError, toK3duiError } from '../errors.ts';
import type { OperationEvent, OperationState } from './operation-events.ts';
import type { Step, StepContext, StepView, Undo } from './step.ts';

export interface OperationOptions {
  /** Tells it from the others of its engine: `engine.operations.newId()`. */
  id: string;
  title: string;
  command: string;
  cluster?: string;
  steps: Step[];
  /** `keep`: a failure leaves what was made (`--no-rollback`). */
  onFailure?: 'undo' | 'keep';
  /** Seconds for the whole; 0 or undefined: none. */
  timeoutSeconds?: number;
  /** Called before anything is undone, so that it can be looked at; returns the folder where evidence was kept. */
  keepEvidence?: (error: K3duiError) => Promise<string | undefined>;
  /** Injected for tests. Milliseconds. */
  now?: () => number;
  /** Cancels the operation when it aborts. */
  signal?: AbortSignal;
}

/**
 * Runs steps in order or side by side, reports typed events, can be cancelled, and undoes exactly what it did when it
 * fails. The app draws it, the command line prints it, JSON logs it: three readers of one stream.
 */
export class Operation {
  readonly id: string;
  readonly title: string;
  readonly command: string;
  readonly cluster: string | undefined;
  readonly startedAt: number;
  /** Every event so far, for readers that come late. */
  readonly events: OperationEvent[] = [];
  /** Settles when all is done, undo included. Rejects with the K3duiError that ended it. */
  readonly finished: Promise<void>;
  state: OperationState = 'running';
  endedAt: number | undefined;
  error: K3duiError | undefined;

  readonly #options: OperationOptions;
  readonly #views = new Map<string, StepView>();
  readonly #listeners = new Set<(event: OperationEvent) => void>();
  readonly #undos: { step: Step; undo: Undo }[] = [];
  /** True once there is no way back. */
  #committed = false;
  readonly #abort = new AbortController();
  readonly #undoAbort = new AbortController();
  readonly #now: () => number;

  constructor(options: OperationOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.id = options.id;
    this.title = options.title;
    this.command = options.command;
    this.cluster = options.cluster;
    this.startedAt = this.#now();
    const ids = new Set(options.steps.map(step => step.id));
    for (const step of options.steps) {
      const unknown = step.after.find(id => !ids.has(id));
      if (unknown !== undefined) {
        throw new K3duiError({
          code: 'PLAN_INVALID',
          message: `step '${step.id}' waits for '${unknown}', which is not in the plan`,
        });
      }
      this.#views.set(step.id, { id: step.id, title: step.title, subject: step.subject, state: 'waiting' });
    }
    // The events of the start are queued so that a reader that subscribes right after construction misses none.
    this.finished = Promise.resolve().then(() => this.#run());
    this.finished.catch(() => {});
  }

  /** Steps as they stand, in plan order. */
  get steps(): readonly StepView[] {
    return [...this.#views.values()];
  }

  /** Calls the listener for each further event. Returns how to stop that. */
  subscribe(listener: (event: OperationEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops at the next possible moment and undoes what was done. A second call gives up undoing as well. */
  cancel(reason = 'cancelled'): void {
    if (this.state === 'undoing' || this.#abort.signal.aborted) {
      this.#undoAbort.abort(new K3duiError({ code: 'CANCELLED', message: 'undo given up', exitCode: 130 }));
      return;
    }
    if (this.endedAt !== undefined) return;
    this.#setState('cancelling');
    this.#abort.abort(new K3duiError({ code: 'CANCELLED', message: reason, exitCode: 130 }));
  }

  #emit(event: OperationEvent): void {
    this.events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  #setState(state: OperationState): void {
    this.state = state;
    this.#emit({ type: 'operation.state', at: this.#now(), state });
  }

  async #run(): Promise<void> {
    const { steps, timeoutSeconds, signal } = this.#options;
    const onOuterAbort = () => this.cancel();
    if (signal?.aborted) onOuterAbort();
    signal?.addEventListener('abort', onOuterAbort, { once: true });
    const timer = timeoutSeconds
      ? setTimeout(() => {
          this.#abort.abort(
            new K3duiError({
              code: 'TIMEOUT',
              message: `not finished within ${formatSeconds(timeoutSeconds)}${this.#stillRunning()}`,
              hint: 'give it longer with --timeout, or look at the evidence',
            }),
          );
        }, timeoutSeconds * 1000)
      : undefined;
    this.#emit({
      type: 'operation.started',
      at: this.#now(),
      id: this.id,
      title: this.title,
      command: this.command,
      steps: steps.map(({ id, title, subject }) => ({ id, title, subject })),
    });
    try {
      await this.#runSteps(steps);
    } catch (error) {
      const failure = await this.#fail(toK3duiError(error));
      this.#end(isAbort(failure) ? 'cancelled' : 'failed', failure);
      throw failure;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onOuterAbort);
    }
    // Not above: what is done is not undone because somebody who was told of it failed.
    this.#end('done');
  }

  #stillRunning(): string {
    const running = this.steps
      .filter(step => step.state === 'running')
      .map(step => (step.subject ? `${step.title} ${step.subject}` : step.title));
    return running.length > 0 ? `; still at: ${running.join(', ')}` : '';
  }

  /** Starts each step when those before it are done; the first failure stops the rest and is thrown. */
  async #runSteps(steps: Step[]): Promise<void> {
    const inner = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, inner.signal]);
    const done = new Map<string, Promise<void>>();
    let first: unknown;
    const start = async (step: Step): Promise<void> => {
      await Promise.all(step.after.map(id => done.get(id)));
      if (!(this.#committed && step.optional)) signal.throwIfAborted();
      await this.#runStep(step, signal);
    };
    // Plan order is a topological order: a step waits only for steps named before it.
    for (const step of steps) {
      const promise = start(step).catch(error => {
        first ??= this.#abort.signal.aborted ? this.#abort.signal.reason : error;
        inner.abort(error);
        throw error;
      });
      promise.catch(() => {});
      done.set(step.id, promise);
    }
    await Promise.allSettled(done.values());
    if (first === undefined) return;
    for (const view of this.#views.values()) if (view.state === 'waiting') view.state = 'skipped';
    throw first;
  }

  async #runStep(step: Step, signal: AbortSignal): Promise<void> {
    const view = this.#views.get(step.id)!;
    const { id, title, subject } = step;
    const startedAt = this.#now();
    Object.assign(view, { state: 'running', startedAt });
    this.#emit({ type: 'step.started', at: startedAt, step: id, title, subject });
    const context: StepContext = {
      signal,
      report: progress => {
        Object.assign(view, progress);
        this.#emit({ type: 'step.progress', at: this.#now(), step: id, title, subject, ...progress });
      },
      onUndo: undo => this.#undos.push({ step, undo }),
      commit: () => {
        this.#committed = true;
      },
    };
    try {
      const undo = await step.run(context);
      if (undo) this.#undos.push({ step, undo });
      const endedAt = this.#now();
      Object.assign(view, { state: 'done', endedAt });
      this.#emit({ type: 'step.done', at: endedAt, step: id, title, subject, milliseconds: endedAt - startedAt });
    } catch (thrown) {
      const error = toK3duiError(signal.aborted ? signal.reason : thrown);
      const optional = step.optional === true && (!signal.aborted || this.#committed);
      Object.assign(view, {
        state: signal.aborted && isAbort(error) ? 'skipped' : 'failed',
        endedAt: this.#now(),
        error,
      });
      this.#emit({ type: 'step.failed', at: this.#now(), step: id, title, subject, optional, error });
      if (!optional) throw error;
    }
  }

  /** Keeps the evidence, undoes, and returns the error to end with. */
  async #fail(error: K3duiError): Promise<K3duiError> {
    const evidence = await this.#options.keepEvidence?.(error).catch(() => undefined);
    let failure = evidence === undefined ? error : changed(error, { evidence });
    if (this.#options.onFailure === 'keep') return failure;
    this.#setState('undoing');
    const left: string[] = [];
    for (const { step, undo } of this.#undos.reverse()) {
      try {
        await undo(this.#undoAbort.signal);
        this.#views.get(step.id)!.state = 'undone';
        this.#emit({ type: 'step.undone', at: this.#now(), step: step.id, title: step.title, subject: step.subject });
      } catch (thrown) {
        left.push(step.subject ?? step.title);
        this.#emit({
          type: 'step.undone',
          at: this.#now(),
          step: step.id,
          title: step.title,
          subject: step.subject,
          error: toK3duiError(thrown),
        });
      }
    }
    if (left.length > 0) {
      const still = [...new Set(left)].join(', ');
      failure = changed(failure, { message: `${failure.message}; could not undo: ${still}` });
    }
    return failure;
  }

  #end(state: 'done' | 'failed' | 'cancelled', error?: K3duiError): void {
    this.endedAt = this.#now();
    this.error = error;
    this.state = state;
    this.#emit({
      type: 'operation.ended',
      at: this.endedAt,
      state,
      milliseconds: this.endedAt - this.startedAt,
      error,
    });
  }
}

/** The same error with something of it said otherwise. */
function changed(error: K3duiError, change: Partial<ErrorDetails>): K3duiError {
  const { code, message, hint, cause, exitCode, evidence } = error;
  return new K3duiError({ code, message, hint, cause, exitCode, evidence, ...change });
}

function formatSeconds(seconds: number): string {
  return seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} s`;
}

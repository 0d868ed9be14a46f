import { perform, type Run } from './apply/perform.ts';
import type { Engine } from './engine.ts';
import { keepEvidence } from './evidence.ts';
import { ImageRun } from './image/perform.ts';
import { Operation } from './operation.ts';
import type { Plan } from './plan.ts';
import { refuseReadOnly } from './read-only.ts';

export interface ApplyOptions {
  /** Cancels the operation, which then undoes what it did. */
  signal?: AbortSignal;
  /** What an import from standard input reads. */
  stdin?: AsyncIterable<Buffer>;
}

/**
 * Starts carrying out the plan and returns at once; the operation tells how it goes and is in `engine.operations`.
 * Throws READ_ONLY when nothing may be changed.
 * On failure the evidence of the containers it made is kept, then what it made is undone (unless the plan says keep).
 */
export function apply(plan: Plan, engine: Engine, options: ApplyOptions = {}): Operation {
  refuseReadOnly(engine, plan.title);
  const { docker, env } = engine;
  const run: Run = {
    docker,
    env,
    network: plan.network ?? { id: '', range: '' },
    made: new Map(),
    kept: new Set(),
    kubeconfigs: new Map(),
    images: new ImageRun(options.stdin),
  };
  const operation = new Operation({
    id: engine.operations.newId(),
    title: plan.title,
    command: plan.command,
    cluster: plan.cluster,
    onFailure: plan.onFailure,
    timeoutSeconds: plan.timeoutSeconds,
    signal: options.signal,
    steps: plan.steps.map(({ action, ...step }) => ({ ...step, run: context => perform(action, run, context) })),
    keepEvidence: async error => {
      const containers = [...run.made.keys(), ...startedOnly(plan)];
      if (containers.length === 0 || error.code === 'CANCELLED') return undefined;
      return keepEvidence(docker, env, {
        title: plan.title,
        command: plan.command,
        error,
        containers,
        secrets: plan.secrets,
      });
    },
  });
  engine.operations.add(operation);
  return operation;
}

/** Containers that were there before and that the plan starts: their logs tell why it failed. */
function startedOnly(plan: Plan): string[] {
  const created = plan.steps.flatMap(({ action }) => (action.kind === 'container.create' ? [action.name] : []));
  const started = plan.steps.flatMap(({ action }) => (action.kind === 'container.start' ? [action.container] : []));
  return started.filter(container => !created.includes(container));
}

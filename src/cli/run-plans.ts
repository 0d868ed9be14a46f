import { type ApplyOptions, apply } from '../engine/apply.ts';
import type { Engine } from '../engine/engine.ts';
import type { Operation } from '../engine/operation.ts';
import { isEmptyPlan, type Plan } from '../engine/plan.ts';
import { type K3duiError, toK3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import type { DryRunFlags, Run } from './command.ts';
import { printPlans } from './print-plan.ts';
import { openProgress } from './progress.ts';

/** How one of several plans ended. */
export interface Outcome {
  /** Name of the cluster. */
  name: string;
  error?: K3duiError;
}

/**
 * Carries plans out side by side and shows how they go; with `--dry-run` prints them and does nothing. A failure of one does not stop the others. A signal cancels
 * them all, which undoes them; a second one gives undoing up.
 */
export async function runPlans(
  run: Run<object>,
  engine: Engine,
  plans: { name: string; plan: Plan }[],
  done: (name: string) => void,
  more: Pick<ApplyOptions, 'stdin'> = {},
): Promise<Outcome[]> {
  const { io, log } = run;
  const flags: Run<DryRunFlags>['flags'] = run.flags;
  if (flags.dryRun) {
    await printPlans(
      io.stdout,
      plans.map(({ plan }) => plan),
      flags.output,
    );
    return plans.map(({ name }) => ({ name }));
  }
  for (const { plan } of plans) for (const warning of plan.warnings) log.warn(sanitise(warning));
  const progress = openProgress(io, log, flags.progress ?? 'auto');
  const operations: Operation[] = [];
  // Below a live view, not above it.
  const sayLater: string[] = [];
  const stopListening = io.interrupts.onAgain(() => {
    log.warn('Giving up undoing; once more ends at once, and leaves what is there');
    for (const operation of operations) operation.cancel();
  });
  try {
    return await Promise.all(
      plans.map(async ({ name, plan }) => {
        try {
          if (!isEmptyPlan(plan)) {
            const operation = apply(plan, engine, { ...more, signal: io.interrupts.signal });
            operations.push(operation);
            progress.follow(operation);
            await operation.finished;
          }
          if (progress.live) sayLater.push(name);
          else done(name);
          return { name };
        } catch (error) {
          return { name, error: toK3duiError(error) };
        }
      }),
    );
  } finally {
    stopListening();
    progress.close();
    for (const name of sayLater) done(name);
  }
}

/** Throws the only failure; of several, shows each and gives exit code 1. */
export function conclude(run: Run<object>, outcomes: Outcome[]): number {
  const failures = outcomes.filter(outcome => outcome.error !== undefined);
  if (failures.length === 0) return 0;
  if (outcomes.length === 1) throw failures[0]!.error!;
  for (const { name, error } of failures) {
    run.log.write('error', `cluster '${sanitise(name)}': ${sanitise(error!.message)}`, {
      code: error!.code,
      hint: error!.hint,
      evidence: error!.evidence,
    });
    if (error!.hint && !run.log.fields) run.log.write('error', `  hint: ${sanitise(error!.hint)}`);
    if (error!.evidence && !run.log.fields) run.log.write('error', `  evidence: ${sanitise(error!.evidence)}`);
  }
  const { interrupts } = run.io;
  return interrupts.received ? interrupts.exitCode : Math.max(...failures.map(({ error }) => error!.exitCode));
}

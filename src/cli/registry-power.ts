import type { Engine } from '../engine/engine.ts';
import { isEmptyPlan, type Plan } from '../engine/plan.ts';
import { gatherRegistryDeleteFacts, planRegistryDelete } from '../engine/registry/delete.ts';
import { type Registry, registriesOf } from '../engine/registry/model.ts';
import { planRegistryRestart, planRegistryStart, planRegistryStop } from '../engine/registry/power.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import type { Run } from './command.ts';
import { picture } from './picture.ts';
import { printPlan } from './print-plan.ts';
import { registriesNamed } from './registry-list.ts';
import { conclude, runPlans } from './run-plans.ts';

export interface RegistryDeleteFlags {
  all?: boolean;
  dryRun?: boolean;
  output?: string;
}

export function startRegistries(run: Run<object>): Promise<number> {
  return each(run, planRegistryStart, { done: 'Started', nothing: 'Nothing to start:' });
}

export function stopRegistries(run: Run<object>): Promise<number> {
  return each(run, planRegistryStop, { done: 'Stopped', nothing: 'Nothing to stop:' });
}

export function restartRegistries(run: Run<object>): Promise<number> {
  return each(run, planRegistryRestart, { done: 'Restarted', nothing: 'Nothing to restart:' });
}

async function each(
  run: Run<object>,
  planFor: (registries: Registry[], engine: Engine) => Plan,
  say: { done: string; nothing: string },
): Promise<number> {
  const engine = await run.engine();
  const registries = registriesNamed(await picture(engine, run.io.interrupts.signal), run.args);
  const plan = planFor(registries, engine);
  const names = registries.map(({ node }) => sanitise(node.name)).join(', ');
  const outcomes = await runPlans(run, engine, [{ name: names, plan }], () =>
    run.log.info(`${isEmptyPlan(plan) ? say.nothing : say.done} ${names}`),
  );
  return conclude(run, outcomes);
}

/** `registry delete (NAME… | --all)`. k3d cmd/registry/registryDelete.go. */
export async function deleteRegistries(run: Run<RegistryDeleteFlags>): Promise<number> {
  const { args, flags, io, log } = run;
  if (flags.all && args.length > 0) {
    throw new K3duiError({
      code: 'USAGE',
      message: 'names and --all exclude each other',
      hint: 'give one or the other',
    });
  }
  if (!flags.all && args.length === 0) {
    throw new K3duiError({
      code: 'USAGE',
      message: 'expecting at least one registry name if `--all` is not set',
      hint: 'see them all: k3dui registry list',
    });
  }
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const snapshot = await picture(engine, signal);
  const registries = flags.all ? registriesOf(snapshot) : registriesNamed(snapshot, args);
  if (registries.length === 0) {
    log.info('No registries found');
    return 0;
  }
  const facts = await gatherRegistryDeleteFacts(engine.docker, registries, snapshot.clusters, { signal });
  const plan = planRegistryDelete(facts);
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const names = registries.map(({ node }) => sanitise(node.name)).join(', ');
  const outcomes = await runPlans(run, engine, [{ name: names, plan }], () => log.info(`Deleted ${names}`));
  return conclude(run, outcomes);
}

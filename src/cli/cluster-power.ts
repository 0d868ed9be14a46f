import { DEFAULT_CLUSTER_NAME } from '../config/cluster-spec.ts';
import { planClusterDelete } from '../engine/cluster/delete.ts';
import { gatherFacts } from '../engine/cluster/facts.ts';
import { planClusterRestart } from '../engine/cluster/restart.ts';
import { planClusterStart } from '../engine/cluster/start.ts';
import { planClusterStop } from '../engine/cluster/stop.ts';
import type { Engine } from '../engine/engine.ts';
import { findLeftovers } from '../engine/leftovers/find.ts';
import { leftoversPlan } from '../engine/leftovers/remove.ts';
import type { Cluster, Snapshot } from '../engine/model.ts';
import { isEmptyPlan, type Plan } from '../engine/plan.ts';
import { K3duiError, toK3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { timeLimit } from './cluster-flags.ts';
import type { Run } from './command.ts';
import { nameFromConfig } from './config-file.ts';
import { clusterNamed, picture } from './picture.ts';
import { conclude, type Outcome, runPlans } from './run-plans.ts';

interface ManyFlags {
  all?: boolean;
}

interface StartFlags extends ManyFlags {
  wait?: boolean;
  timeout?: string;
}

/** `cluster start [NAME…|--all]`. k3d cmd/cluster/clusterStart.go. */
export async function startClusters(run: Run<StartFlags>): Promise<number> {
  const options = startOptions(run.flags);
  const engine = await run.engine();
  const snapshot = await picture(engine, run.io.interrupts.signal);
  const clusters = chooseClusters(run, snapshot);
  const facts = await gatherFacts(engine, {}, { signal: run.io.interrupts.signal });
  return runForEach(run, clusters, cluster => planClusterStart(cluster, facts, options), {
    done: name => `Started cluster '${name}'`,
    nothing: name => `Cluster '${name}' is already running`,
  });
}

/** `cluster stop [NAME…|--all]`. k3d cmd/cluster/clusterStop.go. */
export async function stopClusters(run: Run<ManyFlags>): Promise<number> {
  const engine = await run.engine();
  const clusters = chooseClusters(run, await picture(engine, run.io.interrupts.signal));
  return runForEach(run, clusters, cluster => planClusterStop(cluster), {
    done: name => `Stopped cluster '${name}'`,
    nothing: name => `Cluster '${name}' is already stopped`,
  });
}

/** `cluster restart [NAME…|--all]`. k3d cmd/cluster/clusterRestart.go. */
export async function restartClusters(run: Run<StartFlags>): Promise<number> {
  const options = startOptions(run.flags);
  const engine = await run.engine();
  const snapshot = await picture(engine, run.io.interrupts.signal);
  const clusters = chooseClusters(run, snapshot);
  const facts = await gatherFacts(engine, {}, { signal: run.io.interrupts.signal });
  return runForEach(run, clusters, cluster => planClusterRestart(cluster, facts, options), {
    done: name => `Restarted cluster '${name}'`,
    nothing: name => `Cluster '${name}' has nothing to restart`,
  });
}

/** `cluster delete [NAME…|--all]`: deleting what is not there is no error. k3d cmd/cluster/clusterDelete.go. */
export async function deleteClusters(run: Run<ManyFlags & { config?: string }>): Promise<number> {
  const { io } = run;
  const byDefault = await nameFromConfig(run);
  const engine = await run.engine();
  const snapshot = await picture(engine, io.interrupts.signal);
  const names = namesOf(run, byDefault);
  const clusters = snapshot.clusters.filter(cluster => names?.includes(cluster.name) ?? true);
  const gone = names?.filter(name => !clusters.some(cluster => cluster.name === name)) ?? [];
  const remains = await deleteRemains(run, engine, gone);
  if (clusters.length === 0 && names) return remains;
  const facts = await gatherFacts(engine, {}, { signal: io.interrupts.signal });
  const code = await runForEach(run, clusters, cluster => planClusterDelete(cluster, facts), {
    done: name => `Successfully deleted cluster ${name}!`,
    nothing: name => `Nothing is left of cluster ${name}`,
  });
  return code || remains;
}

/** What a delete that was cut off left of clusters that have no nodes any more. */
async function deleteRemains(run: Run<object>, engine: Engine, names: string[]): Promise<number> {
  const { log, io } = run;
  if (names.length === 0) return 0;
  const { signal } = io.interrupts;
  const left = (await findLeftovers(engine, { signal })).filter(({ cluster, kind }) => {
    return names.includes(cluster) && (kind === 'network' || kind === 'volume');
  });
  for (const name of names) {
    const count = left.filter(({ cluster }) => cluster === name).length;
    const rest = count === 0 ? 'nothing to delete.' : `deleting what is left of it (${count}).`;
    log.info(`No nodes found for cluster '${sanitise(name)}', ${rest}`);
  }
  if (left.length === 0) return 0;
  const plan = await leftoversPlan(engine, left, { signal });
  return conclude(run, await runPlans(run, engine, [{ name: plan.title, plan }], () => {}));
}

/** Plans for each cluster, carries the plans out side by side, and says how each ended. */
async function runForEach(
  run: Run<ManyFlags>,
  clusters: Cluster[],
  planFor: (cluster: Cluster) => Plan,
  say: { done: (name: string) => string; nothing: (name: string) => string },
): Promise<number> {
  const { log } = run;
  if (clusters.length === 0) {
    log.info('No clusters found');
    return 0;
  }
  const plans: { name: string; plan: Plan }[] = [];
  const unplanned: Outcome[] = [];
  for (const cluster of clusters) {
    try {
      plans.push({ name: cluster.name, plan: planFor(cluster) });
    } catch (error) {
      unplanned.push({ name: cluster.name, error: toK3duiError(error) });
    }
  }
  const empty = new Set(plans.filter(({ plan }) => isEmptyPlan(plan)).map(({ name }) => name));
  const outcomes = await runPlans(run, await run.engine(), plans, name =>
    log.info(sanitise(empty.has(name) ? say.nothing(name) : say.done(name))),
  );
  return conclude(run, [...outcomes, ...unplanned]);
}

/** The clusters asked for: those named, all, or the one with k3d's default name. Throws CLUSTER_UNKNOWN. */
function chooseClusters(run: Run<ManyFlags>, snapshot: Snapshot): Cluster[] {
  return namesOf(run)?.map(name => clusterNamed(snapshot, name)) ?? snapshot.clusters;
}

/** The names asked for; undefined: all. Throws USAGE for both, where k3d forgets the names. */
function namesOf({ args, flags }: Run<ManyFlags>, byDefault = DEFAULT_CLUSTER_NAME): string[] | undefined {
  if (args.length > 0 && flags.all) {
    throw new K3duiError({
      code: 'USAGE',
      message: 'names and --all exclude each other',
      hint: 'give one or the other',
    });
  }
  if (flags.all) return undefined;
  return args.length > 0 ? [...new Set(args)] : [byDefault];
}

function startOptions(flags: StartFlags) {
  return { wait: flags.wait ?? true, ...timeLimit(flags.timeout) };
}

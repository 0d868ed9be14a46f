import type { ClusterSpec } from '../../config/cluster-spec.ts';
import type { Call } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import type { Cluster } from '../model.ts';
import type { Plan } from '../plan.ts';
import { factsForCreate, planClusterCreate } from './create.ts';
import { clusterDifferences, type Difference } from './differences.ts';
import { gatherFacts } from './facts.ts';
import { readCluster } from './reading.ts';
import { planClusterRecreate } from './recreate.ts';
import { planClusterUpdate } from './update.ts';
import { gatherUpdateFacts } from './update-facts.ts';

/** What it takes to have the cluster that a file asks for. */
export interface BringUp {
  how: 'create' | 'update' | 'recreate';
  plan: Plan;
  /** All that differs now. */
  differences: Difference[];
  /** What stays as it is: only a cluster made anew has it. */
  left: Difference[];
}

export interface BringUpOptions {
  /** Make the cluster anew where something cannot be changed in place: all in it is lost. */
  recreate?: boolean;
  /** What does the same on the command line. */
  command: string;
}

/** What a cluster that is not there differs in. */
const absent = (name: string): Difference[] => [{ field: 'cluster', live: '', wanted: name, how: 'in place' }];

/**
 * Plans to create the cluster, or to bring the one of that name up to the request. Nothing is changed; the plan is empty
 * when all is so already. Throws CLUSTER_UNFINISHED when none of its servers was ever started, and what Docker and the plans throw.
 */
export async function planBringUp(
  engine: Engine,
  spec: ClusterSpec,
  { recreate = false, command }: BringUpOptions,
  call: Call = {},
): Promise<BringUp> {
  const cluster = await clusterOf(engine, spec.name);
  if (!cluster) {
    const facts = await gatherFacts(engine, factsForCreate(spec, engine.env), call);
    const plan = { ...planClusterCreate(spec, facts), command };
    return { how: 'create', plan, differences: absent(spec.name), left: [] };
  }
  if (!recreate) refuseUnfinished(cluster);
  const reading = await readCluster(engine, cluster, call);
  const facts = await gatherUpdateFacts(engine, spec, reading, call);
  const { plan, differences, left } = planClusterUpdate(spec, reading, facts);
  if (recreate && left.length > 0) {
    return { how: 'recreate', plan: { ...planClusterRecreate(spec, cluster, facts), command }, differences, left: [] };
  }
  return { how: 'update', plan: { ...plan, command }, differences, left };
}

/** Who makes it may be about to go on, or to take all of it back: then nothing of it may have been changed meanwhile. */
function refuseUnfinished({ name, servers }: Cluster): void {
  if (servers.length === 0 || servers.some(({ state }) => state !== 'created')) return;
  throw new K3duiError({
    code: 'CLUSTER_UNFINISHED',
    message: `cluster '${name}' is not finished: somebody is making it now, or its making was cut off`,
    hint: `if nobody is, remove what there is of it and try again: k3dui cluster delete ${name}`,
  });
}

/** What the cluster of that name differs in from the request; all of it when there is none. */
export async function readDifferences(engine: Engine, spec: ClusterSpec, call: Call = {}): Promise<Difference[]> {
  const cluster = await clusterOf(engine, spec.name);
  if (!cluster) return absent(spec.name);
  const reading = await readCluster(engine, cluster, call);
  const facts = await gatherUpdateFacts(engine, spec, reading, call);
  return clusterDifferences(spec, reading, facts, facts);
}

/** As Docker has it now: the picture is a moment behind what this process itself has done. */
async function clusterOf({ inventory }: Engine, name: string): Promise<Cluster | undefined> {
  await inventory.refresh();
  return inventory.snapshot.clusters.find(cluster => cluster.name === name);
}

/** What to say when something of a request stays undone; undefined: all is as asked for. */
export function leftUndone(name: string, left: readonly Difference[]): K3duiError | undefined {
  if (left.length === 0) return undefined;
  const fields = [...new Set(left.map(({ field }) => field))];
  return new K3duiError({
    code: 'NEEDS_RECREATE',
    message: `cluster '${name}' is not yet all that was asked for: ${fields.join(', ')} can only be had by making it anew`,
    hint: `to make it anew, with the loss of all that is in it: the same command with --recreate${beside(name, fields)}`,
  });
}

/** Another version is best tried beside the one in use. */
function beside(name: string, fields: string[]): string {
  if (!fields.includes('image')) return '';
  return `; to keep it until another one with that image has what is in it: k3dui cluster clone ${name} NEW --image IMAGE`;
}

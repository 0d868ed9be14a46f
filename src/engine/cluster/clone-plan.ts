import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { commandLine } from '../../config/command-line.ts';
import type { Call } from '../../docker/docker.ts';
import type { Engine } from '../engine.ts';
import type { Cluster } from '../model.ts';
import type { Plan } from '../plan.ts';
import { type CloneOptions, cloneSpec } from './clone.ts';
import { factsForCreate, planClusterCreate } from './create.ts';
import { gatherFacts } from './facts.ts';
import { readCluster } from './reading.ts';

export interface ClonePlan {
  plan: Plan;
  spec: ClusterSpec;
  /** What is not as in the original, and what both share. */
  notes: string[];
}

/** Plans a cluster like this one under another name. Nothing is changed. Throws what a create throws. */
export async function planClone(
  engine: Engine,
  cluster: Cluster,
  name: string,
  options: CloneOptions = {},
  call: Call = {},
): Promise<ClonePlan> {
  const [reading, free] = await Promise.all([
    readCluster(engine, cluster, call),
    gatherFacts(engine, { stoppedPorts: true }, call),
  ]);
  const { spec, notes } = cloneSpec(reading, name, free, options);
  const facts = await gatherFacts(engine, factsForCreate(spec, engine.env), call);
  const plan = planClusterCreate(spec, facts);
  const flags = [...(options.image ? ['--image', options.image] : []), ...(options.keepPorts ? ['--keep-ports'] : [])];
  const command = commandLine`k3dui cluster clone ${cluster.name} ${name} ${flags}`;
  return { plan: { ...plan, title: `${plan.title} like ${cluster.name}`, command }, spec, notes };
}

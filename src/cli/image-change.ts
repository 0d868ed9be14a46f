import { DEFAULT_CLUSTER_NAME } from '../config/cluster-spec.ts';
import { parseImage } from '../config/image.ts';
import { gatherNodes } from '../engine/image/facts.ts';
import { k3sNodes } from '../engine/image/node-images.ts';
import { planImagePull } from '../engine/image/pull.ts';
import { planImageRemove } from '../engine/image/remove.ts';
import { planImageVerify } from '../engine/image/verify.ts';
import type { Node, Snapshot } from '../engine/model.ts';
import type { Plan } from '../engine/plan.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import type { DryRunFlags, Run } from './command.ts';
import { clusterNamed, nodeNamed, picture } from './picture.ts';
import { conclude, runPlans } from './run-plans.ts';

export interface WhereFlags {
  cluster?: string[];
  node?: string[];
}

export interface ImageChangeFlags extends WhereFlags, DryRunFlags {}

/** `image remove IMAGE… [-c CLUSTER] [--node NODE]`. */
export async function removeImages(run: Run<ImageChangeFlags>): Promise<number> {
  const { args: images, flags, io } = run;
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const nodes = nodesFrom(await picture(engine, signal), flags, DEFAULT_CLUSTER_NAME);
  const held = await gatherNodes(engine, nodes, { signal });
  return carryOut(run, planImageRemove({ images, where: whereWords(flags) }, held), 'Removed');
}

/** `image verify IMAGE… [-c CLUSTER] [--node NODE]`. */
export async function verifyImages(run: Run<ImageChangeFlags>): Promise<number> {
  const { args: images, flags, io } = run;
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const nodes = nodesFrom(await picture(engine, signal), flags, DEFAULT_CLUSTER_NAME);
  const held = await gatherNodes(engine, nodes, { signal });
  return carryOut(run, planImageVerify({ images, where: whereWords(flags) }, held), 'Whole:');
}

/** `image pull IMAGE… [-c CLUSTER] [--node NODE]`. */
export async function pullImages(run: Run<ImageChangeFlags>): Promise<number> {
  const { args: images, flags, io } = run;
  for (const image of images) parseImage(image);
  const engine = await run.engine();
  const nodes = nodesFrom(await picture(engine, io.interrupts.signal), flags, DEFAULT_CLUSTER_NAME);
  const about = nodes.map(({ name, cluster, running }) => ({ node: name, cluster, running }));
  return carryOut(run, planImagePull({ images, where: whereWords(flags) }, about), 'Pulled');
}

async function carryOut(run: Run<ImageChangeFlags>, plan: Plan, done: string): Promise<number> {
  const { log, args } = run;
  const name = plan.cluster ?? '';
  const outcomes = await runPlans(run, await run.engine(), [{ name, plan }], () =>
    log.info(sanitise(`${done} ${args.join(', ')}`)),
  );
  return conclude(run, outcomes);
}

/** The nodes that are named, or those of the clusters that are; with neither those of `otherwise`, or of all clusters. */
export function nodesFrom(snapshot: Snapshot, flags: WhereFlags, otherwise?: string): Node[] {
  const named = (flags.node ?? []).map(name => nodeNamed(snapshot, name));
  const other = named.find(node => node.role !== 'server' && node.role !== 'agent');
  if (other) {
    throw new K3duiError({
      code: 'USAGE',
      message: `${other.name} holds no images: it is a ${other.role}`,
      hint: 'images are in servers and agents',
    });
  }
  const clusters = flags.cluster ?? (named.length > 0 || otherwise === undefined ? [] : [otherwise]);
  const chosen = clusters.map(name => clusterNamed(snapshot, name));
  const whole = named.length === 0 && clusters.length === 0 ? snapshot.clusters : chosen;
  const nodes = [...whole.flatMap(k3sNodes), ...named];
  return nodes.filter((node, i) => nodes.findIndex(({ id }) => id === node.id) === i);
}

const whereWords = ({ cluster = [], node = [] }: WhereFlags): string[] => [
  ...cluster.flatMap(name => ['-c', name]),
  ...node.flatMap(name => ['--node', name]),
];

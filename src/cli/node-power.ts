import { gatherFacts } from '../engine/cluster/facts.ts';
import type { Node, NodeRole, Snapshot } from '../engine/model.ts';
import { byCluster, planNodeDelete } from '../engine/node/delete.ts';
import { planNodeRestart, planNodeStart, planNodeStop } from '../engine/node/power.ts';
import { isEmptyPlan, type Plan } from '../engine/plan.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { timeLimit } from './cluster-flags.ts';
import type { Run } from './command.ts';
import { nodeNamed, picture } from './picture.ts';
import { conclude, runPlans } from './run-plans.ts';

export interface NodePowerFlags {
  wait?: boolean;
  timeout?: string;
}

export interface NodeDeleteFlags {
  all?: boolean;
  registries?: boolean;
  drain?: boolean;
  force?: boolean;
  timeout?: string;
  dryRun?: boolean;
  output?: string;
}

/** `node start NAME…`: returns when they run, as k3d does, unless told to wait. k3d cmd/node/nodeStart.go. */
export async function startNodes(run: Run<NodePowerFlags>): Promise<number> {
  const options = { wait: run.flags.wait ?? false, ...timeLimit(run.flags.timeout) };
  const { nodes, facts } = await chosen(run);
  return each(run, nodes, group => planNodeStart(group, facts, options), {
    done: names => `Started ${names}`,
    nothing: names => `Nothing to start: ${names}`,
  });
}

/** `node stop NAME…`. k3d cmd/node/nodeStop.go. */
export async function stopNodes(run: Run<NodePowerFlags>): Promise<number> {
  const options = timeLimit(run.flags.timeout);
  const { nodes, facts } = await chosen(run);
  return each(run, nodes, group => planNodeStop(group, facts, options), {
    done: names => `Stopped ${names}`,
    nothing: names => `Nothing to stop: ${names}`,
  });
}

/** `node restart NAME…`; waits unless told not to. */
export async function restartNodes(run: Run<NodePowerFlags>): Promise<number> {
  const options = { wait: run.flags.wait ?? true, ...timeLimit(run.flags.timeout) };
  const { nodes, facts } = await chosen(run);
  return each(run, nodes, group => planNodeRestart(group, facts, options), {
    done: names => `Restarted ${names}`,
    nothing: names => `Nothing to restart: ${names}`,
  });
}

/** `node delete NAME… | --all [-r]`. k3d cmd/node/nodeDelete.go. */
export async function deleteNodes(run: Run<NodeDeleteFlags>): Promise<number> {
  const { flags, log } = run;
  const { nodes, facts } = await chosen(run, snapshot => {
    if (!flags.all) return undefined;
    if (!flags.registries) log.info("Didn't set '--registries', so won't delete registries.");
    const roles: NodeRole[] = ['server', 'agent', 'loadbalancer', ...(flags.registries ? (['registry'] as const) : [])];
    return snapshot.nodes.filter(node => roles.includes(node.role));
  });
  if (nodes.length === 0) {
    log.info('No nodes found');
    return 0;
  }
  const options = { drain: flags.drain ?? true, force: flags.force, all: flags.all, ...timeLimit(flags.timeout) };
  const planFor = (group: Node[]) => planNodeDelete(group, facts, options);
  return each(run, nodes, planFor, {
    done: (_, count) => `Successfully deleted ${count} node(s)!`,
    nothing: names => `Nothing to delete: ${names}`,
  });
}

/** The nodes named, or those that `all` picks, and what a plan for them needs. Throws USAGE, NODE_UNKNOWN. */
async function chosen(run: Run<object>, all: (snapshot: Snapshot) => Node[] | undefined = () => undefined) {
  const engine = await run.engine();
  const { signal } = run.io.interrupts;
  const snapshot = await picture(engine, signal);
  const every = all(snapshot);
  if (every && run.args.length > 0) {
    throw new K3duiError({
      code: 'USAGE',
      message: 'names and --all exclude each other',
      hint: 'give one or the other',
    });
  }
  if (!every && run.args.length === 0) {
    throw new K3duiError({ code: 'USAGE', message: 'no node is named', hint: 'see them all: k3dui node list' });
  }
  const named = every ?? [...new Set(run.args)].map(name => nodeNamed(snapshot, name));
  const nodes = named.filter((node, i) => named.findIndex(other => other.id === node.id) === i);
  return { nodes, facts: { ...(await gatherFacts(engine, {}, { signal })), snapshot } };
}

/** One plan for the nodes of each cluster, side by side. What cannot be planned stops all: nothing is touched yet. */
async function each(
  run: Run<object>,
  nodes: Node[],
  planFor: (nodes: Node[]) => Plan,
  say: { done(names: string, count: number): string; nothing(names: string): string },
): Promise<number> {
  const engine = await run.engine();
  const groups = byCluster(nodes, engine.inventory.snapshot.clusters).map(group => ({
    ...group,
    plan: planFor(group.nodes),
  }));
  const outcomes = await runPlans(run, engine, groups, name => {
    const group = groups.find(other => other.name === name)!;
    const names = group.nodes.map(node => sanitise(node.name)).join(', ');
    run.log.info(isEmptyPlan(group.plan) ? say.nothing(names) : say.done(names, group.nodes.length));
  });
  return conclude(run, outcomes);
}

import type { Command } from 'commander';
import { DEFAULT_PORT_FILTERS } from '../config/place-ports.ts';
import { parsePortFlags } from '../config/ports.ts';
import { gatherFacts } from '../engine/cluster/facts.ts';
import type { PortChange } from '../engine/loadbalancer/change.ts';
import { factsForPortEdit, planPortEdit, previewPortEdit } from '../engine/loadbalancer/edit.ts';
import { lineDiff } from '../engine/loadbalancer/line-diff.ts';
import type { Cluster } from '../engine/model.ts';
import { isEmptyPlan } from '../engine/plan.ts';
import { readLoadBalancer } from '../engine/ports/read.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { addDryRunFlags, collect, handle, type Run, type Session } from './command.ts';
import { explain, SEVERAL } from './explain.ts';
import { clusterNamed, picture } from './picture.ts';
import { structuredFormat } from './print.ts';
import { printPlan } from './print-plan.ts';
import { conclude, runPlans } from './run-plans.ts';

export interface PortFlags {
  portAdd?: string[];
  portDelete?: string[];
  dryRun?: boolean;
  output?: string;
}

/** `cluster edit NAME`. k3d cmd/cluster/clusterEdit.go; unlike there both flags can be given together. */
export function addClusterEdit(cluster: Command, session: Session): void {
  const edit = cluster
    .command('edit NAME')
    .alias('update')
    .description('add and delete ports of a cluster, all in one go, through its load balancer');
  handle<PortFlags>(addPortFlags(edit), session, async run => {
    const engine = await run.engine();
    const snapshot = await picture(engine, run.io.interrupts.signal);
    return editPorts(run, clusterNamed(snapshot, run.args[0]!), run.args[0]!);
  });
}

/** The flags of `cluster edit` and `node edit`. */
export function addPortFlags(command: Command): Command {
  command
    .option('--port-add <mapping>', 'publish one more, [IP:][HOSTPORT:]PORT[/PROTOCOL][@FILTER] *', collect)
    .option('--port-delete <mapping>', 'take one away, written the same *', collect);
  addDryRunFlags(command);
  explain(command, SEVERAL);
  return command;
}

/** Changes the cluster's ports as the flags say. `name` is how the thing edited is called at the end. */
export async function editPorts(run: Run<PortFlags>, cluster: Cluster, name: string): Promise<number> {
  const { flags, io, log } = run;
  const change = portChange(flags);
  const engine = await run.engine();
  const call = { signal: io.interrupts.signal };
  const { model, inspect } = await readLoadBalancer(engine.docker, cluster, call);
  const facts = await gatherFacts(engine, factsForPortEdit(change, inspect), call);
  const plan = planPortEdit(cluster, model, inspect, change, facts);
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    if (structuredFormat(flags.output) === undefined) {
      const { before, after } = previewPortEdit(cluster, model, inspect, change);
      for (const { sign, text } of lineDiff(before, after)) io.stdout.write(`  ${sign} ${sanitise(text)}\n`);
    }
    return 0;
  }
  for (const { port, nodeFilters } of change.add) {
    if (nodeFilters.length > 0 && !nodeFilters.some(filter => filter.startsWith('loadbalancer'))) continue;
    log.info(`Port ${sanitise(port)} goes to all servers and agents (${DEFAULT_PORT_FILTERS.join(';')})`);
  }
  const outcomes = await runPlans(run, engine, [{ name, plan }], done => {
    log.info(
      isEmptyPlan(plan) ? `Nothing to do: ${sanitise(done)} is so already` : `Successfully updated ${sanitise(done)}`,
    );
  });
  return conclude(run, outcomes);
}

function portChange(flags: PortFlags): PortChange {
  const change = { add: parsePortFlags(flags.portAdd ?? []), remove: parsePortFlags(flags.portDelete ?? []) };
  const both = change.add.find(({ port, nodeFilters }) =>
    change.remove.some(other => other.port === port && other.nodeFilters.join() === nodeFilters.join()),
  );
  if (both) {
    throw new K3duiError({
      code: 'USAGE',
      message: `port ${both.port} is to be added and deleted at once`,
      hint: 'leave one of the two out',
    });
  }
  return change;
}

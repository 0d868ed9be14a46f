import type { Command } from 'commander';
import { planClone } from '../engine/cluster/clone-plan.ts';
import { sanitise } from '../text.ts';
import { addDryRunFlags, flag, handle, type Run, type Session } from './command.ts';
import { clusterNamed, picture } from './picture.ts';
import { printPlan } from './print-plan.ts';
import { conclude, runPlans } from './run-plans.ts';

interface CloneFlags {
  image?: string;
  keepPorts?: boolean;
  dryRun?: boolean;
  output?: string;
}

/** `cluster clone NAME NEW`: a cluster made like another. */
export function addClusterClone(cluster: Command, session: Session): void {
  const command = cluster
    .command('clone NAME NEW')
    .description('create a cluster like another one, whoever made that; what is in it is not copied')
    .option('-i, --image <image>', 'another k3s image, or latest, stable, +CHANNEL: the way to another version of k3s');
  flag(command, '--keep-ports', 'the same host ports (default: the next free ones), for a clone that takes its place');
  addDryRunFlags(command);
  handle<CloneFlags>(command, session, cloneCluster);
}

async function cloneCluster(run: Run<CloneFlags>): Promise<number> {
  const { args, flags, io, log } = run;
  const [from, name] = args as [string, string];
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const cluster = clusterNamed(await picture(engine, signal), from);
  const options = { keepPorts: flags.keepPorts === true, ...(flags.image ? { image: flags.image } : {}) };
  const { plan, notes } = await planClone(engine, cluster, name, options, { signal });
  for (const note of notes) log[flags.dryRun ? 'warn' : 'info'](sanitise(note));
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const outcomes = await runPlans(run, engine, [{ name, plan }], () =>
    log.info(sanitise(`Cluster '${name}' created like '${from}'`)),
  );
  return conclude(run, outcomes);
}

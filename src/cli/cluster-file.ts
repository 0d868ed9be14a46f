import type { Command } from 'commander';
import { type ClusterSpec, DEFAULT_CLUSTER_NAME, defaultClusterSpec } from '../config/cluster-spec.ts';
import { commandLine } from '../config/command-line.ts';
import { DEFAULT_K3S_IMAGE } from '../config/default-image.ts';
import { specFromConfig } from '../config/file/to-spec.ts';
import { type BringUp, leftUndone, planBringUp, readDifferences } from '../engine/cluster/bring-up.ts';
import { planClusterDelete } from '../engine/cluster/delete.ts';
import { describeDifference, describeHow } from '../engine/cluster/difference-text.ts';
import type { Difference } from '../engine/cluster/differences.ts';
import { gatherFacts } from '../engine/cluster/facts.ts';
import { findFolderConfig } from '../engine/cluster/folder-config.ts';
import { planClusterStop } from '../engine/cluster/stop.ts';
import { isEmptyPlan, type Plan } from '../engine/plan.ts';
import { K3duiError, toK3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { askFor } from './ask.ts';
import { clusterSpecFromFlags } from './cluster-flags.ts';
import { addDryRunFlags, flag, handle, type Run, type Session } from './command.ts';
import { configFromFlags, nameFromConfig } from './config-file.ts';
import { explain } from './explain.ts';
import { picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { printPlan } from './print-plan.ts';
import { conclude, runPlans } from './run-plans.ts';

interface ApplyFlags {
  config?: string;
  recreate?: boolean;
  yes?: boolean;
  dryRun?: boolean;
  output?: string;
}

interface DownFlags {
  config?: string;
  stop?: boolean;
  dryRun?: boolean;
  output?: string;
}

/** `cluster diff|apply FILE`. */
export function addClusterFileCommands(cluster: Command, session: Session): void {
  const diff = cluster
    .command('diff FILE [NAME]')
    .description('say in what a cluster differs from a config file; exit code 0: in nothing, 1: it does, 2: trouble')
    .option('-o, --output <format>', 'json or yaml instead of text');
  handle<{ output?: string }>(diff, session, diffCluster);

  const apply = cluster
    .command('apply FILE')
    .description(
      'create the cluster of a config file, or bring it up to the file; does nothing when all is so already',
    );
  addApplyFlags(apply);
  explain(
    apply,
    'Changed while the cluster goes on: the number of agents, of servers where etcd is, ports through the load balancer and where they lead, its settings, registries in use, files; what is stopped is started. All else Docker takes only when it makes a node: then this does the rest, says what stays and ends with exit code 1, and --recreate makes the cluster anew. The version of k3s is one of these: to go over to another without losing the cluster, make one with it beside the old (k3dui cluster clone demo demo2 --image IMAGE), bring over what is in it, and delete the old one.',
  );
  handle<ApplyFlags>(apply, session, run => {
    const file = run.args[0]!;
    return applyFile(run, file, commandLine`k3dui cluster apply ${file}`);
  });
}

/** `up` and `down`, for the config file of the project. */
export function addFolderCommands(program: Command, session: Session): void {
  const file =
    'this config file (default: k3dui.yaml, k3d.yaml, k3d-config.yaml, .k3d.yaml or .k3d/config.yaml here or above)';
  const up = program
    .command('up')
    .description("bring up the cluster of this folder's config file: create it, start it, or change what differs")
    .option('-c, --config <file>', file);
  addApplyFlags(up);
  handle<ApplyFlags>(up, session, async run => applyFile(run, await fileOf(run), 'k3dui up'));

  const down = program
    .command('down')
    .description("delete the cluster of this folder's config file")
    .option('-c, --config <file>', file);
  flag(down, '--stop', 'only stop it: nothing in it is lost');
  addDryRunFlags(down);
  handle<DownFlags>(down, session, bringDown);
}

function addApplyFlags(command: Command): void {
  flag(
    command,
    '--recreate',
    'make the cluster anew where something cannot be changed; asks first, as all in it is lost',
  );
  flag(command, '-y, --yes', 'do not ask');
  addDryRunFlags(command);
}

async function fileOf({ flags, io }: Run<{ config?: string }>): Promise<string> {
  return flags.config || io.env.K3D_CONFIG || (await findFolderConfig(process.cwd(), io.env));
}

/** What a config file asks for. */
async function specOfFile(run: Run<object>, file: string, name?: string): Promise<ClusterSpec> {
  const { io, flags } = run;
  const loaded = await configFromFlags({ ...run, flags: { ...flags, config: file } });
  if (!loaded) throw new K3duiError({ code: 'USAGE', message: 'no config file was named', hint: 'give its path' });
  const base = specFromConfig(loaded.config, loaded.files, defaultClusterSpec(DEFAULT_K3S_IMAGE));
  return clusterSpecFromFlags(name, {}, { env: io.env, defaultImage: DEFAULT_K3S_IMAGE, config: base });
}

async function diffCluster(run: Run<{ output?: string }>): Promise<number> {
  const { args, flags, io } = run;
  try {
    const format = structuredFormat(flags.output);
    const spec = await specOfFile(run, args[0]!, args[1]);
    const engine = await run.engine();
    await picture(engine, io.interrupts.signal);
    const differences = await readDifferences(engine, spec, { signal: io.interrupts.signal });
    if (format) await printStructured(io.stdout, format, { cluster: spec.name, file: args[0], differences });
    else io.stdout.write(differencesText(differences));
    return differences.length === 0 ? 0 : 1;
  } catch (thrown) {
    // As diff(1) has it: 1 says that they differ.
    const { code, message, hint, cause, evidence } = toK3duiError(thrown);
    throw new K3duiError({ code, message, hint, cause, evidence, exitCode: 2 });
  }
}

/** A line each, how it can be had behind it. */
function differencesText(differences: Difference[]): string {
  const rows = differences.map(difference => {
    const { sign, text } = describeDifference(difference);
    return { text: sanitise(`${sign} ${text}`), how: sanitise(describeHow(difference)) };
  });
  const width = Math.min(60, Math.max(0, ...rows.map(({ text }) => text.length)));
  return rows.map(({ text, how }) => `${text.padEnd(width)}   ${how}\n`).join('');
}

async function applyFile(run: Run<ApplyFlags>, file: string, command: string): Promise<number> {
  const { flags, io, log } = run;
  const spec = await specOfFile(run, file);
  const engine = await run.engine();
  const { signal } = io.interrupts;
  await picture(engine, signal);
  const options = { recreate: flags.recreate === true, command: flags.recreate ? `${command} --recreate` : command };
  const work = await planBringUp(engine, spec, options, { signal });
  if (flags.dryRun) {
    for (const difference of work.left) log.warn(leftText(difference));
    await printPlan(io.stdout, work.plan, flags.output);
    return work.left.length > 0 ? 1 : 0;
  }
  if (work.how === 'recreate' && !flags.yes) {
    log.warn(sanitise(`Only a new cluster is as ${file} has it:`));
    io.stderr.write(differencesText(work.differences.filter(({ how }) => how === 'recreate')));
    await askFor(io, `Delete cluster '${sanitise(spec.name)}' with all that is in it, and create it anew?`);
  }
  const outcomes = await runPlans(run, engine, [{ name: spec.name, plan: work.plan }], () =>
    log.info(said(work, spec.name)),
  );
  const exitCode = conclude(run, outcomes);
  for (const difference of work.left) log.warn(leftText(difference));
  const undone = leftUndone(spec.name, work.left);
  if (undone) throw undone;
  return exitCode;
}

function said({ how, plan, left }: BringUp, name: string): string {
  if (isEmptyPlan(plan))
    return `Nothing to do: cluster '${sanitise(name)}' is ${left.length > 0 ? 'as far as it can be' : 'as asked for'}`;
  const done = { create: 'created', update: 'brought up to the file', recreate: 'made anew' }[how];
  return `Cluster '${sanitise(name)}' ${done}`;
}

function leftText(difference: Difference): string {
  const { text } = describeDifference(difference);
  return sanitise(`stays: ${text} (${describeHow(difference)})`);
}

async function bringDown(run: Run<DownFlags>): Promise<number> {
  const { flags, io, log } = run;
  const name = (await nameFromConfig(run, await fileOf(run))) ?? DEFAULT_CLUSTER_NAME;
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const cluster = (await picture(engine, signal)).clusters.find(other => other.name === name);
  if (!cluster) {
    log.info(sanitise(`There is no cluster '${name}', nothing to do`));
    return 0;
  }
  const plan: Plan = flags.stop
    ? planClusterStop(cluster)
    : planClusterDelete(cluster, await gatherFacts(engine, {}, { signal }));
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const outcomes = await runPlans(run, engine, [{ name, plan }], () =>
    log.info(sanitise(`Cluster '${name}' ${flags.stop ? 'stopped' : 'deleted'}`)),
  );
  return conclude(run, outcomes);
}

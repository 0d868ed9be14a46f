import type { Command } from 'commander';
import { DEFAULT_CLUSTER_NAME } from '../config/cluster-spec.ts';
import type { Engine } from '../engine/engine.ts';
import {
  defaultKubeconfigPath,
  mergeIntoFile,
  standalonePath,
  writeKubeconfigFile,
} from '../engine/kubeconfig/file.ts';
import { kubeconfigOf } from '../engine/kubeconfig/of-cluster.ts';
import type { Cluster } from '../engine/model.ts';
import { refuseReadOnly } from '../engine/read-only.ts';
import { K3duiError, toK3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { flag, handle, type Run, type Session } from './command.ts';
import { clusterNamed, picture } from './picture.ts';
import { conclude, type Outcome } from './run-plans.ts';

interface GetFlags {
  all?: boolean;
}

interface MergeFlags extends GetFlags {
  output?: string;
  kubeconfigMergeDefault?: boolean;
  update?: boolean;
  kubeconfigSwitchContext?: boolean;
  overwrite?: boolean;
  dryRun?: boolean;
}

/** `kubeconfig get|merge|write`. k3d cmd/kubeconfig. */
export function addKubeconfigCommands(program: Command, session: Session): Command {
  const kubeconfig = program.command('kubeconfig').description('print and write kubeconfigs');

  const get = kubeconfig
    .command('get [CLUSTER...]')
    .aliases(['print', 'show'])
    .description('print the kubeconfigs of clusters');
  flag(get, '-a, --all', 'those of all clusters');
  handle(get, session, getKubeconfigs);

  const merge = kubeconfig
    .command('merge [CLUSTER...]')
    .alias('write')
    .description(
      `write kubeconfigs to files of their own, or merge them into one; without a name: ${DEFAULT_CLUSTER_NAME}`,
    )
    .option('-o, --output <file>', 'merge into this file; - prints');
  flag(merge, '-a, --all', 'those of all clusters');
  flag(merge, '-d, --kubeconfig-merge-default', 'merge into the default kubeconfig (KUBECONFIG, else ~/.kube/config)');
  flag(merge, '-u, --update', 'replace entries of the same name (default: yes)');
  flag(merge, '-s, --kubeconfig-switch-context', "make the cluster's the current context (default: yes)");
  flag(merge, '--overwrite', 'throw away what is in the file');
  flag(merge, '--dry-run', 'say what would be written, and do nothing');
  handle(merge, session, mergeKubeconfigs);
  return kubeconfig;
}

/** Prints each after a line `---`. One that cannot be had does not hide the others; exit code 1 then. */
async function getKubeconfigs(run: Run<GetFlags>): Promise<number> {
  const { args, flags, io } = run;
  if (args.length > 0 === (flags.all === true)) {
    throw new K3duiError({
      code: 'USAGE',
      message: 'need one or more cluster names, or --all',
      hint: 'k3dui kubeconfig get NAME',
    });
  }
  const engine = await run.engine();
  const fetched = await fetchAll(engine, await chosen(run, engine), io.interrupts.signal);
  for (const { text } of fetched) if (text !== undefined) io.stdout.write(`---\n${text}`);
  return conclude(run, fetched);
}

/** Writes or merges each and prints the files, joined by colons so that KUBECONFIG can take them. */
async function mergeKubeconfigs(run: Run<MergeFlags>): Promise<number> {
  const { flags, io } = run;
  if (flags.kubeconfigMergeDefault && flags.output) {
    throw new K3duiError({
      code: 'USAGE',
      message: '--output and --kubeconfig-merge-default exclude each other',
      hint: 'give one or the other',
    });
  }
  const engine = await run.engine();
  const fetched = await fetchAll(engine, await chosen(run, engine), io.interrupts.signal);
  const outcomes: Outcome[] = [];
  const paths = new Set<string>();
  // One after the other: several may go into the same file, and the last one's context becomes current.
  for (const { name, text, error } of fetched) {
    if (text === undefined) {
      outcomes.push({ name, error });
      continue;
    }
    try {
      if (flags.output === '-') io.stdout.write(`${outcomes.length > 0 ? '---\n' : ''}${text}`);
      else if (flags.dryRun)
        io.stdout.write(`${sanitise(whatIsWritten(name, await pathFor(engine, name, flags), flags))}\n`);
      else paths.add(await writeOne(engine, name, text, flags, paths));
      outcomes.push({ name });
    } catch (error) {
      outcomes.push({ name, error: toK3duiError(error) });
    }
  }
  if (paths.size > 0) io.stdout.write(`${[...paths].join(':')}\n`);
  return conclude(run, outcomes);
}

/** Gives the file it went to. `--overwrite` throws away what was there before this command, not what it wrote itself. */
async function writeOne(
  engine: Engine,
  name: string,
  text: string,
  flags: MergeFlags,
  written: Set<string>,
): Promise<string> {
  refuseReadOnly(engine, `writing the kubeconfig of ${name}`);
  const path = await pathFor(engine, name, flags);
  if (flags.overwrite && !written.has(path)) await writeKubeconfigFile(path, text);
  else {
    await mergeIntoFile(path, text, {
      overwrite: flags.update ?? true,
      switchContext: flags.kubeconfigSwitchContext ?? true,
    });
  }
  return path;
}

async function pathFor({ env }: Engine, name: string, flags: MergeFlags): Promise<string> {
  if (flags.kubeconfigMergeDefault) return defaultKubeconfigPath(env);
  return flags.output || standalonePath(env, name);
}

/** For `--dry-run`. */
function whatIsWritten(name: string, path: string, flags: MergeFlags): string {
  if (flags.overwrite) return `replace ${path} by the kubeconfig of ${name}`;
  const more = [
    (flags.update ?? true) ? '' : ', unless it has entries of that name',
    (flags.kubeconfigSwitchContext ?? true) ? `, make k3d-${name} its current context` : '',
  ];
  return `merge the kubeconfig of ${name} into ${path}${more.join('')}`;
}

async function chosen(run: Run<GetFlags>, engine: Engine): Promise<Cluster[]> {
  const snapshot = await picture(engine, run.io.interrupts.signal);
  if (run.flags.all) return snapshot.clusters;
  const names = run.args.length > 0 ? [...new Set(run.args)] : [DEFAULT_CLUSTER_NAME];
  return names.map(name => clusterNamed(snapshot, name));
}

/** Side by side, in the order asked for. */
function fetchAll(engine: Engine, clusters: Cluster[], signal: AbortSignal): Promise<(Outcome & { text?: string })[]> {
  return Promise.all(
    clusters.map(cluster =>
      kubeconfigOf(engine, cluster, { signal }).then(
        text => ({ name: cluster.name, text }),
        error => ({ name: cluster.name, error: toK3duiError(error) }),
      ),
    ),
  );
}

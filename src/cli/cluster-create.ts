import { dirname } from 'node:path';
import { type ClusterSpec, defaultClusterSpec } from '../config/cluster-spec.ts';
import { commandLine } from '../config/command-line.ts';
import { DEFAULT_K3S_IMAGE } from '../config/default-image.ts';
import { specFromConfig } from '../config/file/to-spec.ts';
import { STDIN } from '../engine/cluster/config-file.ts';
import { checkClusterSpec, factsForCreate, planClusterCreate } from '../engine/cluster/create.ts';
import { gatherFacts } from '../engine/cluster/facts.ts';
import { lastRequest, rememberRequest } from '../engine/cluster/last-request.ts';
import { planClusterRecreate, withoutCluster } from '../engine/cluster/recreate.ts';
import type { Engine } from '../engine/engine.ts';
import { contextName } from '../engine/names.ts';
import { K3duiError, toK3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { askFor } from './ask.ts';
import { type CreateFlags, clusterSpecFromFlags } from './cluster-flags.ts';
import type { Run } from './command.ts';
import { configFromFlags } from './config-file.ts';
import { picture } from './picture.ts';
import { printPlan } from './print-plan.ts';
import { throwProblems } from './problems.ts';
import { conclude, runPlans } from './run-plans.ts';

export interface ClusterCreateFlags extends CreateFlags {
  likeLast?: boolean;
  replace?: boolean;
  yes?: boolean;
  dryRun?: boolean;
  output?: string;
}

/** `cluster create [NAME]`. k3d cmd/cluster/clusterCreate.go; `--like-last` and `--replace` are ours. */
export async function createCluster(run: Run<ClusterCreateFlags>): Promise<number> {
  const { args, flags, io, log } = run;
  const asked = { env: io.env, defaultImage: DEFAULT_K3S_IMAGE };
  if (flags.likeLast && flags.config) {
    throw new K3duiError({
      code: 'USAGE',
      message: '--like-last and --config cannot be used together',
      hint: 'the last cluster is one request, the file another: take one of them, and flags for what differs',
    });
  }
  const config = flags.likeLast ? undefined : await configFromFlags(run);
  const defaults = defaultClusterSpec(DEFAULT_K3S_IMAGE);
  const fromFile = config && specFromConfig(config.config, config.files, defaults);
  const early = flags.likeLast ? undefined : clusterSpecFromFlags(args[0], flags, { ...asked, config: fromFile });
  const engine = await run.engine();
  const spec = early ?? clusterSpecFromFlags(args[0], flags, { ...asked, config: await likeLast(run, engine) });
  const { signal } = io.interrupts;
  const { clusters } = await picture(engine, signal);
  const existing = flags.replace ? clusters.find(({ name }) => name === spec.name) : undefined;
  const facts = await gatherFacts(engine, factsForCreate(spec, engine.env), { signal });
  throwProblems(checkClusterSpec(spec, existing ? withoutCluster(existing, facts) : facts), log);
  const plan = existing ? planClusterRecreate(spec, existing, facts) : planClusterCreate(spec, facts);
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  if (existing && !flags.yes)
    await askFor(io, `Delete cluster '${sanitise(spec.name)}' with all that is in it, and create it anew?`);
  const outcomes = await runPlans(run, engine, [{ name: spec.name, plan }], name =>
    log.info(`Cluster '${name}' created successfully!`),
  );
  const exitCode = conclude(run, outcomes);
  await remember(run, engine, spec, config?.path);
  explainUse(run, spec);
  return exitCode;
}

/** The request for the last cluster; says what of it was not kept. Throws LAST_REQUEST_NONE, LAST_REQUEST_UNUSABLE. */
async function likeLast({ flags, log }: Run<ClusterCreateFlags>, { env }: Engine): Promise<ClusterSpec> {
  const last = await lastRequest(env);
  if (!last) {
    throw new K3duiError({
      code: 'LAST_REQUEST_NONE',
      message: 'no cluster was created yet that this one could be like',
      hint: 'create one with its flags; or make one like a cluster that is there: k3dui cluster clone NAME NEW',
    });
  }
  // Nothing but the plan where a program reads it.
  if (!flags.output) log.info(sanitise(`Like the last cluster that was created, '${last.spec.name}'`));
  for (const what of last.missing) log.warn(sanitise(`not kept from the last time: ${what}`));
  return last.spec;
}

/** Keeps the request for the next time; that it cannot be kept is no reason to fail. */
async function remember({ log }: Run<object>, { env }: Engine, spec: ClusterSpec, file = STDIN): Promise<void> {
  try {
    await rememberRequest(env, spec, file === STDIN ? '.' : dirname(file));
  } catch (error) {
    log.debug(sanitise(toK3duiError(error).message));
  }
}

/** How to reach the cluster with kubectl, as k3d says it; the commands alone, so that they can be copied. */
function explainUse({ io, log }: Run<object>, spec: ClusterSpec): void {
  const commands: string[] = [];
  if (!spec.updateDefaultKubeconfig) commands.push(`export KUBECONFIG=$(k3dui kubeconfig write ${spec.name})`);
  else if (!spec.switchContext) commands.push(commandLine`kubectl config use-context ${contextName(spec.name)}`);
  commands.push('kubectl cluster-info');
  log.write('info', 'You can now use it like this:', { commands });
  if (!log.json) io.stdout.write(`${commands.join('\n')}\n`);
}

import { type ClusterSpec, defaultClusterSpec } from '../config/cluster-spec.ts';
import { DEFAULT_K3S_IMAGE } from '../config/default-image.ts';
import { specFromConfig } from '../config/file/to-spec.ts';
import { checkClusterSpec, factsForCreate, planClusterCreate } from '../engine/cluster/create.ts';
import { gatherFacts } from '../engine/cluster/facts.ts';
import { type CreateFlags, clusterSpecFromFlags } from './cluster-flags.ts';
import type { Run } from './command.ts';
import { configFromFlags } from './config-file.ts';
import { picture } from './picture.ts';
import { printPlan } from './print-plan.ts';
import { throwProblems } from './problems.ts';
import { conclude, runPlans } from './run-plans.ts';

export interface ClusterCreateFlags extends CreateFlags {
  dryRun?: boolean;
  output?: string;
}

/** `cluster create [NAME]`. k3d cmd/cluster/clusterCreate.go. */
export async function createCluster(run: Run<ClusterCreateFlags>): Promise<number> {
  const { args, flags, io, log } = run;
  const config = await configFromFlags(run);
  const defaults = defaultClusterSpec(DEFAULT_K3S_IMAGE);
  const spec = clusterSpecFromFlags(args[0], flags, {
    env: io.env,
    defaultImage: DEFAULT_K3S_IMAGE,
    ...(config && { config: specFromConfig(config.config, config.files, defaults) }),
  });
  const engine = await run.engine();
  const { signal } = io.interrupts;
  await picture(engine, signal);
  const facts = await gatherFacts(engine, factsForCreate(spec, engine.env), { signal });
  throwProblems(checkClusterSpec(spec, facts), log);
  const plan = planClusterCreate(spec, facts);
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const outcomes = await runPlans(run, engine, [{ name: spec.name, plan }], name =>
    log.info(`Cluster '${name}' created successfully!`),
  );
  const exitCode = conclude(run, outcomes);
  explainUse(run, spec);
  return exitCode;
}

/** How to reach the cluster with kubectl, as k3d says it; the commands alone, so that they can be copied. */
function explainUse({ io, log }: Run<object>, spec: ClusterSpec): void {
  const commands: string[] = [];
  if (!spec.updateDefaultKubeconfig) commands.push(`export KUBECONFIG=$(k3dui kubeconfig write ${spec.name})`);
  else if (!spec.switchContext) commands.push(`kubectl config use-context k3d-${spec.name}`);
  commands.push('kubectl cluster-info');
  log.write('info', 'You can now use it like this:', { commands });
  if (!log.json) io.stdout.write(`${commands.join('\n')}\n`);
}

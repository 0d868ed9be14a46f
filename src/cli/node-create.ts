import type { Command } from 'commander';
import { DEFAULT_CLUSTER_NAME } from '../config/cluster-spec.ts';
import { parseUlimit } from '../config/ulimits.ts';
import { checkNodeRequest, planNodeCreate } from '../engine/node/create.ts';
import { gatherNodeFacts } from '../engine/node/facts.ts';
import { defaultNodeRequest, type NodeRequest } from '../engine/node/request.ts';
import { targetNamed } from '../engine/node/target.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import { timeLimit } from './cluster-flags.ts';
import { addDryRunFlags, collect, flag, type Run, wholeNumber } from './command.ts';
import { explain, SEVERAL } from './explain.ts';
import { picture } from './picture.ts';
import { printPlan } from './print-plan.ts';
import { throwProblems } from './problems.ts';
import { conclude, runPlans } from './run-plans.ts';

export interface NodeCreateFlags {
  cluster?: string;
  role?: string;
  replicas?: number;
  image?: string;
  memory?: string;
  wait?: boolean;
  timeout?: string;
  runtimeLabel?: string[];
  runtimeUlimit?: string[];
  k3sNodeLabel?: string[];
  network?: string[];
  k3sArg?: string[];
  token?: string;
  dryRun?: boolean;
  output?: string;
}

/** k3d 5.9's flags of `node create`. k3d cmd/node/nodeCreate.go. */
export function addNodeCreateFlags(command: Command): void {
  command
    .option(
      '-c, --cluster <cluster>',
      `cluster to join, or the URL of one elsewhere (default: ${DEFAULT_CLUSTER_NAME})`,
    )
    .option('--role <role>', 'server or agent (default: agent)')
    .option('--replicas <count>', 'how many (default: 1)', wholeNumber('--replicas'))
    .option('-i, --image <image>', "k3s image, or latest, stable, +CHANNEL (default: as the cluster's nodes)")
    .option('--memory <size>', 'memory limit, for example 2g')
    .option('--runtime-label <label>', 'container label, KEY[=VALUE] *', collect)
    .option('--runtime-ulimit <limit>', 'container limit, NAME=SOFT:HARD *', collect)
    .option('--k3s-node-label <label>', 'Kubernetes node label, KEY[=VALUE] *', collect)
    .option('--k3s-arg <argument>', 'argument for k3s *', collect)
    .option('-n, --network <network>', 'join this network too *', collect)
    .option('-t, --token <token>', "the cluster's secret; needed for a cluster elsewhere")
    .option('--timeout <duration>', 'how long it may take before all is undone, for example 5m');
  flag(command, '--wait', 'wait until the nodes have joined (default: yes; --wait=false: only until they run)');
  addDryRunFlags(command);
  explain(command, SEVERAL, 'NAME gives k3d-NAME-0 and so on, with the lowest numbers that are free.');
}

/** `node create NAME`. */
export async function createNodes(run: Run<NodeCreateFlags>): Promise<number> {
  const { args, flags, io, log } = run;
  const request = nodeRequestFromFlags(args[0] ?? '', flags);
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const snapshot = await picture(engine, signal);
  const target = targetNamed(flags.cluster || DEFAULT_CLUSTER_NAME, snapshot.clusters);
  const facts = await gatherNodeFacts(engine, 'url' in target ? undefined : target, request, { signal });
  throwProblems(checkNodeRequest(target, request, facts), log);
  const plan = planNodeCreate(target, request, facts);
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const where = 'url' in target ? `the remote cluster '${target.url}'` : `the runtime local cluster '${target.name}'`;
  log.info(sanitise(`Adding ${request.replicas} node(s) to ${where}...`));
  const outcomes = await runPlans(run, engine, [{ name: request.name, plan }], () =>
    log.info(`Successfully created ${request.replicas} node(s)!`),
  );
  return conclude(run, outcomes);
}

/** The flags as a request. Throws USAGE, NODE_ROLE_UNKNOWN, ULIMIT_INVALID, DURATION_INVALID. */
export function nodeRequestFromFlags(name: string, flags: NodeCreateFlags): NodeRequest {
  const { role = 'agent' } = flags;
  if (role !== 'agent' && role !== 'server') {
    const helper = role === 'loadbalancer' || role === 'registry';
    throw new K3duiError({
      code: 'NODE_ROLE_UNKNOWN',
      message: helper ? `a node with the role '${role}' cannot join a cluster` : `Unknown node role '${role}'`,
      hint: role === 'registry' ? 'make one with: k3dui registry create' : 'use --role agent or --role server',
    });
  }
  // pflag's StringSlice: commas separate too.
  const list = (values: string[] | undefined) => (values ?? []).flatMap(value => value.split(','));
  return {
    ...defaultNodeRequest(name),
    role,
    replicas: flags.replicas ?? 1,
    ...(flags.image && { image: flags.image }),
    ...(flags.memory && { memory: flags.memory }),
    wait: flags.wait ?? true,
    ...timeLimit(flags.timeout),
    runtimeLabels: list(flags.runtimeLabel),
    runtimeUlimits: list(flags.runtimeUlimit).map(parseUlimit),
    k3sNodeLabels: list(flags.k3sNodeLabel),
    networks: list(flags.network),
    k3sArgs: flags.k3sArg ?? [],
    ...(flags.token && { token: flags.token }),
  };
}

import type { Plan } from '../engine/plan.ts';
import {
  type ConnectFacts,
  gatherConnectFacts,
  planRegistryConnect,
  planRegistryDisconnect,
} from '../engine/registry/connect.ts';
import type { Registry } from '../engine/registry/model.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import type { Run } from './command.ts';
import { clusterNamed, picture } from './picture.ts';
import { printPlan } from './print-plan.ts';
import { registryNamed } from './registry-list.ts';
import { conclude, runPlans } from './run-plans.ts';

export interface RegistryConnectFlags {
  cluster?: string[];
  dryRun?: boolean;
  output?: string;
}

export function connectRegistry(run: Run<RegistryConnectFlags>): Promise<number> {
  return change(run, planRegistryConnect, 'Connected');
}

export function disconnectRegistry(run: Run<RegistryConnectFlags>): Promise<number> {
  return change(run, planRegistryDisconnect, 'Disconnected');
}

async function change(
  run: Run<RegistryConnectFlags>,
  planFor: (registry: Registry, facts: ConnectFacts) => Plan,
  done: string,
): Promise<number> {
  const { args, flags, io, log } = run;
  if (!flags.cluster || flags.cluster.length === 0) {
    throw new K3duiError({
      code: 'USAGE',
      message: 'no cluster is named',
      hint: 'say which: --cluster NAME; see them: k3dui cluster list',
    });
  }
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const snapshot = await picture(engine, signal);
  const registry = registryNamed(snapshot, args[0] ?? '');
  const clusters = [...new Set(flags.cluster)].map(name => clusterNamed(snapshot, name));
  const plan = planFor(registry, await gatherConnectFacts(engine, registry, clusters, { signal }));
  if (flags.dryRun) {
    await printPlan(io.stdout, plan, flags.output);
    return 0;
  }
  const names = clusters.map(({ name }) => sanitise(name)).join(', ');
  const { name } = registry.node;
  const outcomes = await runPlans(run, engine, [{ name, plan }], () =>
    log.info(`${done} registry '${sanitise(name)}': ${names}`),
  );
  return conclude(run, outcomes);
}

import { commandLine } from '../../config/command-line.ts';
import type { Call } from '../../docker/docker.ts';
import { planClusterDelete } from '../cluster/delete.ts';
import { gatherFacts } from '../cluster/facts.ts';
import { containerName } from '../container-name.ts';
import type { Engine } from '../engine.ts';
import { contextName } from '../names.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import type { Leftover } from './leftover.ts';

/** Seconds for the whole. */
const TIMEOUT = 180;

/** Reads what the plan needs and makes it. Throws what Docker throws. */
export async function leftoversPlan(engine: Engine, chosen: readonly Leftover[], call: Call = {}): Promise<Plan> {
  const facts = await gatherFacts(engine, {}, call);
  const whole = chosen.flatMap(({ whole: cluster }) => (cluster ? [planClusterDelete(cluster, facts)] : []));
  const attached = new Map(
    chosen
      .filter(({ kind }) => kind === 'network')
      .map(({ target, name }) => [
        target,
        facts.containers
          .filter(({ NetworkSettings }) => name in (NetworkSettings?.Networks ?? {}))
          .map(container => ({ id: container.Id, name: containerName(container) })),
      ]),
  );
  return planLeftovers(chosen, attached, whole);
}

/**
 * Removes exactly these: containers first, then what they used. Each by itself: one that cannot be removed keeps no
 * other. Pure.
 * @param attached containers on each network that is to go, by the network's id
 * @param whole plans for clusters that never came to be
 */
function planLeftovers(
  chosen: readonly Leftover[],
  attached: ReadonlyMap<string, readonly { id: string; name: string }[]>,
  whole: readonly Plan[] = [],
): Plan {
  const steps: PlannedStep[] = whole.flatMap(plan => plan.steps.map(step => prefixed(step, plan.title)));
  const clusters = steps.map(step => step.id);
  const of = (kind: Leftover['kind']) => chosen.filter(leftover => leftover.kind === kind);
  const containers = of('container').map(
    ({ name, target }): PlannedStep => ({
      id: `remove ${target}`,
      title: 'remove',
      subject: name,
      after: [],
      action: { kind: 'container.remove', container: target },
      optional: true,
    }),
  );
  const emptied = [...clusters, ...containers.map(step => step.id)];
  steps.push(...containers);
  const goes = new Set(of('container').map(({ target }) => target));
  for (const { name, target } of of('network')) {
    const leave = (attached.get(target) ?? [])
      .filter(({ id }) => !goes.has(id))
      .map(
        (container): PlannedStep => ({
          id: `leave ${target} ${container.id}`,
          title: `leave network ${name}`,
          subject: container.name,
          after: emptied,
          action: { kind: 'network.disconnect', network: target, container: container.id },
          optional: true,
        }),
      );
    steps.push(...leave, {
      id: `remove network ${target}`,
      title: `remove network ${name}`,
      after: [...emptied, ...leave.map(step => step.id)],
      action: { kind: 'network.remove', network: target },
      optional: true,
    });
  }
  for (const { name, target } of of('volume')) {
    steps.push({
      id: `remove volume ${target}`,
      title: `remove volume ${name}`,
      after: emptied,
      action: { kind: 'volume.remove', name: target },
      optional: true,
    });
  }
  for (const { kind, name, target } of [...of('folder'), ...of('file')]) {
    steps.push({
      id: `remove ${target}`,
      title: `remove ${kind} ${name}`,
      after: [],
      action: { kind: 'host.remove', path: target },
      optional: true,
    });
  }
  // One file at a time is changed by one step at a time.
  let before: string[] = [];
  for (const { name, target, file } of of('kubeconfig')) {
    const id = `remove kubeconfig ${name}`;
    steps.push({
      id,
      title: `remove kubeconfig entry ${name}`,
      after: before,
      action: { kind: 'kubeconfig.remove', cluster: target, file },
      optional: true,
    });
    before = [id];
  }
  const fresh = chosen.filter(leftover => leftover.fresh !== undefined);
  return {
    title: chosen.length === 1 ? `remove ${chosen[0]!.kind} ${chosen[0]!.name}` : `remove ${chosen.length} leftovers`,
    command: commandLine`k3dui leftovers remove ${chosen.map(calledOf)}`,
    steps,
    warnings: [
      ...whole.flatMap(plan => plan.warnings),
      ...fresh.map(({ kind, name, fresh: why }) => `${kind} ${name}: ${why}`),
    ],
    onFailure: 'keep',
    timeoutSeconds: TIMEOUT,
    secrets: whole.flatMap(plan => plan.secrets),
  };
}

/** What `leftovers remove` knows it by. */
function calledOf({ kind, name, target, file }: Leftover): string {
  if (file) return contextName(target);
  return kind === 'file' || kind === 'folder' ? target : name;
}

/** Steps of a plan inside another: their ids must not meet. */
function prefixed(step: PlannedStep, prefix: string): PlannedStep {
  const name = (id: string) => `${prefix}: ${id}`;
  return { ...step, id: name(step.id), after: step.after.map(name), optional: true };
}

import type { Docker } from '../../docker/docker.ts';
import { K3duiError, toK3duiError } from '../../errors.ts';
import { bareName } from '../container-name.ts';
import type { HandOver } from '../plan.ts';
import { waitUntilServing } from '../ready/serving.ts';
import type { StepContext } from '../step.ts';
import { leaveNetwork } from './network.ts';
import type { Run } from './perform.ts';
import { stubbornly } from './stubbornly.ts';

/** How long the old one may take to serve again after a failure; k3d's own entry point alone sleeps six seconds. */
const RESTORE_LIMIT_MS = 20_000;
const SERVING_LIMIT_MS = 5000;

/**
 * The fresh load balancer, which already runs beside the old one, takes its place. A host port can belong to one
 * container only, so the old one is ended and in the next call the fresh one joins the cluster's network, at which Docker
 * publishes its ports: that is all the time that connections fail. If anything fails before the fresh one has proved
 * itself, the old one comes back and proves that it serves.
 */
export async function handOver(docker: Docker, action: HandOver, run: Run, context: StepContext): Promise<void> {
  const { old, fresh, name, aside, networks, running } = action;
  const freshId = run.made.get(fresh) ?? (await docker.inspectContainer(fresh, context)).Id;
  const before = await docker.inspectContainer(old, context);
  const oldName = bareName(before.Name);
  const wasRunning = before.State.Running;
  let state: 'trying' | 'committed' | 'restored' = 'trying';

  const restore = async (): Promise<void> => {
    if (state === 'restored') return;
    if (state === 'committed') return tidyAfterHandOver(docker, { container: freshId, old, standby: action.standby });
    state = 'restored';
    if (running) await stubbornly(() => docker.stopContainer(freshId, { timeoutSeconds: 0 }));
    if (wasRunning) await stubbornly(() => docker.startContainer(old));
    await nameIs(docker, freshId, fresh);
    await nameIs(docker, old, oldName);
    if (wasRunning) await waitUntilServing(docker, old, AbortSignal.timeout(RESTORE_LIMIT_MS));
  };
  // For a cancel after this step; a failure within it is put right at once, without waiting for evidence to be kept.
  context.onUndo(restore);

  try {
    if (oldName === name) await docker.renameContainer(old, aside);
    await docker.renameContainer(freshId, name);
    context.signal.throwIfAborted();
    if (running) {
      const begin = performance.now();
      context.report({ text: 'the old one ends' });
      // Its connections end here with a proper goodbye, which taking it off the network would not give them.
      await docker.stopContainer(old, { timeoutSeconds: 0 });
      for (const network of networks) {
        await docker.connectNetwork(network.name, freshId, network.ipv4 ? { ipv4: network.ipv4 } : undefined);
      }
      const limit = AbortSignal.any([context.signal, AbortSignal.timeout(SERVING_LIMIT_MS)]);
      await waitUntilServing(docker, freshId, limit, { sinceStart: false });
      context.report({ text: `ports were closed for ${((performance.now() - begin) / 1000).toFixed(2)} s` });
    }
    context.signal.throwIfAborted();
    state = 'committed';
    context.commit();
    run.kept.add(freshId);
    run.made.delete(fresh);
    run.made.set(name, freshId);
  } catch (thrown) {
    throw await afterRestore(toK3duiError(thrown), restore, oldName, wasRunning);
  }
}

/** The error that ended it, with what became of the old one. */
async function afterRestore(
  error: K3duiError,
  restore: () => Promise<void>,
  oldName: string,
  wasRunning: boolean,
): Promise<K3duiError> {
  const { code, hint, cause, exitCode } = error;
  try {
    await restore();
    const message = `${error.message}; nothing was changed: ${wasRunning ? 'the load balancer before serves again' : 'the load balancer is as it was'}`;
    return new K3duiError({ code, message, hint, cause, exitCode });
  } catch (second) {
    return new K3duiError({
      code: 'LB_NOT_RESTORED',
      message: `${error.message}; and the load balancer before could not be brought back: ${toK3duiError(second).message}`,
      hint: `try: docker start ${oldName}; then run this command again`,
      cause: error,
    });
  }
}

async function nameIs(docker: Docker, id: string, name: string): Promise<void> {
  await stubbornly(async () => {
    const { Name } = await docker.inspectContainer(id);
    if (bareName(Name) !== name) await docker.renameContainer(id, name);
  });
}

/** Removes what is not needed any more. Does nothing about what is gone already. */
export async function tidyAfterHandOver(
  docker: Docker,
  what: { container: string; old: string; standby?: string },
): Promise<void> {
  const { container, old, standby } = what;
  const done = await Promise.allSettled([
    stubbornly(() => docker.removeContainer(old, { force: true })),
    leaveStandby(docker, container, standby),
  ]);
  for (const each of done) if (each.status === 'rejected') throw each.reason;
}

async function leaveStandby(docker: Docker, container: string, standby: string | undefined): Promise<void> {
  if (standby === undefined) return;
  await leaveNetwork(docker, { network: standby, container });
  await stubbornly(() => docker.removeNetwork(standby));
}

import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { labelsMatch, parseFilters } from '../filters.ts';
import { isUp, normalSignal, removeContainer, sendSignal, startContainer, stopContainer } from '../life.ts';
import type { Container, HostConfig } from '../types.ts';
import type { Route } from './routes.ts';

const start = async (call: Call): Promise<void> => {
  const container = call.world.container(call.params[0]!);
  if (container.status === 'paused') throw new ApiError(409, 'cannot start a paused container, try unpause instead');
  if (container.status === 'running') return call.empty(304);
  if (container.status === 'removing' || container.status === 'dead') {
    throw new ApiError(409, 'container is marked for removal and cannot be started');
  }
  // Docker counts restarts of its own since somebody started it.
  container.restartCount = 0;
  await startContainer(call.world, container);
  call.empty(204);
};

const graceSeconds = (call: Call, container: Container): number =>
  Number(call.query.get('t') ?? container.config.StopTimeout ?? 10);

const stop = async (call: Call): Promise<void> => {
  const container = call.world.container(call.params[0]!);
  const stopped = await stopContainer(
    call.world,
    container,
    graceSeconds(call, container),
    call.query.get('signal') ?? undefined,
  );
  call.empty(stopped ? 204 : 304);
};

const restart = async (call: Call): Promise<void> => {
  const container = call.world.container(call.params[0]!);
  await stopContainer(call.world, container, graceSeconds(call, container), call.query.get('signal') ?? undefined);
  // Docker counts restarts of its own since somebody started it.
  container.restartCount = 0;
  await startContainer(call.world, container);
  call.world.events.container('restart', container);
  call.empty(204);
};

const kill = (call: Call): void => {
  const container = call.world.container(call.params[0]!);
  const signal = call.query.get('signal') || 'SIGKILL';
  if (!container.program) {
    throw new ApiError(409, `cannot kill container: ${call.params[0]}: container ${container.id} is not running`);
  }
  if (!/^(SIG)?[A-Z0-9+-]+$|^\d+$/i.test(signal)) throw new ApiError(400, `invalid signal: ${signal}`);
  if (['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT'].includes(normalSignal(signal))) container.stoppedByHand = true;
  sendSignal(call.world, container, signal);
  call.empty(204);
};

const pause = (call: Call): void => {
  const container = call.world.container(call.params[0]!);
  if (container.status === 'paused') throw new ApiError(409, `Container ${container.id} is already paused`);
  if (container.status !== 'running') throw new ApiError(409, `Container ${container.id} is not running`);
  container.status = 'paused';
  call.world.events.container('pause', container);
  call.empty(204);
};

const unpause = (call: Call): void => {
  const container = call.world.container(call.params[0]!);
  if (container.status !== 'paused') throw new ApiError(500, `Container ${container.id} is not paused`);
  container.status = 'running';
  call.world.events.container('unpause', container);
  call.empty(204);
};

const rename = (call: Call): void => {
  const container = call.world.container(call.params[0]!);
  const name = (call.query.get('name') ?? '').replace(/^\//, '');
  if (!name) throw new ApiError(400, 'Neither old nor new names may be empty');
  if (name === container.name) throw new ApiError(400, 'Renaming a container with the same name as its current name');
  const oldName = `/${container.name}`;
  call.world.renameContainer(container, name);
  call.world.events.container('rename', container, { oldName });
  call.empty(204);
};

const remove = async (call: Call): Promise<void> => {
  const container = call.world.container(call.params[0]!);
  if (container.status === 'removing') {
    throw new ApiError(409, `removal of container ${call.params[0]} is already in progress`);
  }
  if (isUp(container) && !call.flag('force')) {
    const state = container.status === 'running' ? 'running' : container.status;
    const hint =
      state === 'paused'
        ? 'container is paused and must be unpaused first'
        : `container is ${state}: stop the container before removing or force remove`;
    throw new ApiError(409, `cannot remove container "/${container.name}": ${hint}`);
  }
  await removeContainer(call.world, container, call.flag('v'));
  call.empty(204);
};

const update = async (call: Call): Promise<void> => {
  const container = call.world.container(call.params[0]!);
  const body = await call.body<HostConfig>();
  Object.assign(container.hostConfig, body);
  call.world.events.container('update', container);
  call.json(200, { Warnings: null });
};

const wait = async (call: Call): Promise<void> => {
  const container = call.world.container(call.params[0]!);
  const nextExit = call.query.get('condition') === 'next-exit';
  call.stream('application/json');
  if (!nextExit && !container.program && container.status !== 'restarting' && container.status !== 'created') {
    call.res.end(`${JSON.stringify({ StatusCode: container.exitCode })}\n`);
    return;
  }
  const done = (StatusCode: number) => call.res.end(`${JSON.stringify({ StatusCode })}\n`);
  container.waiters.add(done);
  call.onGone(() => container.waiters.delete(done));
};

const prune = async (call: Call): Promise<void> => {
  const filters = parseFilters(call.query.get('filters'));
  const gone = [...call.world.containers.values()].filter(c => !isUp(c) && labelsMatch(filters, c.config.Labels));
  for (const container of gone) await removeContainer(call.world, container, false);
  call.json(200, { ContainersDeleted: gone.map(container => container.id), SpaceReclaimed: gone.length * 4096 });
};

export const lifeRoutes: Route[] = [
  ['POST', '/containers/prune', prune],
  ['POST', '/containers/*/start', start],
  ['POST', '/containers/*/stop', stop],
  ['POST', '/containers/*/restart', restart],
  ['POST', '/containers/*/kill', kill],
  ['POST', '/containers/*/pause', pause],
  ['POST', '/containers/*/unpause', unpause],
  ['POST', '/containers/*/rename', rename],
  ['POST', '/containers/*/update', update],
  ['POST', '/containers/*/wait', wait],
  ['DELETE', '/containers/*', remove],
];

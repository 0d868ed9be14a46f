import { setTimeout as sleep } from 'node:timers/promises';
import type { Docker } from '../../docker/docker.ts';
import type { NetworkCreate, NetworkInspect } from '../../docker/types.ts';
import { isK3duiError, K3duiError, orGone } from '../../errors.ts';
import type { StepContext } from '../step.ts';
import { carries, made } from './made.ts';
import { stubbornly } from './stubbornly.ts';

const TRIES = 8;
/** Milliseconds, twice as many with every try. */
const PAUSE = 50;

/**
 * Makes a network, the only one of its name. Docker before version 25 looks whether the name is free and makes the
 * network later: two who ask at the same moment both get one. Whoever sees another's beside their own withdraws, and
 * tries again after a moment of their own choice; then Docker knows the name. Throws NAME_TAKEN.
 */
export async function createNetwork(
  docker: Docker,
  body: NetworkCreate,
  context: StepContext,
): Promise<NetworkInspect> {
  const { signal } = context;
  for (let tried = 1; ; tried++) {
    const id = await made(
      making => docker.createNetwork(body, { signal: making }),
      async () => {
        const found = await docker.inspectNetwork(body.Name);
        return found && carries(found.Labels, body.Labels) ? found.Id : undefined;
      },
      signal,
    );
    context.onUndo(() => removeUnusedNetwork(docker, id, body.Name));
    const there = (await docker.listNetworks({}, { signal })).filter(({ Name }) => Name === body.Name);
    const own = there.find(({ Id }) => Id === id);
    if (own && there.length === 1) return own;
    await stubbornly(() => docker.removeNetwork(id));
    if (tried === TRIES || !own) throw taken(body.Name);
    await sleep(PAUSE * 2 ** tried * Math.random(), undefined, { signal });
  }
}

function taken(name: string): K3duiError {
  return new K3duiError({
    code: 'NAME_TAKEN',
    message: `cannot create network ${name}: somebody else makes one of this name at the same time`,
    hint: 'see what there is (docker network ls), then try again or choose another name',
  });
}

/** A container and a network, by name or id. */
interface Membership {
  network: string;
  container: string;
}

/** Brings a container into a network. It is there also when the engine's answer is lost after it did it. */
export async function joinNetwork(
  docker: Docker,
  { network, container, ipv4 }: Membership & { ipv4?: string },
  signal: AbortSignal,
): Promise<void> {
  await made(
    async making => {
      await docker.connectNetwork(network, container, ipv4 === undefined ? undefined : { ipv4 }, { signal: making });
      return network;
    },
    async () => ((await isMember(docker, { network, container })) ? network : undefined),
    signal,
  );
}

/** Takes a container out of a network, stubbornly; done is also when it was not in it, or is gone. */
export async function leaveNetwork(docker: Docker, { network, container }: Membership): Promise<void> {
  await stubbornly(async () => {
    try {
      await docker.disconnectNetwork(network, container, { force: true });
    } catch (error) {
      if (await isMember(docker, { network, container })) throw error;
    }
  });
}

async function isMember(docker: Docker, { network, container }: Membership): Promise<boolean> {
  const found = await orGone(docker.inspectContainer(container));
  return Object.entries(found?.NetworkSettings.Networks ?? {}).some(
    ([name, { NetworkID }]) => name === network || NetworkID === network,
  );
}

/** Starts a container; as long as another's network of the same name is about to be withdrawn, Docker does not know which is meant. */
export async function startContainer(docker: Docker, container: string, signal: AbortSignal): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await docker.startContainer(container);
    } catch (error) {
      const ambiguous = isK3duiError(error, 'CONFLICT') && error.message.includes('is ambiguous');
      if (!ambiguous || tried === TRIES) throw error;
      await sleep(PAUSE * tried, undefined, { signal });
    }
  }
}

/**
 * Takes a network back. Somebody else who makes a cluster of this name may have taken it for a leftover and put a
 * container on it: then it is theirs. Docker would remove it from under a container that has not started yet.
 */
async function removeUnusedNetwork(docker: Docker, id: string, name: string): Promise<void> {
  const containers = await stubbornly(() => docker.listContainers());
  if (containers.some(({ NetworkSettings }) => name in (NetworkSettings?.Networks ?? {}))) return;
  await stubbornly(() => docker.removeNetwork(id));
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Docker } from '../../docker/docker.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import { K3duiError } from '../../errors.ts';
import { isLocal, reachableHost } from '../endpoint.ts';
import { connectTo } from '../ports/probe.ts';
import { waitUntilReady } from './ready.ts';

const CONNECT_LIMIT_MS = 500;
const PAUSE_MS = 20;

/**
 * Waits until nginx in the container has its workers (unless that is known) and every published TCP port takes a
 * connection from this machine. Throws LB_NOT_SERVING when the signal aborts by a time limit, naming the port.
 */
export async function waitUntilServing(
  docker: Docker,
  container: string,
  signal: AbortSignal,
  options: { sinceStart?: boolean } = {},
): Promise<void> {
  if (options.sinceStart !== false) {
    await waitUntilReady(docker, { check: 'loadbalancer', container }, signal, () => {});
  }
  const inspect = await docker.inspectContainer(container, { signal });
  await Promise.all(
    tcpAddresses(docker, inspect).map(async ({ host, port }) => {
      for (;;) {
        const { state } = await connectTo(host, port, CONNECT_LIMIT_MS);
        if (state === 'open') return;
        if (signal.aborted) {
          throw new K3duiError({
            code: 'LB_NOT_SERVING',
            message: `${host}:${port} does not take connections`,
            hint: 'something between this machine and Docker may block it: a firewall, or a network of another program',
            cause: signal.reason,
          });
        }
        await sleep(PAUSE_MS);
      }
    }),
  );
}

/** Published TCP ports as this machine reaches them; none where the engine is elsewhere, as a firewall may be between. */
function tcpAddresses(docker: Docker, inspect: ContainerInspect): { host: string; port: number }[] {
  const { endpoint } = docker;
  if (!isLocal(endpoint)) return [];
  return Object.entries(inspect.NetworkSettings.Ports ?? {}).flatMap(([key, bindings]) => {
    if (!key.endsWith('/tcp')) return [];
    return (bindings ?? []).flatMap(({ HostIp = '', HostPort = '' }) => {
      const port = Number(HostPort);
      // A binding on all addresses stands there twice; not every machine has IPv6.
      if (port === 0 || (HostIp === '::' && bindings!.some(other => other.HostIp === '0.0.0.0'))) return [];
      // The demo engine only pretends to have ports that need rights.
      if (endpoint.demo && port < 1024) return [];
      return [{ host: reachableHost({ host: '', hostIP: HostIp, port }, {}, endpoint), port }];
    });
  });
}

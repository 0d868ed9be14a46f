import { containerName } from '../container-name.ts';
import type { Facts } from './facts.ts';

/**
 * Who has a host port already, in words: `k3d-shop-serverlb (cluster shop)`, `nginx (812)`. undefined: it is free as
 * far as can be seen.
 * @param butNot ids of containers that do not count: the one that is about to give it up
 */
export function portOwner(
  facts: Facts,
  wanted: { hostIP: string; port: number; protocol: string },
  butNot: ReadonlySet<string> = new Set(),
): string | undefined {
  for (const container of facts.containers) {
    if (butNot.has(container.Id)) continue;
    const binding = container.Ports?.find(
      port =>
        port.PublicPort === wanted.port && port.Type === wanted.protocol && overlaps(port.IP ?? '', wanted.hostIP),
    );
    if (binding) {
      const name = containerName(container);
      const cluster = container.Labels?.['k3d.cluster'];
      return `container ${name}${cluster ? ` (cluster ${cluster})` : ''}`;
    }
  }
  const socket = facts.sockets.find(
    other => other.port === wanted.port && other.protocol === wanted.protocol && overlaps(other.address, wanted.hostIP),
  );
  return socket ? (socket.owner ?? 'a program of this machine') : undefined;
}

/**
 * The stopped containers that want a host port as soon as they start, in words. They hold nothing now, but could not
 * start beside whoever takes it. Needs facts with `stoppedPorts`.
 * @param butNot names of containers that do not count
 */
export function stoppedPortOwners(
  facts: Pick<Facts, 'stoppedPorts'>,
  wanted: { hostIP: string; port: number; protocol: string },
  butNot: ReadonlySet<string> = new Set(),
): string[] {
  const owners = (facts.stoppedPorts ?? []).filter(
    ({ container, hostIP, port, protocol }) =>
      !butNot.has(container) && port === wanted.port && protocol === wanted.protocol && overlaps(hostIP, wanted.hostIP),
  );
  return [...new Set(owners.map(({ container, cluster }) => `${container}${cluster ? ` (cluster ${cluster})` : ''}`))];
}

/** '', 0.0.0.0 and :: stand for every address. */
export function overlaps(a: string, b: string): boolean {
  const any = (ip: string) => ip === '' || ip === '0.0.0.0' || ip === '::';
  return any(a) || any(b) || a === b;
}

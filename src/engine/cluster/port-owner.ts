import type { Facts } from './facts.ts';

/**
 * Who has a host port already, in words: `k3d-shop-serverlb (cluster shop)`, `nginx (812)`. undefined: it is free as
 * far as can be seen.
 */
export function portOwner(
  facts: Facts,
  wanted: { hostIP: string; port: number; protocol: string },
): string | undefined {
  for (const container of facts.containers) {
    const binding = container.Ports?.find(
      port =>
        port.PublicPort === wanted.port && port.Type === wanted.protocol && overlaps(port.IP ?? '', wanted.hostIP),
    );
    if (binding) {
      const name = container.Names?.[0]?.replace(/^\//, '') ?? container.Id.slice(0, 12);
      const cluster = container.Labels?.['k3d.cluster'];
      return `container ${name}${cluster ? ` (cluster ${cluster})` : ''}`;
    }
  }
  const socket = facts.sockets.find(
    other => other.port === wanted.port && other.protocol === wanted.protocol && overlaps(other.address, wanted.hostIP),
  );
  return socket ? (socket.owner ?? 'a program of this machine') : undefined;
}

/** '', 0.0.0.0 and :: stand for every address. */
export function overlaps(a: string, b: string): boolean {
  const any = (ip: string) => ip === '' || ip === '0.0.0.0' || ip === '::';
  return any(a) || any(b) || a === b;
}

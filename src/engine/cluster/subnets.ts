import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { parseSubnet, subnetsOverlap } from '../../config/subnet.ts';
import { K3duiError } from '../../errors.ts';
import type { Facts } from './facts.ts';

/** Pieces of the private ranges that Docker too takes for its networks, with room for 4,000 nodes each. */
const CANDIDATES = [
  ...Array.from({ length: 14 * 16 }, (_, i) => `172.${18 + Math.floor(i / 16)}.${(i % 16) * 16}.0/20`),
  ...Array.from({ length: 16 }, (_, i) => `192.168.${i * 16}.0/20`),
];

/**
 * A subnet that no Docker network and no route of this machine uses. Which one depends on the cluster's name, so that
 * two creates at once do not both choose the first that is free. Throws SUBNET_NONE_FREE.
 */
export function freeSubnet(cluster: string, facts: Pick<Facts, 'networks' | 'routes'>): string {
  const networks = facts.networks.flatMap(network =>
    (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet && !Subnet.includes(':') ? [Subnet] : [])),
  );
  const used = [...facts.routes, ...networks].map(parseSubnet);
  const free = CANDIDATES.filter(candidate => !used.some(other => subnetsOverlap(parseSubnet(candidate), other)));
  const chosen = free[nameHash(cluster) % free.length];
  if (!chosen) {
    throw new K3duiError({
      code: 'SUBNET_NONE_FREE',
      message: 'no free subnet was found',
      hint: 'name one: --subnet 10.123.0.0/16',
    });
  }
  return chosen;
}

/** A number that differs from name to name (FNV-1a), for choices that should not all fall on the same. */
export function nameHash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return value;
}

/** Subnets that this machine reaches by a route of their own: its interfaces', and where there is /proc a VPN's too. */
export async function localRoutes(): Promise<string[]> {
  const interfaces = Object.values(networkInterfaces()).flatMap(addresses =>
    (addresses ?? []).flatMap(({ family, cidr }) => (family === 'IPv4' && cidr ? [cidr] : [])),
  );
  const table = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return [...interfaces, ...parseRoutes(table)];
}

/** Destinations of /proc/net/route as CIDR, without the default route. The kernel prints addresses byte-swapped. */
function parseRoutes(table: string): string[] {
  return table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .filter(columns => columns.length > 7 && columns[7] !== '00000000')
    .map(columns => {
      const bytes = (hex: string) => [3, 2, 1, 0].map(i => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
      const prefix = bytes(columns[7]!).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
      return `${bytes(columns[1]!).join('.')}/${prefix}`;
    });
}

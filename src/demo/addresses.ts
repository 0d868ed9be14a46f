import { ApiError } from './api-error.ts';
import type { Container, Network } from './types.ts';

/** IPv4 arithmetic for the engine's networks. */
export interface Range {
  first: number;
  last: number;
  prefix: number;
}

export const toNumber = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
export const toIp = (n: number): string => [24, 16, 8, 0].map(shift => Math.floor(n / 2 ** shift) % 256).join('.');

/** Throws 400 on anything that is no IPv4 subnet. */
export function parseSubnet(text: string): Range {
  const match = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(text);
  const prefix = Number(match?.[2]);
  if (!match || prefix > 32 || match[1]!.split('.').some(part => Number(part) > 255)) {
    throw new ApiError(400, `invalid subnet ${text}: invalid CIDR address: ${text}`);
  }
  const size = 2 ** (32 - prefix);
  const first = Math.floor(toNumber(match[1]!) / size) * size;
  return { first, last: first + size - 1, prefix };
}

const overlaps = (a: Range, b: Range) => a.first <= b.last && b.first <= a.last;

/** Docker's predefined pools in its order: 172.17–172.31 with 16 bits, then 192.168 in pieces of 20 bits. */
function* pools(): Generator<string> {
  for (let second = 17; second <= 31; second++) yield `172.${second}.0.0/16`;
  for (let third = 0; third < 256; third += 16) yield `192.168.${third}.0/20`;
  // A real engine ends here; a thousand demo clusters need more.
  for (let n = 0; n < 65536; n++)
    yield `10.${128 + (Math.floor(n / 512) % 128)}.${Math.floor((n % 512) / 2)}.${(n % 2) * 128}/25`;
}

export function freeSubnet(networks: Iterable<Network>): string {
  const used = [...networks].filter(network => network.subnet).map(network => parseSubnet(network.subnet));
  for (const pool of pools()) {
    const range = parseSubnet(pool);
    if (!used.some(other => overlaps(other, range))) return pool;
  }
  throw new ApiError(400, 'all predefined address pools have been fully subnetted');
}

export function checkOverlap(subnet: string, networks: Iterable<Network>): void {
  const range = parseSubnet(subnet);
  for (const network of networks) {
    if (network.subnet && overlaps(range, parseSubnet(network.subnet))) {
      throw new ApiError(403, 'Pool overlaps with other one on this address space');
    }
  }
}

/** The address asked for, or the lowest free one. */
export function takeAddress(network: Network, wanted: string | undefined, self: Container): string {
  if (!network.subnet) return '';
  const { first, last } = parseSubnet(network.subnet);
  const used = new Set([toNumber(network.gateway)]);
  for (const other of network.endpoints.values()) {
    const endpoint = other === self ? undefined : other.endpoints.get(network.name);
    if (endpoint?.ip) used.add(toNumber(endpoint.ip));
  }
  if (wanted) {
    const n = toNumber(wanted);
    if (n < first || n > last) {
      throw new ApiError(
        400,
        'invalid config for network ' +
          `${network.name}: invalid endpoint settings: no configured subnet contains IP address ${wanted}`,
      );
    }
    if (used.has(n)) throw new ApiError(403, 'Address already in use');
    return wanted;
  }
  for (let n = first + 1; n < last; n++) if (!used.has(n)) return toIp(n);
  throw new ApiError(
    500,
    `no available IPv4 addresses on this network's address pools: ${network.name} (${network.id})`,
  );
}

export function macOf(ip: string): string {
  const bytes = ip.split('.').map(part => Number(part).toString(16).padStart(2, '0'));
  return ip ? `02:42:${bytes.join(':')}` : '';
}

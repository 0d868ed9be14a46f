import { isIP } from 'node:net';
import { K3duiError } from '../errors.ts';

export interface Subnet {
  family: 4 | 6;
  /** First address, host bits cleared. */
  base: bigint;
  /** Number of leading bits. */
  prefix: number;
}

/** An address range in CIDR notation. Throws SUBNET_INVALID. `auto` is not one: the caller handles it before. */
export function parseSubnet(text: string): Subnet {
  const fail = (why: string): never => {
    throw new K3duiError({
      code: 'SUBNET_INVALID',
      message: `invalid subnet '${text}': ${why}`,
      hint: 'write an address range such as 172.28.0.0/16, or auto',
    });
  };
  const slash = text.lastIndexOf('/');
  if (slash < 0) fail("no '/'");
  const address = parseAddress(text.slice(0, slash)) ?? fail('unable to parse IP');
  const bits = address.family === 4 ? 32 : 128;
  const length = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(length)) fail(`bad bits after slash: "${length}"`);
  const prefix = Number(length);
  if (prefix > bits) fail('prefix length out of range');
  const hostBits = BigInt(bits - prefix);
  return { family: address.family, base: (address.value >> hostBits) << hostBits, prefix };
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.family, subnet.base)}/${subnet.prefix}`;
}

/** True when the two share an address. */
export function subnetsOverlap(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.base <= lastOf(b) && b.base <= lastOf(a);
}

/** The first usable address, which Docker and k3d give to the gateway. */
export function firstAddress(subnet: Subnet): string {
  return formatAddress(subnet.family, subnet.base + (lastOf(subnet) > subnet.base ? 1n : 0n));
}

/** The lowest address that is neither the network's, the gateway's, the broadcast one nor in use. Throws SUBNET_FULL. */
export function nextFreeAddress(subnet: Subnet, used: Iterable<string>): string {
  const taken = new Set([...used].map(ip => parseAddress(ip)?.value));
  const last = subnet.family === 4 ? lastOf(subnet) - 1n : lastOf(subnet);
  for (let value = subnet.base + 2n; value <= last; value++) {
    if (!taken.has(value)) return formatAddress(subnet.family, value);
  }
  throw new K3duiError({
    code: 'SUBNET_FULL',
    message: `no free address left in subnet ${formatSubnet(subnet)}`,
    hint: 'choose a larger range with --subnet',
  });
}

function lastOf(subnet: Subnet): bigint {
  return subnet.base + (1n << BigInt((subnet.family === 4 ? 32 : 128) - subnet.prefix)) - 1n;
}

function parseAddress(text: string): { family: 4 | 6; value: bigint } | undefined {
  const family = isIP(text);
  if (family === 4) return { family, value: fromV4(text) };
  if (family !== 6 || text.includes('%')) return undefined;
  // The last 32 bits may be written as an IPv4 address.
  const hex = text.replace(/\d+\.\d+\.\d+\.\d+$/, v4 => {
    const value = fromV4(v4);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  return { family: 6, value: BigInt(`0x${groups.map(group => group.padStart(4, '0')).join('')}`) };
}

function fromV4(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function formatAddress(family: 4 | 6, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.');
  const groups = value.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
  // The URL parser knows the shortest form.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

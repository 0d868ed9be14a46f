import { networkInterfaces } from 'node:os';
import { parseSubnet, subnetsOverlap } from '../../config/subnet.ts';
import { K3duiError } from '../../errors.ts';
import type { Facts } from './facts.ts';

/** Docker's own order of preference for new networks. */
const CANDIDATES = [
  ...Array.from({ length: 14 }, (_, i) => `172.${i + 18}.0.0/16`),
  ...Array.from({ length: 16 }, (_, i) => `192.168.${i * 16}.0/20`),
];

/** A subnet that neither a Docker network nor an interface of this machine uses. Throws SUBNET_NONE_FREE. */
export function freeSubnet(facts: Facts): string {
  const interfaces = Object.values(networkInterfaces()).flatMap(addresses =>
    (addresses ?? []).flatMap(({ family, cidr }) => (family === 'IPv4' && cidr ? [cidr] : [])),
  );
  const networks = facts.networks.flatMap(network =>
    (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet && !Subnet.includes(':') ? [Subnet] : [])),
  );
  const used = [...interfaces, ...networks].map(parseSubnet);
  const free = CANDIDATES.find(candidate => !used.some(other => subnetsOverlap(parseSubnet(candidate), other)));
  if (!free) {
    throw new K3duiError({
      code: 'SUBNET_NONE_FREE',
      message: 'no free subnet was found',
      hint: 'name one: --subnet 10.123.0.0/16',
    });
  }
  return free;
}

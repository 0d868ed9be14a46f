import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** What this machine's own resolver says of a name, as every program that asks it would hear. */
export interface Resolution {
  /** Empty: the name does not resolve. */
  addresses: string[];
  /** One of them is where the cluster's ports are. */
  right: boolean;
  ms: number;
}

/**
 * Asks this machine's resolver (hosts file, DNS and what else it is set up to ask) for a name. Never throws.
 * @param address where the name should lead: the address that the cluster's ports are reached by
 */
export async function resolveHere(host: string, address: string): Promise<Resolution> {
  const began = performance.now();
  const ask = (name: string) =>
    isIP(name) > 0
      ? Promise.resolve([name])
      : lookup(name, { all: true }).then(
          found => found.map(one => one.address),
          () => [],
        );
  const [addresses, wanted] = await Promise.all([ask(host), ask(address)]);
  const right = addresses.some(one => wanted.includes(one) || (isLoopback(one) && wanted.some(isLoopback)));
  return { addresses, right, ms: Math.round(performance.now() - began) };
}

const isLoopback = (address: string) => address === '::1' || address.startsWith('127.');

/** Browsers resolve these by themselves, and so does curl since 7.85; other programs ask the resolver. */
export const isLocalhostName = (host: string): boolean => /(^|\.)localhost$/i.test(host);

/** The line that makes a name resolve, and the file it belongs in. */
export function hostsLine(host: string, address: string, platform: NodeJS.Platform): { line: string; file: string } {
  const ip = isIP(address) > 0 ? address : '127.0.0.1';
  return {
    line: `${ip} ${host}`,
    file: platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts',
  };
}

/** The command that adds the line. */
export function hostsCommand(host: string, address: string, platform: NodeJS.Platform): string {
  const { line, file } = hostsLine(host, address, platform);
  return platform === 'win32' ? `echo ${line} >> ${file}` : `echo '${line}' | sudo tee -a ${file}`;
}

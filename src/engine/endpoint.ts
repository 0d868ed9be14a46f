import { isIP } from 'node:net';
import type { Endpoint } from '../docker/docker.ts';

/** The engine runs on this machine, so that its ports and sockets are this machine's. */
export const isLocal = ({ demo, address }: Endpoint): boolean => demo || /^(unix|npipe):/.test(address);

/** Paths of this machine are paths of the engine's: not so behind a Windows pipe, where it runs in a virtual machine. */
export const sharesFiles = ({ demo, address }: Endpoint): boolean => demo || address.startsWith('unix:');

/**
 * The host by which this machine reaches a published port. A name or address that somebody chose with --api-port
 * stays. "All addresses" becomes the machine that Docker runs on: the remote host of a tcp or ssh endpoint, else
 * 127.0.0.1; so does the host.docker.internal that k3d puts in by itself, which often does not resolve. Without brackets.
 */
export function reachableHost(
  api: { host: string; hostIP: string; port: number },
  env: NodeJS.ProcessEnv,
  endpoint: Endpoint,
): string {
  const host = bare(api.host);
  const hostIP = bare(api.hostIP);
  const isAutomatic = host === 'host.docker.internal' && isWildcard(hostIP);
  if (!isWildcard(host) && !isAutomatic) return host;
  if (!isWildcard(hostIP)) return hostIP;
  return remoteHost(endpoint.demo ? '' : endpoint.address || env.DOCKER_HOST || '') ?? '127.0.0.1';
}

function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || (isIP(host) === 6 && /^[0:]+$/.test(host));
}

/** Host of a tcp or ssh address; undefined for a socket, for this machine, and for what is no address. */
function remoteHost(address: string): string | undefined {
  if (!/^(tcp|https?|ssh):\/\//.test(address) || !URL.canParse(address)) return undefined;
  const host = bare(new URL(address).hostname);
  const isLocal = host === 'localhost' || host.startsWith('127.') || host === '::1';
  return isWildcard(host) || isLocal ? undefined : host;
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

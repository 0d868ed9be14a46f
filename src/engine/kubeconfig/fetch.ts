import { isIP } from 'node:net';
import type { Call, Docker, Endpoint } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import type { Cluster, Node } from '../model.ts';
import { clusterKubeconfig } from './pure.ts';

/** Where k3s writes it, by K3S_KUBECONFIG_OUTPUT. k3d pkg/types/defaults.go. */
export const KUBECONFIG_IN_NODE = '/output/kubeconfig.yaml';

const API_PORT_LABEL = 'k3d.server.api.port';

/**
 * The kubeconfig as k3s wrote it (its names and address are k3s' own: see `clusterKubeconfig`), from the first server
 * that has it: running ones and those with the API port's label first. Stopped ones will do. Throws
 * KUBECONFIG_NOT_FOUND.
 */
export async function fetchKubeconfig(docker: Docker, cluster: Cluster, call?: Call): Promise<string> {
  if (cluster.servers.length === 0) {
    throw notFound(`didn't find any server node for cluster '${cluster.name}'`, 'its kubeconfig is in a server');
  }
  const rank = (node: Node) => (API_PORT_LABEL in node.labels ? 0 : 2) + (node.running ? 0 : 1);
  for (const server of cluster.servers.toSorted((a, b) => rank(a) - rank(b))) {
    const content = await docker.readFile(server.id, KUBECONFIG_IN_NODE, call);
    if (content !== undefined && content.length > 0) return content.toString('utf8');
  }
  throw notFound(
    `no server of cluster '${cluster.name}' has a kubeconfig`,
    'k3s writes it when it first starts: start the cluster and try again',
  );
}

/** The finished kubeconfig of a cluster from one of its servers. Throws KUBECONFIG_NOT_FOUND, KUBECONFIG_INVALID. */
export async function fetchKubeconfigFrom(
  docker: Docker,
  server: string,
  cluster: string,
  api: { host: string; port: number },
  call?: Call,
): Promise<string> {
  const content = await docker.readFile(server, KUBECONFIG_IN_NODE, call);
  if (content === undefined) {
    throw notFound(`server '${server}' has no kubeconfig`, 'k3s writes it when it first starts: look at its log');
  }
  return clusterKubeconfig(content.toString('utf8'), cluster, api);
}

/**
 * The host by which this machine reaches a published API port. A name or address that somebody chose with --api-port
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

function notFound(message: string, hint: string): K3duiError {
  return new K3duiError({ code: 'KUBECONFIG_NOT_FOUND', message, hint });
}

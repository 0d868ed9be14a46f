import type { Call, Docker } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import type { Cluster, Node } from '../model.ts';
import { KUBECONFIG_IN_NODE } from '../names.ts';
import { clusterKubeconfig } from './pure.ts';

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

function notFound(message: string, hint: string): K3duiError {
  return new K3duiError({ code: 'KUBECONFIG_NOT_FOUND', message, hint });
}

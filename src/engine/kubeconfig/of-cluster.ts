import type { Call } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { apiAddress } from '../cluster/api-address.ts';
import type { Engine } from '../engine.ts';
import type { Cluster } from '../model.ts';
import { fetchKubeconfig } from './fetch.ts';
import { clusterKubeconfig } from './pure.ts';

/**
 * The finished kubeconfig of a cluster that exists, with an address that this machine reaches. Works on stopped clusters
 * too. Throws KUBECONFIG_NOT_FOUND, KUBECONFIG_INVALID, API_NOT_PUBLISHED.
 */
export async function kubeconfigOf(engine: Engine, cluster: Cluster, call?: Call): Promise<string> {
  const { docker, env } = engine;
  const raw = await fetchKubeconfig(docker, cluster, call);
  const api = apiAddress(cluster, { env, endpoint: docker.endpoint });
  if (api) return clusterKubeconfig(raw, cluster.name, api);
  throw new K3duiError({
    code: 'API_NOT_PUBLISHED',
    message: `no node of cluster '${cluster.name}' publishes its Kubernetes API`,
    hint: 'the load balancer, or a server without one, should: look at the nodes with k3dui node list',
  });
}

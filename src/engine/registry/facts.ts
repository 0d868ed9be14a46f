import type { Call, Docker } from '../../docker/docker.ts';
import { isK3duiError } from '../../errors.ts';
import type { Cluster, Node } from '../model.ts';
import { REGISTRIES_PATH } from '../node/facts.ts';
import { HOSTING_PATH, hostedRegistry } from './hosting.ts';

/** containerd's configuration as k3s writes it when it starts. */
export const CONTAINERD_CONFIG = '/var/lib/rancher/k3s/agent/etc/containerd/config.toml';
/** Folder of what containerd knows of registries; it looks there at every pull. k3s since v1.26. */
export const HOSTS_FOLDER = '/var/lib/rancher/k3s/agent/etc/containerd/certs.d';

/** What a node knows of registries. */
export interface NodeRegistries {
  node: Node;
  /** Text of its registries.yaml; empty when it has none. */
  registries: string;
  /** It takes up new registries while it runs; else when k3s starts next. */
  live: boolean;
}

/** What the nodes of a cluster know of registries. */
export interface ClusterRegistries {
  cluster: Cluster;
  nodes: NodeRegistries[];
  /** `NAME:PORT` that its ConfigMap names. */
  hosted: string | undefined;
}

/** Reads what the cluster's servers and agents know, also of stopped ones. Nodes that vanish meanwhile are left out. */
export async function readClusterRegistries(docker: Docker, cluster: Cluster, call?: Call): Promise<ClusterRegistries> {
  const read = async (node: Node, path: string): Promise<string | undefined> =>
    (await docker.readFile(node.id, path, call))?.toString('utf8');
  const nodes = await Promise.all(
    [...cluster.servers, ...cluster.agents].map(async (node): Promise<NodeRegistries | undefined> => {
      try {
        const [registries, config] = await Promise.all([read(node, REGISTRIES_PATH), read(node, CONTAINERD_CONFIG)]);
        const live = config?.includes(HOSTS_FOLDER) ?? false;
        return { node, registries: registries ?? '', live };
      } catch (error) {
        if (isK3duiError(error, 'NOT_FOUND')) return undefined;
        throw error;
      }
    }),
  );
  const [server] = cluster.servers;
  const configMap = server && (await read(server, HOSTING_PATH));
  const hosted = configMap === undefined ? undefined : hostedRegistry(configMap);
  // The file outlives the registry that it names.
  const known = nodes.some(node => hosted !== undefined && node?.registries.includes(hosted));
  return {
    cluster,
    nodes: nodes.filter(node => node !== undefined),
    hosted: known ? hosted : undefined,
  };
}

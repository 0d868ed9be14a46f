/**
 * What a person asks for when creating a cluster: the shape of k3d's config file v1alpha5, filled in by flags, by the
 * form or by a file. k3d pkg/config/v1alpha5/types.go.
 */
export interface ClusterSpec {
  name: string;
  servers: number;
  agents: number;
  /** Image reference, or one of the words `latest`, `stable`, `+CHANNEL`. */
  image: string;
  /** Existing network to join; absent: one of our own. */
  network?: string;
  /** CIDR or `auto`. */
  subnet?: string;
  token?: string;
  kubeAPI: { host?: string; hostIP?: string; hostPort?: string };
  ports: { port: string; nodeFilters: string[] }[];
  volumes: { volume: string; nodeFilters: string[] }[];
  env: { envVar: string; nodeFilters: string[] }[];
  hostAliases: { ip: string; hostnames: string[] }[];
  wait: boolean;
  /** Seconds; undefined: the default limit of each phase. */
  timeoutSeconds?: number;
  loadBalancer: boolean;
  imageVolume: boolean;
  rollback: boolean;
  /** `settings.workerConnections=2048`. */
  lbConfigOverrides: string[];
  k3sArgs: { arg: string; nodeFilters: string[] }[];
  k3sNodeLabels: { label: string; nodeFilters: string[] }[];
  updateDefaultKubeconfig: boolean;
  switchContext: boolean;
  runtimeLabels: { label: string; nodeFilters: string[] }[];
  runtimeUlimits: { name: string; soft: number; hard: number }[];
  hostPidMode: boolean;
  gpus?: string;
  serversMemory?: string;
  agentsMemory?: string;
}

/** k3d's name for a cluster that was given none. */
export const DEFAULT_CLUSTER_NAME = 'k3s-default';

/** k3d's defaults (pkg/config/v1alpha5, cmd/cluster/clusterCreate.go). */
export function defaultClusterSpec(image: string): ClusterSpec {
  return {
    name: DEFAULT_CLUSTER_NAME,
    servers: 1,
    agents: 0,
    image,
    kubeAPI: {},
    ports: [],
    volumes: [],
    env: [],
    hostAliases: [],
    wait: true,
    loadBalancer: true,
    imageVolume: true,
    rollback: true,
    lbConfigOverrides: [],
    k3sArgs: [],
    k3sNodeLabels: [],
    updateDefaultKubeconfig: true,
    switchContext: true,
    runtimeLabels: [],
    runtimeUlimits: [],
    hostPidMode: false,
  };
}

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
  files: FileSpec[];
  registries: RegistriesSpec;
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

/** A file that is put into nodes before they start. */
export interface FileSpec {
  /** As it goes into the node. */
  content: string | Uint8Array;
  /** Where it was read from; absent when it stood in the config file itself. Relative to the config file. */
  path?: string;
  /** Absolute, or beginning with one of the words of `VOLUME_SHORTCUTS`. */
  destination: string;
  description?: string;
  /** Empty: all nodes. */
  nodeFilters: string[];
}

/** Registries of a cluster: one to make, some to connect, and settings for containerd. */
export interface RegistriesSpec {
  create?: RegistryCreateSpec;
  /** `[http://]NAME[:PORT][:PORT]`. */
  use: string[];
  /** Text of a registries.yaml when it has several lines, else the path of one. */
  config?: string;
}

export interface RegistryCreateSpec {
  name?: string;
  host?: string;
  /** A port, or `random`. */
  hostPort?: string;
  image?: string;
  proxy?: { remoteURL?: string; username?: string; password?: string };
  volumes?: string[];
  /** Same port inside and outside, so that one name of an image works in both; as in k3d only when asked for. */
  enforcePortMatch?: boolean;
  /** Images may be deleted from it. */
  deleteEnabled?: boolean;
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
    files: [],
    registries: { use: [] },
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

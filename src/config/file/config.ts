import type { RegistryCreateSpec } from '../cluster-spec.ts';

/** A config file of version v1alpha5 as values. k3d pkg/config/v1alpha5/types.go. */
export interface ClusterConfig {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string };
  servers?: number;
  agents?: number;
  kubeAPI?: { host?: string; hostIP?: string; hostPort?: string };
  image?: string;
  network?: string;
  subnet?: string;
  token?: string;
  volumes?: Filtered<'volume'>[];
  ports?: Filtered<'port'>[];
  env?: Filtered<'envVar'>[];
  files?: ConfigFileEntry[];
  registries?: { create?: RegistryCreateSpec; use?: string[]; config?: string };
  hostAliases?: { ip?: string; hostnames?: string[] }[];
  options?: {
    k3d?: {
      wait?: boolean;
      /** Text as Go writes durations, or nanoseconds. */
      timeout?: string | number;
      disableLoadbalancer?: boolean;
      disableImageVolume?: boolean;
      disableRollback?: boolean;
      loadbalancer?: { configOverrides?: string[] };
    };
    k3s?: { extraArgs?: Filtered<'arg'>[]; nodeLabels?: Filtered<'label'>[] };
    kubeconfig?: { updateDefaultKubeconfig?: boolean; switchCurrentContext?: boolean };
    runtime?: {
      gpuRequest?: string;
      serversMemory?: string;
      agentsMemory?: string;
      hostPidMode?: boolean;
      labels?: Filtered<'label'>[];
      ulimits?: { name?: string; soft?: number; hard?: number }[];
    };
  };
}

/** All parts may be left out, as k3d lets them. */
export type Filtered<Key extends string> = { [key in Key]?: string } & { nodeFilters?: string[] };

export interface ConfigFileEntry {
  /** The text itself when it has several lines, else a path from the config file's folder. */
  source: string;
  destination: string;
  description?: string;
  nodeFilters?: string[];
}

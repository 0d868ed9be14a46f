import type { ClusterSpec, FileSpec } from '../cluster-spec.ts';
import { parseDuration } from '../duration.ts';
import type { ClusterConfig, Filtered } from './config.ts';

/**
 * The request that a config file makes; what it leaves out is as in `base`. `files`: the contents of its files, read.
 * Pure.
 */
export function specFromConfig(config: ClusterConfig, files: FileSpec[], base: ClusterSpec): ClusterSpec {
  const { metadata, kubeAPI, registries, options = {} } = config;
  const { k3d = {}, k3s = {}, kubeconfig = {}, runtime = {} } = options;
  return {
    ...base,
    name: metadata?.name || base.name,
    servers: config.servers ?? base.servers,
    agents: config.agents ?? base.agents,
    image: config.image || base.image,
    ...pick({ network: config.network, subnet: config.subnet, token: config.token }),
    kubeAPI: kubeAPI ? pick({ host: kubeAPI.host, hostIP: kubeAPI.hostIP, hostPort: kubeAPI.hostPort }) : base.kubeAPI,
    volumes: filtered(config.volumes, 'volume'),
    ports: filtered(config.ports, 'port'),
    env: filtered(config.env, 'envVar'),
    files,
    registries: {
      ...(hasContent(registries?.create) ? { create: registries.create } : {}),
      use: registries?.use ?? [],
      ...pick({ config: registries?.config }),
    },
    hostAliases: (config.hostAliases ?? []).map(({ ip = '', hostnames = [] }) => ({ ip, hostnames })),
    wait: k3d.wait ?? base.wait,
    ...timeout(k3d.timeout),
    loadBalancer: !(k3d.disableLoadbalancer ?? !base.loadBalancer),
    imageVolume: !(k3d.disableImageVolume ?? !base.imageVolume),
    rollback: !(k3d.disableRollback ?? !base.rollback),
    lbConfigOverrides: k3d.loadbalancer?.configOverrides ?? [],
    k3sArgs: filtered(k3s.extraArgs, 'arg'),
    k3sNodeLabels: filtered(k3s.nodeLabels, 'label'),
    updateDefaultKubeconfig: kubeconfig.updateDefaultKubeconfig ?? base.updateDefaultKubeconfig,
    switchContext: kubeconfig.switchCurrentContext ?? base.switchContext,
    runtimeLabels: filtered(runtime.labels, 'label'),
    runtimeUlimits: (runtime.ulimits ?? []).map(({ name = '', soft = 0, hard = 0 }) => ({ name, soft, hard })),
    hostPidMode: runtime.hostPidMode ?? base.hostPidMode,
    ...pick({
      gpus: runtime.gpuRequest,
      serversMemory: runtime.serversMemory,
      agentsMemory: runtime.agentsMemory,
    }),
  };
}

/** k3d's way to say that no registry is wanted: one of which nothing is known (pkg/config/transform.go). */
function hasContent<T extends { name?: string; host?: string; hostPort?: string; image?: string }>(
  create: T | undefined,
): create is T {
  return Boolean(create && (create.name || create.host || create.hostPort || create.image));
}

function filtered<Key extends string>(
  list: Filtered<Key>[] | undefined,
  key: Key,
): ({ [key in Key]: string } & { nodeFilters: string[] })[] {
  return (list ?? []).map(item => {
    const { nodeFilters = [] } = item;
    return { [key]: item[key] ?? '', nodeFilters } as { [key in Key]: string } & { nodeFilters: string[] };
  });
}

/** Seconds; none for zero. A number counts nanoseconds, as for Go. */
function timeout(value: string | number | undefined): { timeoutSeconds?: number } {
  const milliseconds = typeof value === 'number' ? value / 1e6 : value ? parseDuration(value) : 0;
  return milliseconds > 0 ? { timeoutSeconds: milliseconds / 1000 } : {};
}

/** Without what is empty. */
function pick<T extends Record<string, string | undefined>>(values: T): Partial<Record<keyof T, string>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value)) as Partial<Record<keyof T, string>>;
}

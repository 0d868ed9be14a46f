import type { ContainerInspect, PortBindings } from '../docker/types.ts';
import { bareName } from '../engine/container-name.ts';
import type { LoadBalancerModel } from '../engine/loadbalancer/values.ts';
import type { Cluster } from '../engine/model.ts';

/**
 * k3d's shapes for `-o json` and `-o yaml`, with Go's mixed case and order of fields; they are part of the contract for
 * scripts. k3d pkg/types/types.go, pkg/runtimes/docker/translate.go, cmd/cluster/clusterList.go.
 */
export interface K3dNode {
  name: string;
  role?: string;
  image?: string;
  volumes?: string[];
  env?: string[];
  Cmd: string[] | null;
  portMappings?: PortBindings;
  restart?: true;
  created?: string;
  runtimeLabels?: Record<string, string>;
  Networks: string[] | null;
  ExtraHosts: null;
  serverOpts: {
    isInitializingServer?: true;
    kubeAPI: { Port: string; Binding: { HostIp: string; HostPort: string }; host?: string };
  };
  agentOpts: Record<string, never>;
  GPURequest: string;
  Memory: string;
  State: { Running: boolean; Status: string; Started: string };
  IP: { IP: string; Static: boolean };
  K3dEntrypoint: boolean;
}

export interface K3dCluster {
  name: string;
  network: {
    name?: string;
    id: string;
    isExternal?: true;
    ipam: { ipPrefix: string; Managed: boolean };
    Members: null;
  };
  clusterToken?: string;
  nodes: K3dNode[];
  InitNode: null;
  serverLoadBalancer?: K3dNode & { config: LoadBalancerModel | null };
  imageVolume?: string;
  volumes?: string[];
  serversRunning: number;
  serversCount: number;
  agentsRunning: number;
  agentsCount: number;
  hasLoadbalancer?: true;
}

const ROLES = new Set(['server', 'agent', 'loadbalancer', 'registry', 'noRole']);

/** What k3d says about a container. */
export function k3dNode(container: ContainerInspect): K3dNode {
  const labels = container.Config.Labels ?? {};
  const networks = container.NetworkSettings.Networks ?? {};
  const ownPrefix = `k3d-${labels['k3d.cluster'] ?? ''}`;
  const names = Object.keys(networks).sort();
  const role = labels['k3d.role'] ?? '';
  const restart = ['always', 'unless-stopped'].includes(container.HostConfig.RestartPolicy?.Name ?? '');
  const init = labels['k3d.server.init'] === 'true' && container.Args.some(arg => arg.includes('--cluster-init'));
  const apiHost = labels['k3d.server.api.host'];
  const network = labels['k3d.cluster.network'];
  const ip = network === undefined || network === 'host' ? '' : (networks[network]?.IPAddress ?? '');
  return {
    name: bareName(container.Name),
    ...(ROLES.has(role) && { role }),
    image: container.Image,
    ...filled('volumes', container.HostConfig.Binds),
    ...filled('env', container.Config.Env),
    Cmd: container.Config.Cmd ?? null,
    ...(Object.keys(container.HostConfig.PortBindings ?? {}).length > 0 && {
      portMappings: goBindings(container.HostConfig.PortBindings!),
    }),
    ...(restart && { restart }),
    created: container.Created,
    runtimeLabels: sorted(Object.entries(labels).filter(([key]) => key.startsWith('k3d'))),
    Networks: [
      ...names.filter(name => name.startsWith(ownPrefix)),
      ...names.filter(name => !name.startsWith(ownPrefix)),
    ],
    ExtraHosts: null,
    serverOpts: {
      ...(init && { isInitializingServer: true as const }),
      kubeAPI: {
        Port: '',
        Binding: { HostIp: labels['k3d.server.api.hostIP'] ?? '', HostPort: labels['k3d.server.api.port'] ?? '' },
        ...(apiHost && { host: apiHost }),
      },
    },
    agentOpts: {},
    GPURequest: '',
    Memory: humanSize(container.HostConfig.Memory ?? 0),
    State: { Running: container.State.Running, Status: container.State.Status, Started: '' },
    IP: { IP: ip, Static: ip !== '' && Boolean(labels['k3d.node.staticIP']) },
    K3dEntrypoint: false,
  };
}

/**
 * What k3d says about a cluster. `named`: it was asked for by name; then its volumes are listed too, and the load balancer
 * once more with its configuration (`balancer`, where that could be read).
 */
export function k3dCluster(
  cluster: Cluster,
  containers: ContainerInspect[],
  options: { token: boolean; named: boolean; balancer?: LoadBalancerModel },
): K3dCluster {
  const balancer = options.named && containers.find(({ Id }) => Id === cluster.loadBalancer?.id);
  return {
    name: cluster.name,
    network: {
      ...(cluster.network && { name: cluster.network.name }),
      id: '',
      ...(cluster.network?.external && { isExternal: true as const }),
      ipam: { ipPrefix: '', Managed: false },
      Members: null,
    },
    ...(options.token && cluster.token && { clusterToken: cluster.token }),
    nodes: newestFirst(containers).map(k3dNode),
    InitNode: null,
    ...(balancer && { serverLoadBalancer: { ...k3dNode(balancer), config: goModel(options.balancer) } }),
    ...(cluster.imageVolume && { imageVolume: cluster.imageVolume }),
    ...(options.named && filled('volumes', cluster.volumes)),
    serversRunning: cluster.serversRunning,
    serversCount: cluster.servers.length,
    agentsRunning: cluster.agentsRunning,
    agentsCount: cluster.agents.length,
    ...(cluster.loadBalancer && { hasLoadbalancer: true as const }),
  };
}

/** As Go writes it: listeners in the order of their letters, settings in the order of its type. */
function goModel(model: LoadBalancerModel | undefined): LoadBalancerModel | null {
  if (!model) return null;
  const { workerConnections, defaultProxyTimeout } = model.settings;
  return {
    ports: sorted(Object.entries(model.ports)),
    settings: { workerConnections, ...(defaultProxyTimeout && { defaultProxyTimeout }) },
  };
}

/** Docker lists the youngest container first, and k3d keeps that order within a cluster. */
function newestFirst(containers: ContainerInspect[]): ContainerInspect[] {
  // Docker leaves trailing zeros of the fraction out, so the texts alone do not sort.
  const key = (created: string) => created.replace(/(?:\.(\d+))?Z$/, (_, digits = '') => `.${digits.padEnd(9, '0')}Z`);
  return [...containers].sort((a, b) => (key(a.Created) < key(b.Created) ? 1 : -1));
}

function filled<Key extends string>(key: Key, list: string[] | null | undefined): Partial<Record<Key, string[]>> {
  return list && list.length > 0 ? ({ [key]: list } as Record<Key, string[]>) : {};
}

function sorted<Value>(entries: [string, Value][]): Record<string, Value> {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function goBindings(bindings: PortBindings): PortBindings {
  return sorted(
    Object.entries(bindings).map(([port, list]) => [
      port,
      list?.map(({ HostIp = '', HostPort = '' }) => ({ HostIp, HostPort })) ?? null,
    ]),
  );
}

/** Bytes as Docker's units package shows them: `1.074GB`; empty for none. */
function humanSize(bytes: number): string {
  if (bytes <= 0) return '';
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  let size = bytes;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(4))}${units[unit]}`;
}

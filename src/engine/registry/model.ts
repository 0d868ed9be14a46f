import { isIP } from 'node:net';
import { mirroredHost, REGISTRY_PORT } from '../../config/registries.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import type { Cluster, Node, Snapshot } from '../model.ts';
import type { NodeAddress } from './registries-yaml.ts';

/** A registry that k3d or k3dui made, as Docker's list shows it. */
export interface Registry {
  node: Node;
  /** Address of the engine's machine that it is published on: `0.0.0.0`. */
  hostIP: string;
  /** 0: it is published nowhere. */
  hostPort: number;
  /** Port that it listens on in its networks. */
  port: number;
  /** Clusters in whose network it is, by name. */
  clusters: string[];
}

/** What only its container's inspect tells. */
export interface RegistrySettings {
  /** Address of the registry that it mirrors. */
  proxyURL: string | undefined;
  proxyUsername: string | undefined;
  /** `docker.io`: what it stands in for in image references. */
  mirrorOf: string | undefined;
  deleteEnabled: boolean;
  /** Where the images lie: a volume's name or a folder; undefined: in its container, gone with it. */
  keptIn: string | undefined;
  /** Path of its configuration file in the container. */
  configFile: string;
}

/** Where registry:2 and Debian's registry have their configuration; registry:3 has it elsewhere, and says so. */
const CONFIG_FILE = '/etc/docker/registry/config.yml';
const DATA_FOLDER = '/var/lib/registry';
/** Networks of Docker's own, which join nobody to anybody. */
const DOCKERS_NETWORKS = ['bridge', 'host', 'none'];

/** All registries with the clusters that use them. */
export function registriesOf(snapshot: Pick<Snapshot, 'registries' | 'clusters'>): Registry[] {
  return snapshot.registries.map(node => registryOf(node, snapshot.clusters));
}

export function registryOf(node: Node, clusters: readonly Cluster[]): Registry {
  const labelled = Number(node.labels['k3s.registry.port.internal']) || 0;
  const published = node.ports.find(port => port.containerPort === labelled) ?? node.ports[0];
  return {
    node,
    hostIP: published?.hostIP || node.labels['k3d.registry.hostIP'] || '0.0.0.0',
    hostPort: published?.hostPort || Number(node.labels['k3s.registry.port.external']) || 0,
    port: published?.containerPort || labelled || REGISTRY_PORT,
    clusters: clusters.filter(cluster => usesRegistry(cluster, node)).map(({ name }) => name),
  };
}

/** True when the registry is in the network that is the cluster's. */
export function usesRegistry(cluster: Pick<Cluster, 'network'>, registry: Pick<Node, 'networks'>): boolean {
  const network = cluster.network?.name;
  if (network === undefined || DOCKERS_NETWORKS.includes(network)) return false;
  return registry.networks.some(({ name }) => name === network);
}

export function settingsOf({ Config, HostConfig, Mounts }: ContainerInspect): RegistrySettings {
  const env = new Map((Config.Env ?? []).map(line => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)]));
  const proxyURL = env.get('REGISTRY_PROXY_REMOTEURL') || undefined;
  const folder = env.get('REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY') || DATA_FOLDER;
  const mount = Mounts?.find(({ Destination }) => Destination === folder);
  // A volume that Docker made up goes with the container.
  const chosen = (HostConfig.Binds ?? []).some(bind => bind.split(':')[1] === folder);
  return {
    proxyURL,
    proxyUsername: env.get('REGISTRY_PROXY_USERNAME') || undefined,
    mirrorOf: proxyURL && tryMirroredHost(proxyURL),
    deleteEnabled: /^(1|t|true|yes|on)$/i.test(env.get('REGISTRY_STORAGE_DELETE_ENABLED') ?? ''),
    keptIn: chosen ? mount?.Name || mount?.Source : undefined,
    configFile: (Config.Cmd ?? []).find(word => /\.ya?ml$/.test(word)) ?? CONFIG_FILE,
  };
}

function tryMirroredHost(url: string): string | undefined {
  try {
    return mirroredHost(url);
  } catch {
    return undefined;
  }
}

/** As the nodes of its clusters reach it. */
export function nodeAddress({ node, port, hostPort }: Registry, mirrorOf?: string): NodeAddress {
  return { name: node.name, port, hostPort: hostPort || port, ...(mirrorOf && { mirrorOf }) };
}

/** The name under which Docker on the engine's machine reaches it: `localhost:5001`; undefined: it is published nowhere. */
export function hostAddress({ hostIP, hostPort }: Pick<Registry, 'hostIP' | 'hostPort'>): string | undefined {
  if (hostPort === 0) return undefined;
  const any = ['', '0.0.0.0', '::', '127.0.0.1'].includes(hostIP);
  return `${any ? 'localhost' : isIP(hostIP) === 6 ? `[${hostIP}]` : hostIP}:${hostPort}`;
}

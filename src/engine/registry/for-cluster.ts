import type { ClusterSpec, RegistryCreateSpec } from '../../config/cluster-spec.ts';
import { mirroredHost, parseRegistryReference } from '../../config/registries.ts';
import type { ContainerFile } from '../../docker/docker.ts';
import { nearest } from '../../nearest.ts';
import type { Facts } from '../cluster/facts.ts';
import type { Problems } from '../cluster/problems.ts';
import { registryName } from '../names.ts';
import { REGISTRIES_PATH } from '../node/facts.ts';
import { nodeOf } from '../node-of-container.ts';
import type { RegistryLayout } from './container.ts';
import { HOSTING_MODE, HOSTING_PATH, hostingConfigMap } from './hosting.ts';
import { layoutRegistry } from './layout.ts';
import { nodeAddress, type Registry, registryOf } from './model.ts';
import { findRegistry } from './read.ts';
import {
  formatRegistries,
  mergeRegistries,
  mirrorsOf,
  type NodeAddress,
  parseRegistries,
  REGISTRIES_MODE,
  secretsOf,
} from './registries-yaml.ts';

/** What problems name: the three ways to ask for registries. */
const FIELD = { create: 'registryCreate', use: 'registryUse', config: 'registryConfig' } as const;

/** A cluster's registries with everything resolved. */
export interface RegistriesLayout {
  create: RegistryLayout | undefined;
  /** Registries that are there, in the order asked for. */
  use: { registry: Registry; connected: boolean }[];
  /** For every server and agent, before it starts. */
  files: ContainerFile[];
  /** The cluster is to tell which registry it has. */
  advertise: boolean;
  secrets: string[];
}

/** Works a cluster's registries out; what is wrong goes to `problems`. @param network name of the cluster's network */
export function layoutRegistries(
  spec: Pick<ClusterSpec, 'name' | 'registries'>,
  network: string,
  facts: Facts,
  problems: Problems,
): RegistriesLayout {
  const { create, use, config } = spec.registries;
  const settings = facts.registryFacts?.settings;
  const file = facts.registryFacts?.config;
  if (file && 'problem' in file) {
    problems.error(FIELD.config, 'REGISTRY_CONFIG_MISSING', file.problem, 'give the path of a registries.yaml');
  }
  const name = config?.includes('\n') ? 'the registry config' : (config ?? '');
  const theirs =
    file && 'text' in file ? problems.try(FIELD.config, () => parseRegistries(file.text, name), undefined) : undefined;
  const used = [...new Map(use.flatMap((text, at) => usedRegistry(text, at, facts, problems)))].map(([, one]) => one);
  const made = create && layoutCreated(create, spec.name, used, facts, problems);
  if (network === 'host' && (made || used.length > 0)) {
    problems.error(
      made ? FIELD.create : FIELD.use,
      'REGISTRY_HOST_NETWORK',
      'on the host network nodes find no registry by its name',
      'leave out --network host, or name the registry in --registry-config as localhost',
    );
  }
  const addresses: NodeAddress[] = [
    ...used.map(registry => nodeAddress(registry, settings?.get(registry.node.name)?.mirrorOf)),
    ...(made ? [addressOf(made)] : []),
  ];
  if (addresses.length > 1) {
    problems.warn(
      FIELD.use,
      'REGISTRIES_MANY',
      `tools that ask the cluster for its registry are told of one only: ${addresses[0]!.name}`,
    );
  }
  const ours = addresses.length > 0 ? mirrorsOf(addresses) : undefined;
  const registries = ours && theirs ? mergeRegistries(ours, theirs) : (ours ?? theirs);
  const [first] = [...used.map(one => ({ ...one, name: one.node.name })), ...(made ? [made] : [])];
  return {
    create: made,
    use: used.map(registry => ({ registry, connected: registry.node.networks.some(one => one.name === network) })),
    files: [
      ...(registries ? [{ path: REGISTRIES_PATH, content: formatRegistries(registries), mode: REGISTRIES_MODE }] : []),
      ...(first ? [{ path: HOSTING_PATH, content: hostingConfigMap(first, first.name), mode: HOSTING_MODE }] : []),
    ],
    advertise: first !== undefined,
    secrets: [...(registries ? secretsOf(registries) : []), ...(made?.proxy?.password ? [made.proxy.password] : [])],
  };
}

export function addressOf({ name, port, hostPort, proxy }: RegistryLayout): NodeAddress {
  return { name, port, hostPort, ...(proxy && { mirrorOf: mirrorName(proxy.remoteURL) }) };
}

function mirrorName(remoteURL: string): string | undefined {
  try {
    return mirroredHost(remoteURL);
  } catch {
    // The layout says what is wrong with it.
    return undefined;
  }
}

/** One of `--registry-use`, by its name; nothing when it is wrong or missing. */
function usedRegistry(text: string, index: number, facts: Facts, problems: Problems): [string, Registry][] {
  return problems.try<[string, Registry][]>(
    FIELD.use,
    () => {
      const { name, port } = parseRegistryReference(text);
      const container = findRegistry(name, facts.containers);
      if (!container) {
        const names = facts.snapshot.registries.map(node => node.name);
        const near = nearest(name, names);
        problems.error(
          FIELD.use,
          'REGISTRY_UNKNOWN',
          `failed to find registry '${name}': there is no registry of that name`,
          near
            ? `did you mean '${near}'? All of them: k3dui registry list`
            : `make it first: k3dui registry create ${name}`,
        );
        return [];
      }
      const registry = registryOf(nodeOf(container), facts.snapshot.clusters);
      if (port !== undefined && port !== registry.hostPort && port !== registry.port) {
        problems.warn(
          FIELD.use,
          'REGISTRY_OTHER_PORT',
          `registry ${registry.node.name} is on port ${registry.hostPort}, not ${port}: its own port is used`,
        );
      }
      return [[registry.node.name, registry]];
    },
    [],
    index,
  );
}

/** The registry to be made; undefined when one of that name is used anyway (k3d-io/k3d#1641). */
function layoutCreated(
  create: RegistryCreateSpec,
  cluster: string,
  used: readonly Registry[],
  facts: Facts,
  problems: Problems,
): RegistryLayout | undefined {
  const name = create.name || registryName(cluster);
  if (used.some(({ node }) => node.name === name)) {
    problems.warn(FIELD.create, 'REGISTRY_USED', `registry ${name} is there and used: it is not made anew`);
    return undefined;
  }
  return layoutRegistry(create, { name, cluster, host: '0.0.0.0', field: FIELD.create }, facts, problems);
}

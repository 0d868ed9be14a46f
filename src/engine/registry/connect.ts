import { commandLine } from '../../config/command-line.ts';
import type { Call } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import type { Problems } from '../cluster/problems.ts';
import type { Engine } from '../engine.ts';
import type { Cluster } from '../model.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { type ClusterRegistries, readClusterRegistries } from './facts.ts';
import { nodeAddress, type Registry, type RegistrySettings, settingsOf, usesRegistry } from './model.ts';
import { connectSteps, disconnectSteps, nearbyUrl, readyStep } from './steps.ts';

const TIMEOUT = 120;

/** What a plan to connect a registry depends on. */
export interface ConnectFacts {
  settings: RegistrySettings;
  joins: ClusterRegistries[];
  url: string | undefined;
}

/** Reads what the registry and the nodes say. Throws what Docker throws. */
export async function gatherConnectFacts(
  { docker, env }: Engine,
  registry: Registry,
  clusters: readonly Cluster[],
  call: Call = {},
): Promise<ConnectFacts> {
  const [inspect, joins] = await Promise.all([
    docker.inspectContainer(registry.node.id, call),
    Promise.all(clusters.map(cluster => readClusterRegistries(docker, cluster, call))),
  ]);
  const url = nearbyUrl(registry, { env, endpoint: docker.endpoint });
  return { settings: settingsOf(inspect), joins, url };
}

/** Connects a registry to clusters, whether they run or not. Throws CLUSTER_NO_NETWORK, REGISTRIES_INVALID. */
export function planRegistryConnect(registry: Registry, { settings, joins, url }: ConnectFacts): Plan {
  for (const { cluster } of joins) requireNetwork(cluster);
  const { node } = registry;
  const names = joins.map(({ cluster }) => cluster.name);
  const address = nodeAddress(registry, settings.mirrorOf);
  const starts: PlannedStep[] = node.running
    ? []
    : [
        {
          id: `start ${node.name}`,
          title: 'start',
          subject: node.name,
          after: [],
          action: { kind: 'container.start', container: node.name },
        },
        readyStep(node.name, url, [`start ${node.name}`]),
      ];
  const after = starts.slice(-1).map(step => step.id);
  return {
    title: `connect registry ${node.name} to ${names.join(', ')}`,
    command: commandLine`k3dui registry connect ${node.name} ${names.flatMap(name => ['--cluster', name])}`,
    ...(names.length === 1 ? { cluster: names[0]! } : {}),
    steps: [
      ...starts,
      ...joins.flatMap(join =>
        connectSteps(registry, address, join, { connected: usesRegistry(join.cluster, node), after }),
      ),
    ],
    warnings: notLive(joins),
    onFailure: 'undo',
    timeoutSeconds: TIMEOUT,
    secrets: [],
  };
}

/** Takes a registry out of clusters; it lives on, and so do images that their nodes have already. */
export function planRegistryDisconnect(registry: Registry, { settings, joins }: ConnectFacts): Plan {
  const { node } = registry;
  const names = joins.map(({ cluster }) => cluster.name);
  const address = nodeAddress(registry, settings.mirrorOf);
  return {
    title: `disconnect registry ${node.name} from ${names.join(', ')}`,
    command: commandLine`k3dui registry disconnect ${node.name} ${names.flatMap(name => ['--cluster', name])}`,
    ...(names.length === 1 ? { cluster: names[0]! } : {}),
    steps: joins.flatMap(join =>
      disconnectSteps([address], join, { leave: usesRegistry(join.cluster, node), after: [] }),
    ),
    warnings: [],
    onFailure: 'undo',
    timeoutSeconds: TIMEOUT,
    secrets: [],
  };
}

/** Why a cluster cannot be connected goes to `problems`. */
export function checkConnect(cluster: Cluster, problems: Problems, field: string): void {
  problems.try(field, () => requireNetwork(cluster), undefined);
}

function requireNetwork({ name, network }: Cluster): void {
  if (network && network.id !== '' && !['host', 'none', 'bridge'].includes(network.name)) return;
  throw new K3duiError({
    code: 'CLUSTER_NO_NETWORK',
    message: `cluster '${name}' has no network that a registry could join`,
    hint:
      network?.name === 'host' ? 'on the host network its nodes reach the registry as localhost' : `k3dui cluster list`,
  });
}

/** Nodes whose k3s only learns of a registry when it starts. */
export function notLive(joins: readonly ClusterRegistries[]): string[] {
  return joins.flatMap(({ cluster, nodes }) => {
    const late = nodes.filter(({ node, live }) => node.running && !live);
    if (late.length === 0) return [];
    return [`k3s in ${cluster.name} learns of it when it starts next: k3dui cluster restart ${cluster.name}`];
  });
}

import { commandLine } from '../../config/command-line.ts';
import type { Call, Docker } from '../../docker/docker.ts';
import { orGone } from '../../errors.ts';
import type { Cluster } from '../model.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { type ClusterRegistries, readClusterRegistries } from './facts.ts';
import { nodeAddress, type Registry, type RegistrySettings, settingsOf } from './model.ts';
import { disconnectSteps } from './steps.ts';

/** What a plan to delete registries depends on. */
export interface RegistryDeleteFacts {
  registries: { registry: Registry; settings: RegistrySettings | undefined }[];
  /** What the nodes of the clusters that use them know. */
  used: ClusterRegistries[];
}

/** Reads it; what cannot be read does not stand in the way of a removal. */
export async function gatherRegistryDeleteFacts(
  docker: Docker,
  registries: readonly Registry[],
  clusters: readonly Cluster[],
  call: Call = {},
): Promise<RegistryDeleteFacts> {
  const users = clusters.filter(({ name }) => registries.some(registry => registry.clusters.includes(name)));
  const [settings, used] = await Promise.all([
    Promise.all(registries.map(({ node }) => orGone(docker.inspectContainer(node.id, call)))),
    Promise.all(users.map(cluster => orGone(readClusterRegistries(docker, cluster, call)))),
  ]);
  return {
    registries: registries.map((registry, i) => ({ registry, settings: settings[i] && settingsOf(settings[i]) })),
    used: used.filter(one => one !== undefined),
  };
}

/**
 * Removes registries with the images in them, unless these lie in a volume or folder of somebody's. The nodes of the
 * clusters that use them are told, so that they do not ask for what is gone.
 */
export function planRegistryDelete({ registries, used }: RegistryDeleteFacts): Plan {
  const names = registries.map(({ registry }) => registry.node.name);
  // First, as what is interrupted can be finished by asking again only as long as the registry is there.
  const forget = used.flatMap(join => {
    const its = registries.filter(({ registry }) => registry.clusters.includes(join.cluster.name));
    const addresses = its.map(({ registry, settings }) => nodeAddress(registry, settings?.mirrorOf));
    return disconnectSteps(addresses, join, { leave: false, after: [], optional: true });
  });
  const remove = registries.map(
    ({ registry: { node } }): PlannedStep => ({
      id: `remove ${node.name}`,
      title: 'remove',
      subject: node.name,
      after: forget.map(step => step.id),
      action: { kind: 'container.remove', container: node.id },
    }),
  );
  return {
    title: `delete registry ${names.join(', ')}`,
    command: commandLine`k3dui registry delete ${names}`,
    steps: [...forget, ...remove],
    warnings: registries.flatMap(({ registry: { node, clusters }, settings }) => [
      ...(clusters.length > 0 ? [`${clusters.join(', ')} cannot pull from ${node.name} any more`] : []),
      settings?.keptIn
        ? `the images of ${node.name} stay in ${settings.keptIn}`
        : `the images in ${node.name} go with it`,
    ]),
    onFailure: 'keep',
    timeoutSeconds: 120,
    secrets: [],
  };
}

import { commandLine } from '../../config/command-line.ts';
import { containerName } from '../container-name.ts';
import { isAside } from '../loadbalancer/serving.ts';
import type { Cluster } from '../model.ts';
import { forgetMemorySteps } from '../node/meminfo.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import type { Facts } from './facts.ts';

/**
 * Removes a cluster's containers, its own network and volumes, and its kubeconfig entries. Registries that other
 * networks use too are only taken off this one (k3d pkg/client/cluster.go ClusterDelete). Works on half-broken ones.
 */
export function planClusterDelete(cluster: Cluster, facts: Facts): Plan {
  const warnings: string[] = [];
  const network =
    cluster.network && !cluster.network.external && cluster.network.name !== 'host' ? cluster.network.name : undefined;
  const shared = cluster.registries.filter(registry => usesOtherNetworks(registry.networks, cluster.network?.name));
  const owned = cluster.registries.filter(registry => !shared.includes(registry));
  const nodes = [
    ...(cluster.loadBalancer ? [cluster.loadBalancer] : []),
    ...cluster.agents,
    ...cluster.servers,
    ...cluster.others,
    ...owned,
  ];
  const removed = new Set(nodes.map(node => node.id));

  const remove = nodes.map(
    (node): PlannedStep => ({
      id: `remove ${node.name}`,
      title: 'remove',
      subject: node.name,
      after: [],
      action: { kind: 'container.remove', container: node.id },
    }),
  );
  const detach: PlannedStep[] = [];
  const foreign: string[] = [];
  if (cluster.network) {
    const { name } = cluster.network;
    for (const container of facts.containers) {
      if (removed.has(container.Id) || !(name in (container.NetworkSettings?.Networks ?? {}))) continue;
      const title = containerName(container);
      const isRegistry = container.Labels?.['k3d.role'] === 'registry';
      if (isRegistry && network) {
        detach.push({
          id: `detach ${title}`,
          title: `take off network ${name}`,
          subject: title,
          after: [],
          action: { kind: 'network.disconnect', network: name, container: container.Id },
        });
      } else if (network) {
        foreign.push(title);
      }
    }
  }
  // A stopped container does not keep Docker from removing its network, but could then never start again.
  if (foreign.length > 0) {
    warnings.push(
      `network ${network} stays, as ${foreign.join(', ')} ${foreign.length === 1 ? 'uses' : 'use'} it (remove it later: docker network rm ${network})`,
    );
  }
  const emptied = [...remove, ...detach].map(step => step.id);
  const volumes = cluster.volumes.map(
    (volume): PlannedStep => ({
      id: `remove volume ${volume}`,
      title: `remove volume ${volume}`,
      after: remove.map(step => step.id),
      action: { kind: 'volume.remove', name: volume },
      optional: true,
    }),
  );
  return {
    title: `delete cluster ${cluster.name}`,
    command: commandLine`k3dui cluster delete ${cluster.name}`,
    cluster: cluster.name,
    steps: [
      ...remove,
      ...detach,
      ...nodes.flatMap(node => forgetMemorySteps(node.name, facts.containers, [`remove ${node.name}`])),
      ...(network && foreign.length === 0
        ? [
            {
              id: `remove network ${network}`,
              title: `remove network ${network}`,
              after: emptied,
              action: { kind: 'network.remove', network },
              optional: true,
            } satisfies PlannedStep,
          ]
        : []),
      ...volumes,
      ...waitingPlaces(cluster, facts, emptied),
      {
        id: 'kubeconfig',
        title: 'remove its kubeconfig entries',
        after: [],
        action: { kind: 'kubeconfig.remove', cluster: cluster.name },
        optional: true,
      },
    ],
    warnings,
    onFailure: 'keep',
    timeoutSeconds: 120,
    secrets: [cluster.token],
  };
}

/** bridge and host are Docker's own: every registry may be on them without anybody using it. */
export function usesOtherNetworks(networks: { name: string }[], own: string | undefined): boolean {
  return networks.some(({ name }) => name !== own && name !== 'bridge' && name !== 'host');
}

/** Networks on which a load balancer waited to take over, when that was killed half way. */
function waitingPlaces(cluster: Cluster, facts: Facts, after: string[]): PlannedStep[] {
  const left = facts.networks.filter(({ Name }) => isAside(Name, cluster.name));
  return left.map(({ Name }) => ({
    id: `remove network ${Name}`,
    title: `remove network ${Name}`,
    after,
    action: { kind: 'network.remove', network: Name },
    optional: true,
  }));
}

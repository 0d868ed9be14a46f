import { filterNodesWithSuffix } from '../../../src/config/node-filters.ts';
import { expandPortFilters } from '../../../src/config/place-ports.ts';
import type { Cluster } from '../../../src/engine/model.ts';
import { equivalentFilters, nodeRefs, proxyFilters } from '../../../src/engine/ports/filters.ts';
import { shortNode } from '../../screens/ports-list.ts';

/** Nodes that a mapping can lead to. */
export interface NodeChoice {
  label: string;
  /** The filter it stands for; '' for what cannot be had any more. */
  filters: string;
  detail: string;
  /** Sentences for the selected one. */
  why: string;
}

/** All, servers, agents, each one; and what is not to be had after the creation, with the reason. */
export function nodeChoices(cluster: Cluster): NodeChoice[] {
  const { servers, agents } = cluster;
  const names = (nodes: { name: string }[]) => nodes.map(node => node.name);
  const down = (nodes: { running: boolean }[]) => {
    const count = nodes.filter(node => !node.running).length;
    return count === 0 ? '' : `, ${count} stopped`;
  };
  const all = [...servers, ...agents];
  const group = (label: string, nodes: typeof all, why: string): NodeChoice => {
    const filters = proxyFilters(cluster, names(nodes));
    return { label, filters, detail: `${filters}  ${counted(nodes.length)}${down(nodes)}`, why };
  };
  const single = all.length > 1 ? all : [];
  return [
    group(
      all.length === 1 ? `the only node, ${shortNode(all[0]!.name, cluster.name)}` : 'all servers and agents',
      all,
      'The load balancer takes the nodes in turn and leaves out those that do not answer. Right for Services: every node leads to all of their pods.',
    ),
    ...(servers.length > 0 && agents.length > 0
      ? [
          ...(servers.length > 1
            ? [group('all servers', servers, 'The load balancer takes the servers in turn.')]
            : []),
          ...(agents.length > 1 ? [group('all agents', agents, 'The load balancer takes the agents in turn.')] : []),
        ]
      : []),
    ...single.map((node): NodeChoice => {
      const filters = proxyFilters(cluster, [node.name]);
      const name = shortNode(node.name, cluster.name);
      return {
        label: name,
        filters,
        detail: `${filters}${node.running ? '' : '  stopped'}`,
        why: `Only ${name}: for a pod that listens on a hostPort there. When it is down, so is the port.`,
      };
    }),
    {
      label: 'a node itself, past the load balancer',
      filters: '',
      detail: ':direct, only when a cluster is created',
      why: 'Docker publishes the ports of a container only when it makes it. A node made again would lose its pods, its images and, if it is a server, the data of the cluster. Choose the node above instead: through the load balancer the same port of it is reached.',
    },
  ];
}

const counted = (count: number): string => (count === 1 ? '1 node' : `${count} nodes`);

/** Names of the nodes behind the load balancer for these filters; undefined when they name none. */
export function nodesOf(cluster: Cluster, filters: string): string[] | undefined {
  const refs = nodeRefs(cluster);
  const wanted = expandPortFilters(filters === '' ? [] : filters.split(';'), refs.length);
  try {
    return [...filterNodesWithSuffix(refs, wanted, ['proxy']).values()].flat().map(ref => ref.name);
  } catch {
    return undefined;
  }
}

/** Index of the choice that means the same nodes; -1 when none does. */
export function choiceFor(cluster: Cluster, choices: readonly NodeChoice[], filters: string): number {
  const wanted = nodesOf(cluster, filters)?.toSorted().join();
  if (wanted === undefined) return -1;
  return choices.findIndex(
    choice => choice.filters !== '' && nodesOf(cluster, choice.filters)?.toSorted().join() === wanted,
  );
}

/** Other spellings of a choice's filter, for S21's four ways to say the same. */
export function spellings(cluster: Cluster, filters: string): string[] {
  const upstreams = (nodesOf(cluster, filters) ?? []).map(node => ({ node, running: true }));
  const row = {
    id: '',
    cluster: cluster.name,
    hostIP: '',
    hostPort: 0,
    listenerPort: 0,
    protocol: 'tcp',
    kind: 'proxy' as const,
  };
  return equivalentFilters({ ...row, upstreams, filters }, cluster)
    .filter(one => one !== filters)
    .map(one => (one === '' ? 'no filter' : one));
}

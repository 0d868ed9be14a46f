import type { Node, NodeRole } from '../../src/engine/model.ts';
import { NOTHING_LIVE } from '../../src/engine/node/live.ts';
import { formatAge, sanitise } from '../../src/text.ts';
import type { Style } from '../theme.ts';
import type { Column } from '../widgets/columns.ts';
import { portsText } from './clusters-list.ts';
import { type ListDefinition, remember, withoutCluster } from './list-definition.ts';
import { cpuText, GRAPH, kubernetesText, memoryText, type NodeRow, nodeFault, nodeRowsMaker } from './node-row.ts';

const ROLES: NodeRole[] = ['server', 'agent', 'loadbalancer', 'registry', 'tools', 'unknown'];

/** `● running`, `✗ restarting`: sign and Docker's word. */
export function nodeStatusText(node: Node): string {
  const sign = node.fault ? '✗' : node.state === 'running' ? '●' : node.state === 'restarting' ? '◌' : '○';
  return `${sign} ${node.state}`;
}

export function nodeStatusStyle(node: Node): Style {
  if (node.fault) return 'bad';
  if (node.state === 'running') return 'good';
  return node.state === 'restarting' || node.state === 'paused' ? 'warn' : 'dim';
}

const columns: Column<NodeRow>[] = [
  { id: 'name', title: 'NAME', letter: 'N', priority: 0, max: 50, text: node => sanitise(node.name) },
  { id: 'cluster', title: 'CLUSTER', letter: 'L', priority: 4, max: 30, text: node => sanitise(node.cluster || '-') },
  {
    id: 'role',
    title: 'ROLE',
    letter: 'E',
    priority: 2,
    text: node => (node.init ? `${node.role} (first)` : node.role),
    compare: (a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role),
  },
  {
    id: 'status',
    title: 'STATUS',
    letter: 'T',
    priority: 0,
    // Docker's longest word for a node's state.
    roomy: '◌ restarting'.length,
    text: nodeStatusText,
    style: nodeStatusStyle,
  },
  {
    id: 'kubernetes',
    title: 'KUBERNETES',
    letter: 'K',
    priority: 1,
    min: '● Ready v1.34.1'.length,
    max: 20,
    text: node => sanitise(kubernetesText(node)),
    style: ({ kubernetes }) =>
      kubernetes === 'unknown' || kubernetes?.ready === false ? 'bad' : kubernetes?.unschedulable ? 'warn' : undefined,
  },
  {
    id: 'cpu',
    restless: true,
    title: 'CPU',
    letter: 'U',
    priority: 2,
    hideEmpty: true,
    align: 'right',
    min: GRAPH + 5,
    text: node => (node.running && !node.load ? '…' : cpuText(node)),
    compare: (a, b) => lastOf(b, 'cpu') - lastOf(a, 'cpu'),
  },
  {
    id: 'memory',
    restless: true,
    title: 'MEMORY',
    letter: 'B',
    priority: 2,
    hideEmpty: true,
    align: 'right',
    min: GRAPH + 6,
    text: node => (node.running && !node.load ? '…' : memoryText(node)),
    compare: (a, b) => lastOf(b, 'memory') - lastOf(a, 'memory'),
  },
  {
    id: 'restarts',
    title: 'RESTARTS',
    priority: 4,
    hideEmpty: true,
    align: 'right',
    text: ({ restarts }) => (restarts && restarts.count > 0 ? String(restarts.count) : ''),
    style: () => 'warn',
    compare: (a, b) => (b.restarts?.count ?? 0) - (a.restarts?.count ?? 0),
  },
  {
    id: 'exit',
    title: 'ENDED',
    priority: 4,
    hideEmpty: true,
    max: 20,
    text: ({ restarts }) => sanitise(restarts?.exit ?? ''),
  },
  { id: 'since', title: 'SINCE', restless: true, priority: 5, max: 26, text: node => sanitise(node.status) },
  { id: 'ip', title: 'IP', letter: 'I', priority: 3, text: node => sanitise(node.networks[0]?.ip || '-') },
  { id: 'image', title: 'IMAGE', letter: 'M', priority: 6, max: 34, text: node => sanitise(node.image) },
  { id: 'ports', hideEmpty: true, title: 'PORTS', priority: 7, max: 36, text: node => sanitise(portsText(node.ports)) },
  {
    id: 'age',
    title: 'AGE',
    letter: 'O',
    priority: 3,
    align: 'right',
    ages: true,
    text: (node, now) => formatAge(now / 1000 - node.created),
    compare: (a, b) => b.created - a.created,
  },
  {
    id: 'networks',
    title: 'NETWORKS',
    priority: 8,
    wide: true,
    text: node => sanitise(node.networks.map(network => network.name).join(' ')),
  },
  { id: 'id', title: 'ID', priority: 9, wide: true, text: node => node.id.slice(0, 12) },
  {
    id: 'fault',
    hideEmpty: true,
    title: 'FAULT',
    letter: 'F',
    elastic: 16,
    priority: 1,
    max: 60,
    text: node => sanitise(nodeFault(node) ?? ''),
    style: () => 'bad',
    // Those with a fault first.
    compare: (a, b) => Number(nodeFault(a) === undefined) - Number(nodeFault(b) === undefined),
  },
];

const lastOf = ({ load }: NodeRow, what: 'cpu' | 'memory'): number => load?.at(-1)?.[what] ?? -1;

const rowsOf = remember(nodeRowsMaker());

export const nodesList: ListDefinition<NodeRow> = {
  title: place => (place.subject === undefined ? 'Nodes' : `Nodes of ${place.subject}`),
  noun: 'node',
  columns,
  inOne: withoutCluster(columns),
  rows: ({ snapshot, live = NOTHING_LIVE }, place) => rowsOf(snapshot, place.subject, live),
  id: node => node.id,
  fault: node => nodeFault(node) ?? '',
  faulty: node => nodeFault(node) !== undefined,
  empty: (_, place) =>
    place.subject === undefined
      ? ['No nodes on this engine yet.', '', ':clusters  then n creates a cluster']
      : [`${sanitise(place.subject)} has no nodes.`, '', 'Esc  goes back'],
};

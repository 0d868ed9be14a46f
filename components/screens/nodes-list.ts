import type { Node, NodeRole, Snapshot } from '../../src/engine/model.ts';
import { formatAge, sanitise } from '../../src/text.ts';
import type { Style } from '../theme.ts';
import type { Column } from '../widgets/columns.ts';
import { portsText } from './clusters-list.ts';
import { type ListDefinition, remember } from './list-definition.ts';

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

const columns: Column<Node>[] = [
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
    text: nodeStatusText,
    style: nodeStatusStyle,
  },
  { id: 'since', title: 'SINCE', priority: 5, max: 26, text: node => sanitise(node.status) },
  { id: 'ip', title: 'IP', letter: 'I', priority: 3, text: node => sanitise(node.networks[0]?.ip || '-') },
  { id: 'image', title: 'IMAGE', letter: 'M', priority: 6, max: 34, text: node => sanitise(node.image) },
  { id: 'ports', hideEmpty: true, title: 'PORTS', priority: 7, max: 36, text: node => sanitise(portsText(node.ports)) },
  {
    id: 'age',
    title: 'AGE',
    letter: 'O',
    priority: 3,
    align: 'right',
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
    elastic: 16,
    priority: 1,
    max: 60,
    text: node => sanitise(node.fault ?? ''),
    style: () => 'bad',
  },
];

const rowsOf = remember((snapshot: Snapshot, cluster: string | undefined): readonly Node[] =>
  cluster === undefined ? snapshot.nodes : snapshot.nodes.filter(node => node.cluster === cluster),
);

export const nodesList: ListDefinition<Node> = {
  title: place => (place.subject === undefined ? 'Nodes' : `Nodes of ${place.subject}`),
  columns,
  rows: ({ snapshot }, place) => rowsOf(snapshot, place.subject),
  id: node => node.id,
  fault: node => node.fault ?? '',
  faulty: node => node.fault !== undefined,
  empty: (_, place) =>
    place.subject === undefined
      ? ['No nodes on this engine yet.', '', ':clusters  then n creates a cluster']
      : [`${sanitise(place.subject)} has no nodes.`, '', 'Esc  goes back'],
};

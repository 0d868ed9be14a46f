import type { Cluster, ClusterStatus, NodePort, Snapshot } from '../../src/engine/model.ts';
import { contextName } from '../../src/engine/names.ts';
import { type LiveView, NOTHING_LIVE } from '../../src/engine/node/live.ts';
import { formatAge, sanitise } from '../../src/text.ts';
import type { Style } from '../theme.ts';
import type { Column } from '../widgets/columns.ts';
import { type ListDefinition, remember } from './list-definition.ts';
import { schedulingTrouble } from './scheduling.ts';

export interface ClusterRow {
  cluster: Cluster;
  /** Kubeconfig's current context is this cluster's. */
  inUse: boolean;
  /** Pods that find no node, and what would help; empty when there are none. */
  trouble: string;
}

const SIGNS: Record<ClusterStatus, string> = {
  running: '● running',
  starting: '◌ starting',
  degraded: '◐ degraded',
  broken: '✗ broken',
  stopped: '○ stopped',
};

const STYLES: Record<ClusterStatus, Style> = {
  running: 'good',
  starting: 'warn',
  degraded: 'warn',
  broken: 'bad',
  stopped: 'dim',
};

/** Sign and word. */
export const clusterStatusText = (status: ClusterStatus): string => SIGNS[status];
export const clusterStatusStyle = (status: ClusterStatus): Style => STYLES[status];

/** `0.0.0.0:8081→80/tcp`; without the address when it is every one's. */
export function portText(port: NodePort): string {
  const host = port.hostIP === '' || port.hostIP === '0.0.0.0' || port.hostIP === '::' ? '' : `${port.hostIP}:`;
  const protocol = port.protocol === 'tcp' ? '' : `/${port.protocol}`;
  return `${host}${port.hostPort === 0 ? '?' : port.hostPort}→${port.containerPort}${protocol}`;
}

/** Each mapping once: Docker lists IPv4 and IPv6 apart. */
export function portsText(ports: readonly NodePort[]): string {
  return [...new Set(ports.map(portText))].join(' ');
}

/** Host and port that clients connect to. */
function apiText(cluster: Cluster): string {
  if (!cluster.api) return '-';
  const host = cluster.api.host || cluster.api.hostIP || '0.0.0.0';
  return `${host.includes(':') ? `[${host}]` : host}:${cluster.api.port || '?'}`;
}

/** The same as a URL that a client on this machine can use: every address means this machine. */
export function apiUrl(cluster: Cluster): string {
  return `https://${apiText(cluster).replace(/^(0\.0\.0\.0|\[::\])(?=:)/, '127.0.0.1')}`;
}

const count = (running: number, all: number): string => `${running}/${all}`;

const columns: Column<ClusterRow>[] = [
  { id: 'name', title: 'NAME', letter: 'N', priority: 0, max: 40, text: row => sanitise(row.cluster.name) },
  {
    id: 'status',
    title: 'STATUS',
    letter: 'T',
    priority: 0,
    min: '◌ starting'.length,
    text: row => clusterStatusText(row.cluster.status),
    style: row => clusterStatusStyle(row.cluster.status),
    compare: (a, b) => rank(a) - rank(b),
  },
  {
    id: 'servers',
    title: 'SERVERS',
    letter: 'S',
    priority: 2,
    align: 'right',
    text: ({ cluster }) => count(cluster.serversRunning, cluster.servers.length),
    style: ({ cluster }) => (cluster.serversRunning < cluster.servers.length ? 'warn' : undefined),
    compare: (a, b) => a.cluster.servers.length - b.cluster.servers.length,
  },
  {
    id: 'agents',
    title: 'AGENTS',
    letter: 'A',
    priority: 2,
    align: 'right',
    text: ({ cluster }) => count(cluster.agentsRunning, cluster.agents.length),
    style: ({ cluster }) => (cluster.agentsRunning < cluster.agents.length ? 'warn' : undefined),
    compare: (a, b) => a.cluster.agents.length - b.cluster.agents.length,
  },
  {
    id: 'lb',
    title: 'LB',
    letter: 'L',
    priority: 4,
    text: ({ cluster }) => (cluster.loadBalancer ? (cluster.loadBalancer.running ? '● up' : '○ down') : 'none'),
    style: ({ cluster }) => (cluster.loadBalancer?.running ? undefined : 'dim'),
  },
  { id: 'api', title: 'API', priority: 3, max: 30, text: row => sanitise(apiText(row.cluster)) },
  { id: 'k3s', title: 'K3S', letter: 'V', priority: 5, max: 24, text: row => sanitise(row.cluster.k3sVersion) },
  {
    id: 'ports',
    hideEmpty: true,
    title: 'PORTS',
    priority: 6,
    max: 40,
    text: row => sanitise(portsText(row.cluster.ports)),
  },
  {
    id: 'age',
    title: 'AGE',
    letter: 'O',
    priority: 4,
    align: 'right',
    ages: true,
    text: (row, now) => formatAge(now / 1000 - row.cluster.created),
    compare: (a, b) => b.cluster.created - a.cluster.created,
  },
  {
    id: 'context',
    hideEmpty: true,
    title: 'CONTEXT',
    letter: 'U',
    priority: 5,
    text: row => (row.inUse ? '✓ in use' : ''),
    style: () => 'accent',
  },
  { id: 'network', title: 'NETWORK', priority: 8, wide: true, text: row => sanitise(row.cluster.network?.name ?? '-') },
  { id: 'by', title: 'MADE BY', priority: 9, wide: true, text: row => sanitise(row.cluster.madeBy || '-') },
  {
    id: 'fault',
    hideEmpty: true,
    title: 'FAULT',
    elastic: 16,
    priority: 1,
    max: 60,
    text: row => sanitise(faultsOf(row)),
    style: () => 'bad',
  },
];

const ORDER: ClusterStatus[] = ['broken', 'degraded', 'starting', 'running', 'stopped'];
const rank = (row: ClusterRow): number => ORDER.indexOf(row.cluster.status);

const faultsOf = ({ cluster, trouble }: ClusterRow): string =>
  [...cluster.faults, ...(trouble === '' ? [] : [trouble])].join('; ');

/** Rows made before: one that says the same stays the same object, and is not drawn anew. */
const made = new WeakMap<Cluster, ClusterRow>();

const rowsOf = remember(
  (snapshot: Snapshot, context: string | undefined, kubernetes: LiveView['kubernetes']): readonly ClusterRow[] =>
    snapshot.clusters.map(cluster => {
      const inUse = contextName(cluster.name) === context;
      const trouble = schedulingTrouble(kubernetes.get(cluster.name)?.waiting);
      const before = made.get(cluster);
      if (before?.inUse === inUse && before.trouble === trouble) return before;
      const row = { cluster, inUse, trouble };
      made.set(cluster, row);
      return row;
    }),
);

export const clustersList: ListDefinition<ClusterRow> = {
  title: () => 'Clusters',
  noun: 'cluster',
  columns,
  rows: ({ snapshot, state, live = NOTHING_LIVE }) => rowsOf(snapshot, state.context, live.kubernetes),
  id: row => row.cluster.name,
  fault: faultsOf,
  faulty: row => faultsOf(row) !== '' || row.cluster.status === 'broken' || row.cluster.status === 'degraded',
  empty: () => ['No clusters on this engine yet.', '', 'n  creates one', '?  shows what else there is'],
};

import { indexOf } from '../../src/engine/expose/context.ts';
import type { LiveTraffic } from '../../src/engine/expose/live.ts';
import { reachedThrough } from '../../src/engine/expose/reaches.ts';
import type { Cluster, Snapshot } from '../../src/engine/model.ts';
import type { ProbeState } from '../../src/engine/ports/probe.ts';
import { type PortRow, portTable } from '../../src/engine/ports/table.ts';
import { sanitise } from '../../src/text.ts';
import type { ProbeEntry, ReadingEntry } from '../state/ports.ts';
import type { Style } from '../theme.ts';
import type { Column } from '../widgets/columns.ts';
import { type ListDefinition, remember, withoutCluster } from './list-definition.ts';

/** A path into a cluster with all that is known of it. */
export interface PortLine {
  row: PortRow;
  cluster: Cluster;
  reading: ReadingEntry | undefined;
  probe: ProbeEntry | undefined;
  /** The container that holds the host port runs, so that a test says something. */
  testable: boolean;
  /** The Service or Ingress that it leads to; '' while that is not known. */
  leadsTo: string;
}

export type PortStateWord = ProbeState | 'testing' | 'stopped' | 'not published';

const SIGNS: Record<PortStateWord, string> = {
  open: '●',
  shut: '○',
  'refused behind': '◐',
  timeout: '◌',
  untestable: '–',
  testing: '…',
  stopped: '○',
  'not published': '–',
};

const STYLES: Record<PortStateWord, Style> = {
  open: 'good',
  shut: 'bad',
  'refused behind': 'warn',
  timeout: 'warn',
  untestable: 'dim',
  testing: 'dim',
  stopped: 'dim',
  'not published': 'dim',
};

export const probeSign = (state: PortStateWord): string => SIGNS[state];
export const probeStyle = (state: PortStateWord): Style => STYLES[state];

/** What the STATE column says of a path. */
export function portState({ row, probe, testable }: PortLine): PortStateWord {
  if (row.hostPort === 0) return 'not published';
  if (!testable) return 'stopped';
  if (row.protocol !== 'tcp') return 'untestable';
  return probe?.probe?.state ?? 'testing';
}

/** Name of a node without what all nodes of its cluster begin with. */
export function shortNode(node: string, cluster: string): string {
  return node.startsWith(`k3d-${cluster}-`) ? node.slice(`k3d-${cluster}-`.length) : node;
}

/** `0.0.0.0:8081`; a port that Docker has still to pick is `?`. */
export function hostText({ hostIP, hostPort }: PortRow): string {
  const host = hostIP === '' ? '0.0.0.0' : hostIP.includes(':') ? `[${hostIP}]` : hostIP;
  return hostPort === 0 ? '-' : `${host}:${hostPort}`;
}

function upstreamText({ row, cluster, reading }: PortLine): string {
  if (row.upstreams.length === 0) return reading?.reading || reading?.error ? 'none' : '…';
  const names = (wanted: boolean) =>
    row.upstreams.filter(({ running }) => running === wanted).map(({ node }) => shortNode(node, cluster.name));
  const [up, down] = [names(true), names(false)];
  return [up.length > 0 ? `● ${up.join(' ')}` : '', down.length > 0 ? `○ ${down.join(' ')}` : '']
    .filter(text => text !== '')
    .join('  ');
}

/** What is behind it, or why nothing is. */
function reachesText(line: PortLine): string {
  const { row, probe } = line;
  const state = portState(line);
  const down = row.upstreams.filter(({ running }) => !running).length;
  if (state === 'stopped') return '';
  if (state === 'untestable') return row.protocol === 'udp' ? 'UDP does not tell' : `${row.protocol} does not tell`;
  if (state !== 'open' && state !== 'testing' && probe?.probe) {
    if (state === 'refused behind') {
      return row.kind === 'direct' ? 'nothing listens on the node' : `nothing listens on ${row.listenerPort}`;
    }
    return probe.probe.why ?? (state === 'shut' ? 'nothing listens here' : '');
  }
  const behind = row.kind === 'api' ? 'Kubernetes API' : line.leadsTo;
  if (down > 0) return `${behind}${behind === '' ? '' : ', '}${down} of ${row.upstreams.length} nodes down`;
  const answering = probe?.probe?.upstreams.filter(one => one.state === 'open').length ?? 0;
  if (state === 'open' && answering > 0 && answering < row.upstreams.length) {
    return `${behind}${behind === '' ? '' : ', '}${answering} of ${row.upstreams.length} nodes answer`;
  }
  return behind;
}

const columns: Column<PortLine>[] = [
  {
    id: 'cluster',
    title: 'CLUSTER',
    letter: 'N',
    priority: 0,
    max: 24,
    text: ({ row }) => sanitise(row.cluster),
  },
  {
    id: 'host',
    title: 'HOST',
    letter: 'H',
    priority: 0,
    text: ({ row }) => hostText(row),
    compare: (a, b) => a.row.hostPort - b.row.hostPort,
  },
  {
    id: 'listener',
    title: 'LISTENER',
    letter: 'L',
    priority: 1,
    text: ({ row }) => `${row.listenerPort}/${row.protocol}`,
    compare: (a, b) => a.row.listenerPort - b.row.listenerPort,
  },
  {
    id: 'upstream',
    title: 'UPSTREAM',
    letter: 'U',
    priority: 3,
    max: 48,
    elastic: 28,
    text: line => sanitise(upstreamText(line)),
    style: ({ row }) => (row.upstreams.some(({ running }) => !running) ? 'warn' : undefined),
  },
  { id: 'via', title: 'VIA', letter: 'V', priority: 2, text: ({ row }) => (row.kind === 'api' ? 'API' : row.kind) },
  {
    id: 'state',
    title: 'STATE',
    letter: 'T',
    priority: 0,
    text: line => `${SIGNS[portState(line)]} ${portState(line)}`,
    style: line => STYLES[portState(line)],
  },
  {
    id: 'reaches',
    title: 'REACHES',
    priority: 4,
    max: 60,
    elastic: 14,
    hideEmpty: true,
    text: line => sanitise(reachesText(line)),
  },
  { id: 'filter', title: 'FILTER', priority: 8, wide: true, text: ({ row }) => sanitise(row.filters || '-') },
];

const FAULTY: ReadonlySet<PortStateWord> = new Set(['shut', 'refused behind', 'timeout']);

const isFaulty = (line: PortLine): boolean =>
  FAULTY.has(portState(line)) || (line.testable && line.row.upstreams.some(({ running }) => !running));

/** Whether the container that holds the host port runs. */
function carrierRuns(cluster: Cluster, row: PortRow): boolean {
  const direct = row.kind === 'direct' || !cluster.loadBalancer;
  return direct ? row.upstreams.some(({ running }) => running) : (cluster.loadBalancer?.running ?? false);
}

type Known<Entry> = ReadonlyMap<string, Entry>;

/** The same array while nothing changed. */
const rowsOf = remember(
  (
    snapshot: Snapshot,
    readings: Known<ReadingEntry>,
    probes: Known<ProbeEntry>,
    subject: string | undefined,
    traffic: LiveTraffic | undefined,
  ): readonly PortLine[] =>
    snapshot.clusters
      .filter(cluster => subject === undefined || cluster.name === subject)
      .flatMap(cluster => {
        const entry = readings.get(cluster.name);
        // What was read from a container that is no more says nothing.
        const reading = entry?.reading?.inspect.Id === cluster.loadBalancer?.id ? entry : undefined;
        const view = traffic?.get(cluster.name);
        const index = view && indexOf(view.traffic);
        return portTable(cluster, reading?.reading?.model, reading?.reading?.ports).map(row => ({
          row,
          cluster,
          reading: reading ?? (entry?.error && entry),
          probe: probes.get(row.id),
          testable: row.hostPort > 0 && carrierRuns(cluster, row),
          leadsTo: index ? reachedThrough(index, row) : '',
        }));
      }),
);

export const portsList: ListDefinition<PortLine> = {
  title: place => (place.subject === undefined ? 'Ports' : `Ports of ${place.subject}`),
  noun: 'port',
  named: 'host',
  columns,
  inOne: withoutCluster(columns),
  rows: ({ snapshot, state, expose }, place) =>
    rowsOf(snapshot, state.ports.readings, state.ports.probes, place.subject, expose?.feed.view),
  id: line => line.row.id,
  faulty: isFaulty,
  fault: line => (isFaulty(line) && reachesText(line) !== '' ? `${hostText(line.row)}: ${reachesText(line)}` : ''),
  empty: ({ snapshot }, place) => emptyLines(snapshot, place.subject),
};

function emptyLines({ clusters }: Snapshot, subject: string | undefined): string[] {
  const cluster = clusters.find(({ name }) => name === subject);
  if (subject !== undefined && cluster === undefined) {
    return [`There is no cluster ${sanitise(subject)} any more.`, '', 'Esc  goes back'];
  }
  if (clusters.length === 0) return ['No clusters on this engine yet.', '', ':create  makes one'];
  if (cluster && !cluster.loadBalancer) return ['Nothing of this cluster is published on this machine.'];
  if (cluster?.status === 'stopped') return ['The cluster is stopped; its ports are being read …'];
  return ['No ports yet.', '', 'a  adds one'];
}

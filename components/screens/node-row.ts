import type { Node, Snapshot } from '../../src/engine/model.ts';
import type { KubernetesView, LiveView, Restarts } from '../../src/engine/node/live.ts';
import type { StatsSample } from '../../src/engine/node/stats.ts';
import type { KubernetesNode } from '../../src/kubernetes/kubernetes.ts';

/** A node with what else is known of it. */
export interface NodeRow extends Node {
  load?: readonly StatsSample[];
  restarts?: Restarts;
  /** What its cluster's Kubernetes says; `unknown`: that it does not know it. */
  kubernetes?: KubernetesNode | 'unknown';
  /** Why its cluster's Kubernetes could not be asked. */
  kubernetesError?: string;
}

/** A node is given some seconds to register before it is called unknown. */
const GRACE_SECONDS = 60;

type Known = Pick<NodeRow, 'load' | 'restarts' | 'kubernetes' | 'kubernetesError'>;

/**
 * Makes `nodeRows`: the nodes as rows. Those of which nothing more is known stay the objects they are, and a row of
 * which nothing new is known stays the row it was, so that what was drawn of it can be used again.
 */
export function nodeRowsMaker(): (
  snapshot: Snapshot,
  cluster: string | undefined,
  live: LiveView,
) => readonly NodeRow[] {
  const made = new WeakMap<Node, NodeRow>();
  return (snapshot, cluster, live) => {
    const nodes = cluster === undefined ? snapshot.nodes : snapshot.nodes.filter(node => node.cluster === cluster);
    return nodes.map(node => {
      const known = knownOf(node, live);
      if (!known) return node;
      const before = made.get(node);
      if (before && sameKnown(before, known)) return before;
      const row = { ...node, ...known };
      made.set(node, row);
      return row;
    });
  };
}

function knownOf(node: Node, live: LiveView): Known | undefined {
  const load = live.load.get(node.id);
  const restarts = live.restarts.get(node.id);
  const view = live.kubernetes.get(node.cluster);
  const kubernetes = kubernetesOf(node, view);
  const kubernetesError = isK3s(node) && node.running ? view?.error : undefined;
  if (!load && !restarts && !kubernetes && !kubernetesError) return undefined;
  return { load, restarts, kubernetes, kubernetesError };
}

const sameKnown = (a: Known, b: Known): boolean =>
  a.load === b.load &&
  a.restarts === b.restarts &&
  a.kubernetes === b.kubernetes &&
  a.kubernetesError === b.kubernetesError;

/** One node with what else is known of it. */
export function nodeRow(node: Node, live: LiveView): NodeRow {
  return { ...node, ...knownOf(node, live) };
}

function kubernetesOf(node: Node, view: KubernetesView | undefined): NodeRow['kubernetes'] {
  if (!view?.nodes || !isK3s(node) || !node.running) return undefined;
  const found = view.nodes.get(node.name);
  if (found) return found;
  return Date.now() / 1000 - node.created > GRACE_SECONDS ? 'unknown' : undefined;
}

export const isK3s = (node: Node): boolean => node.role === 'server' || node.role === 'agent';

/** What is wrong with a node, Docker's view first; undefined when nothing is. */
export function nodeFault(node: NodeRow): string | undefined {
  if (node.fault !== undefined) return node.fault;
  const { kubernetes, restarts } = node;
  if (kubernetes === 'unknown') return 'runs, but Kubernetes does not know it';
  if (kubernetes && !kubernetes.ready) return `is not ready: ${kubernetes.problem || 'Kubernetes does not say why'}`;
  if (kubernetes?.problem) return kubernetes.problem;
  const crashed =
    !node.running && restarts !== undefined && !/^(|told to end|ended by itself|killed)$/.test(restarts.exit);
  return crashed ? `ended: ${restarts.exit}` : undefined;
}

/** `● Ready v1.31.5`, `✗ NotReady`, `◐ cordoned`. */
export function kubernetesText(node: NodeRow): string {
  const { kubernetes } = node;
  if (kubernetes === undefined) return node.kubernetesError ? '? no answer' : isK3s(node) && node.running ? '…' : '-';
  if (kubernetes === 'unknown') return '✗ unknown';
  const version = kubernetes.version.replace(/\+.*$/, '');
  if (!kubernetes.ready) return `✗ NotReady ${version}`;
  return `${kubernetes.unschedulable ? '◐ cordoned' : '● Ready'} ${version}`;
}

const BARS = '▁▂▃▄▅▆▇█';
/** Cells of a graph in a table. */
export const GRAPH = 6;

/** The last values as little bars, `width` cells wide, filled up with blanks on the left; `full` is a whole bar. */
export function graph(values: readonly number[], full: number, width = GRAPH): string {
  const bars = values.slice(-width).map(value => {
    const level = full > 0 ? Math.round((value / full) * (BARS.length - 1)) : 0;
    return BARS[Math.max(0, Math.min(BARS.length - 1, level))]!;
  });
  return bars.join('').padStart(width);
}

/** At least this much of a processor is a whole bar, so that an idle node looks idle. */
const BUSY = 50;

/** `▁▁▂▅▃▂  12%`; empty without samples. */
export function cpuText({ load }: NodeRow, width = GRAPH): string {
  const last = load?.at(-1);
  if (!load || !last) return '';
  const values = load.map(sample => sample.cpu);
  return `${graph(values, Math.max(BUSY, ...values.slice(-width)), width)} ${`${Math.round(last.cpu)}%`.padStart(4)}`;
}

/** `▅▅▅▅▅▆  510M`; the graph's whole bar is half as much again as the most of late. */
export function memoryText({ load }: NodeRow, width = GRAPH): string {
  const last = load?.at(-1);
  if (!load || !last) return '';
  const values = load.map(sample => sample.memory);
  return `${graph(values, Math.max(...values.slice(-width)) * 1.5, width)} ${shortBytes(last.memory).padStart(5)}`;
}

/** `510M`, `1.2G`: binary, three digits at most. */
export function shortBytes(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)}${units[unit]}`;
}

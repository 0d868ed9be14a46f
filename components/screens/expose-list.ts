import type { Diagnosis } from '../../src/engine/expose/diagnose.ts';
import { reachText, VERDICT_SIGNS } from '../../src/engine/expose/words.ts';
import { sanitise } from '../../src/text.ts';
import { AT_ONCE, type ExposeLine } from '../expose-work.ts';
import type { Style } from '../theme.ts';
import type { Column } from '../widgets/columns.ts';
import { type AppData, type ListDefinition, withoutCluster } from './list-definition.ts';

type Verdict = Diagnosis['verdict'];

const STYLES: Record<Verdict, Style> = {
  works: 'good',
  untried: 'plain',
  closed: 'warn',
  broken: 'bad',
  inside: 'dim',
  testing: 'dim',
};

const columns: Column<ExposeLine>[] = [
  {
    id: 'cluster',
    title: 'CLUSTER',
    letter: 'L',
    priority: 0,
    max: 24,
    text: ({ exposure }) => sanitise(exposure.cluster),
  },
  {
    id: 'namespace',
    title: 'NAMESPACE',
    letter: 'N',
    priority: 3,
    max: 24,
    text: ({ exposure }) => sanitise(exposure.namespace),
  },
  {
    id: 'name',
    title: 'NAME',
    letter: 'A',
    priority: 0,
    max: 36,
    elastic: 12,
    text: ({ exposure }) => sanitise(exposure.name),
  },
  { id: 'kind', title: 'KIND', letter: 'I', priority: 4, text: ({ exposure }) => exposure.kind },
  { id: 'port', title: 'PORT', letter: 'P', priority: 5, max: 24, text: ({ exposure }) => sanitise(exposure.port) },
  {
    id: 'state',
    title: 'STATE',
    letter: 'T',
    priority: 1,
    text: ({ diagnosis }) => `${VERDICT_SIGNS[diagnosis.verdict]} ${diagnosis.verdict}`,
    style: ({ diagnosis }) => STYLES[diagnosis.verdict],
  },
  {
    id: 'reach',
    title: 'REACH',
    letter: 'R',
    priority: 2,
    elastic: 16,
    max: 90,
    text: ({ exposure, diagnosis }) => sanitise(reachText(exposure, diagnosis)),
    style: ({ diagnosis }) => (diagnosis.verdict === 'inside' ? 'dim' : undefined),
  },
  { id: 'note', title: 'NOTE', priority: 8, wide: true, text: ({ exposure }) => sanitise(exposure.note) },
];

const isFaulty = ({ diagnosis }: ExposeLine): boolean =>
  diagnosis.verdict === 'broken' || diagnosis.verdict === 'closed';

/** Every way into a cluster: Ingresses, then Services by how far out they are meant to be. */
export const exposeList: ListDefinition<ExposeLine> = {
  title: place => (place.subject === undefined ? 'Expose' : `Expose of ${place.subject}`),
  noun: 'way',
  named: 'name',
  columns,
  inOne: withoutCluster(columns),
  rows: ({ expose }, place) => expose?.lines(place.subject) ?? [],
  id: line => line.exposure.id,
  faulty: isFaulty,
  empty: emptyLines,
};

function emptyLines({ snapshot, expose }: AppData, { subject }: { subject?: string }): string[] {
  const cluster = snapshot.clusters.find(({ name }) => name === subject);
  if (subject !== undefined && cluster === undefined) {
    return [`There is no cluster ${sanitise(subject)} any more.`, '', 'Esc  goes back'];
  }
  if (snapshot.clusters.length === 0) return ['No clusters on this engine yet.', '', ':create  makes one'];
  const asked = cluster ? [cluster] : snapshot.clusters;
  if (asked.every(({ servers }) => servers.every(server => !server.running))) {
    const what = cluster ? `Cluster ${cluster.name} does not run` : 'No cluster runs';
    return [`${what}, so its Kubernetes cannot be asked.`, '', 'Esc  goes back; Shift-R starts it there'];
  }
  const still = asked.map(one => one.loadBalancer).find(one => one && !one.running);
  if (still && asked.length === 1) {
    return [
      `The way breaks at the load balancer: ${still.name} is ${still.state}.`,
      '',
      'Esc  goes back; Shift-R starts it there',
    ];
  }
  const views = asked.flatMap(({ name }) => expose?.feed.view.get(name) ?? []);
  const error = views.find(view => view.error)?.error;
  if (error)
    return [sanitise(error.message), ...(error.hint ? ['', sanitise(error.hint)] : []), '', 'It is tried again.'];
  if (!cluster && asked.length > AT_ONCE) return [`There are ${asked.length} clusters; :expose NAME shows one.`];
  return ['Asking Kubernetes …'];
}

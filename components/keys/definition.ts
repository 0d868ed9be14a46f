import type { Cluster } from '../../src/engine/model.ts';
import type { Operation } from '../../src/engine/operation.ts';
import type { Controller } from '../controller.ts';
import type { Place, ScreenName } from '../state/navigation.ts';

export type KeyGroup =
  | 'move'
  | 'list'
  | 'cluster'
  | 'node'
  | 'port'
  | 'expose'
  | 'image'
  | 'doctor'
  | 'registry'
  | 'operation'
  | 'logs'
  | 'go'
  | 'general';

/** What a key knows when it is pressed or drawn. */
export interface KeyContext {
  app: Controller;
  place: Place;
  /** Marked clusters, or the selected one, or the one the screen is about. */
  clusters: readonly Cluster[];
  /** The operation that the screen or its selected row is about. */
  operation: Operation | undefined;
}

/** One thing that keys do. Hints, help, README and tests are made from these. */
export interface KeyDefinition {
  id: string;
  /** As in KeyPress.name; any of them. */
  keys: readonly string[];
  title: string;
  group: KeyGroup;
  /** Where it exists; absent: everywhere. */
  screens?: readonly ScreenName[];
  /** It changes clusters, nodes or files, or could: off in read-only mode. */
  changes?: true;
  /** Place among the hints of the header, lowest first; absent: not there. */
  hint?: number;
  /** Shorter word for the hint. */
  short?: string;
  /** True, or why not. */
  enabled?(context: KeyContext): true | string;
  run(context: KeyContext): void;
}

export const TABLES: readonly ScreenName[] = [
  'clusters',
  'nodes',
  'ports',
  'expose',
  'operations',
  'commands',
  'contexts',
  'images',
  'doctor',
  'leftovers',
  'registries',
  'repositories',
  'tags',
  'help',
];
export const CLUSTER_SCREENS: readonly ScreenName[] = ['clusters', 'cluster'];

/** Why a key that changes something is off in read-only mode. */
export const READ_ONLY = 'read-only: nothing is changed';

/** What is asked only where there is a cluster. */
export const someCluster = ({ clusters }: KeyContext, then: true | string = true): true | string =>
  clusters.length > 0 ? then : 'there is no cluster to do it to';

export const oneCluster = ({ clusters }: KeyContext): true | string =>
  clusters.length === 1 ||
  (clusters.length === 0 ? 'there is no cluster selected' : 'works on one cluster, several are marked');

/** Names in the order in which they stand. */
export const names = ({ clusters }: KeyContext): string[] => clusters.map(cluster => cluster.name);

/** What is asked only where the link to the engine holds. */
export const whenLive = (context: KeyContext, then: true | string = true): true | string =>
  context.app.snapshot.link === 'lost' ? 'the engine cannot be reached at the moment' : then;

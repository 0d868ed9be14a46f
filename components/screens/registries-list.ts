import type { Snapshot } from '../../src/engine/model.ts';
import { registriesOf } from '../../src/engine/registry/model.ts';
import { formatAge, sanitise } from '../../src/text.ts';
import { NO_REGISTRY_VIEW, type RegistryRow, type RegistryView } from '../registry-watch.ts';
import type { Column } from '../widgets/columns.ts';
import { type ListDefinition, remember } from './list-definition.ts';
import { nodeStatusStyle, nodeStatusText } from './nodes-list.ts';

const columns: Column<RegistryRow>[] = [
  { id: 'name', title: 'NAME', letter: 'N', priority: 0, max: 50, text: ({ node }) => sanitise(node.name) },
  {
    id: 'status',
    title: 'STATUS',
    letter: 'T',
    priority: 0,
    text: ({ node }) => nodeStatusText(node),
    style: ({ node }) => nodeStatusStyle(node),
  },
  {
    id: 'host',
    title: 'ON THIS HOST',
    letter: 'H',
    priority: 1,
    max: 30,
    text: ({ hostIP, hostPort }) => (hostPort === 0 ? '-' : sanitise(`${hostIP}:${hostPort}`)),
  },
  {
    id: 'inside',
    title: 'IN CLUSTERS',
    letter: 'I',
    priority: 3,
    max: 44,
    text: ({ node, port }) => sanitise(`${node.name}:${port}`),
  },
  {
    id: 'clusters',
    title: 'USED BY',
    letter: 'U',
    priority: 1,
    max: 40,
    text: ({ clusters }) => sanitise(clusters.join(' ') || '-'),
    compare: (a, b) => b.clusters.length - a.clusters.length,
  },
  { id: 'mirror', title: 'MIRROR OF', priority: 2, hideEmpty: true, max: 34, text: row => sanitise(mirrorText(row)) },
  {
    id: 'delete',
    title: 'DELETE',
    letter: 'D',
    priority: 4,
    text: ({ settings }) => (settings === undefined ? '' : settings.deleteEnabled ? 'allowed' : 'no'),
  },
  {
    id: 'kept',
    title: 'IMAGES IN',
    priority: 5,
    max: 40,
    text: ({ settings }) => (settings === undefined ? '' : sanitise(settings.keptIn ?? 'its container')),
  },
  {
    id: 'age',
    title: 'AGE',
    letter: 'A',
    priority: 4,
    align: 'right',
    text: ({ node }, now) => formatAge(now / 1000 - node.created),
    compare: (a, b) => b.node.created - a.node.created,
  },
  { id: 'image', title: 'IMAGE', priority: 8, wide: true, text: ({ node }) => sanitise(node.image) },
  {
    id: 'fault',
    hideEmpty: true,
    title: 'FAULT',
    letter: 'F',
    priority: 1,
    max: 50,
    text: ({ node }) => sanitise(node.fault ?? ''),
    style: () => 'bad',
  },
];

function mirrorText({ settings }: RegistryRow): string {
  return settings?.mirrorOf ?? settings?.proxyURL ?? '';
}

const rowsOf = remember((snapshot: Snapshot, settings: RegistryView['settings']): RegistryRow[] =>
  registriesOf(snapshot).map(registry => ({ ...registry, settings: settings.get(registry.node.id) })),
);

export const registriesList: ListDefinition<RegistryRow> = {
  title: () => 'Registries',
  noun: 'registry',
  columns,
  rows: ({ snapshot, registries = NO_REGISTRY_VIEW }) => rowsOf(snapshot, registries.settings),
  id: ({ node }) => node.id,
  fault: ({ node }) => node.fault ?? '',
  faulty: ({ node }) => node.fault !== undefined,
  empty: () => [
    'No registries on this engine yet.',
    '',
    'n  makes one: clusters pull from it what Docker pushes to it',
  ],
};

import type { DockerContext } from '../../src/engine/docker-contexts.ts';
import { sanitise } from '../../src/text.ts';
import type { Column } from '../widgets/columns.ts';
import type { ListDefinition } from './list-definition.ts';

const columns: Column<DockerContext>[] = [
  { id: 'name', title: 'NAME', letter: 'N', priority: 0, max: 40, text: ({ name }) => sanitise(name) },
  {
    id: 'use',
    title: 'IN USE',
    letter: 'U',
    priority: 1,
    text: ({ inUse }) => (inUse ? '✓ in use' : ''),
    style: () => 'accent',
  },
  { id: 'host', title: 'ENGINE', letter: 'E', priority: 2, max: 60, text: ({ host }) => sanitise(host || '-') },
  { id: 'description', title: 'DESCRIPTION', priority: 3, max: 60, text: ({ description }) => sanitise(description) },
];

export const contextsList: ListDefinition<DockerContext> = {
  title: () => 'Docker contexts · Enter goes over to one',
  noun: 'context',
  columns,
  rows: ({ contexts }) => contexts ?? [],
  id: ({ name }) => name,
  empty: () => [],
};

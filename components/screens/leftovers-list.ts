import type { Leftover } from '../../src/engine/leftovers/leftover.ts';
import { formatAge, sanitise } from '../../src/text.ts';
import type { Column } from '../widgets/columns.ts';
import type { ListDefinition } from './list-definition.ts';

const columns: Column<Leftover>[] = [
  { id: 'kind', title: 'KIND', letter: 'K', priority: 0, text: ({ kind }) => kind },
  { id: 'name', title: 'NAME', letter: 'N', priority: 0, max: 70, elastic: 20, text: ({ name }) => sanitise(name) },
  {
    id: 'cluster',
    title: 'CLUSTER',
    letter: 'L',
    priority: 2,
    max: 32,
    text: ({ cluster }) => sanitise(cluster || '-'),
  },
  {
    id: 'age',
    title: 'AGE',
    letter: 'A',
    priority: 3,
    align: 'right',
    text: ({ created }, now) => (created === 0 ? '' : formatAge(now / 1000 - created)),
    compare: (a, b) => b.created - a.created,
  },
  {
    id: 'why',
    title: 'WHY',
    priority: 1,
    max: 100,
    elastic: 24,
    text: ({ why, fresh }) => sanitise(fresh === undefined ? why : `${fresh}: ${why}`),
    style: ({ fresh }) => (fresh === undefined ? undefined : 'warn'),
  },
];

const NONE: readonly Leftover[] = [];

export const leftoversList: ListDefinition<Leftover> = {
  title: () => 'Leftovers',
  noun: 'leftover',
  named: 'name',
  columns,
  rows: ({ leftovers }) => leftovers?.found ?? NONE,
  id: ({ id }) => id,
  empty: ({ leftovers }) => {
    if (leftovers?.error) return [sanitise(leftovers.error.message), '', 'Ctrl-R  tries again'];
    if (leftovers?.found === undefined) return ['Looking …'];
    return ['Nothing is left over.', '', 'Ctrl-R  looks again    :doctor  looks for what is wrong'];
  },
};

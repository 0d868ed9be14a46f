import type { Column } from '../widgets/columns.ts';
import type { ListDefinition } from './list-definition.ts';

/** A key as the help screen shows it. */
export interface HelpRow {
  id: string;
  keys: string;
  title: string;
  group: string;
  /** Why it does nothing now; empty when it does something. */
  off: string;
}

const columns: Column<HelpRow>[] = [
  { id: 'keys', title: 'KEY', priority: 0, text: row => row.keys, style: row => (row.off === '' ? 'key' : 'dim') },
  {
    id: 'title',
    title: 'DOES',
    priority: 0,
    elastic: 46,
    text: row => row.title,
    style: row => (row.off === '' ? undefined : 'dim'),
  },
  { id: 'group', title: 'ABOUT', priority: 2, text: row => row.group, style: () => 'dim' },
  { id: 'id', title: 'ID', priority: 3, wide: true, text: row => row.id, style: () => 'dim' },
  { id: 'off', title: 'OFF BECAUSE', priority: 1, elastic: 24, text: row => row.off, style: () => 'dim' },
];

export const helpList: ListDefinition<HelpRow> = {
  title: () => 'Help: every key of this screen · Enter does it · / searches',
  noun: 'key',
  columns,
  rows: data => data.help(),
  whole: row => (row.off === '' ? row.title : `off: ${row.off}`),
  id: row => row.id,
  empty: () => [],
};

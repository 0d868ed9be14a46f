import type { Operation } from '../../src/engine/operation.ts';
import { sanitise } from '../../src/text.ts';
import type { LogEntry } from '../state/app-state.ts';
import type { Column } from '../widgets/columns.ts';
import { type ListDefinition, remember } from './list-definition.ts';
import { operationStateStyle, operationStateText } from './operations-list.ts';

export interface CommandRow {
  id: string;
  entry: LogEntry;
  operation: Operation | undefined;
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

const columns: Column<CommandRow>[] = [
  { id: 'time', title: 'TIME', letter: 'T', priority: 1, text: ({ entry }) => clock.format(entry.at) },
  {
    id: 'outcome',
    title: 'OUTCOME',
    letter: 'S',
    priority: 2,
    max: 40,
    text: ({ entry, operation }) => (operation ? operationStateText(operation.state) : sanitise(entry.outcome)),
    style: ({ entry, operation }) =>
      operation ? operationStateStyle(operation.state) : entry.tone === 'plain' ? undefined : entry.tone,
  },
  {
    id: 'command',
    title: 'COMMAND',
    letter: 'N',
    priority: 0,
    elastic: 30,
    text: ({ entry }) => sanitise(entry.command),
  },
];

const rowsOf = remember((log: readonly LogEntry[], operations: readonly Operation[]): readonly CommandRow[] =>
  log
    .map((entry, index) => ({
      id: String(index),
      entry,
      operation: operations.find(operation => operation.id === entry.operation),
    }))
    .reverse(),
);

export const commandsList: ListDefinition<CommandRow> = {
  title: () => 'Command log',
  noun: 'command',
  named: 'command',
  columns,
  mutable: true,
  rows: ({ state, operations }) => rowsOf(state.log, operations),
  id: row => row.id,
  faulty: ({ entry, operation }) => (operation ? operation.state === 'failed' : entry.tone === 'bad'),
  empty: () => [
    'No command has been carried out yet.',
    '',
    'What you do is listed here as the command line that does the same.',
  ],
};

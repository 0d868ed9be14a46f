import type { Operation } from '../../src/engine/operation.ts';
import type { OperationState } from '../../src/engine/operation-events.ts';
import { formatAge, formatDuration, sanitise } from '../../src/text.ts';
import type { Style } from '../theme.ts';
import type { Column } from '../widgets/columns.ts';
import { type ListDefinition, remember } from './list-definition.ts';

const SIGNS: Record<OperationState, string> = {
  running: '⟳ running',
  cancelling: '⟳ cancelling',
  undoing: '⟲ undoing',
  done: '✓ done',
  failed: '✗ failed',
  cancelled: '○ cancelled',
};

const STYLES: Record<OperationState, Style> = {
  running: 'accent',
  cancelling: 'warn',
  undoing: 'warn',
  done: 'good',
  failed: 'bad',
  cancelled: 'warn',
};

export const operationStateText = (state: OperationState): string => SIGNS[state];
export const operationStateStyle = (state: OperationState): Style => STYLES[state];

/** Steps that are through, of all. */
export function stepsText(operation: Operation): string {
  const { steps } = operation;
  return `${steps.filter(step => step.state === 'done').length}/${steps.length}`;
}

const columns: Column<Operation>[] = [
  { id: 'title', title: 'OPERATION', letter: 'N', priority: 0, max: 50, text: operation => sanitise(operation.title) },
  {
    id: 'state',
    title: 'STATE',
    letter: 'T',
    priority: 0,
    text: operation => operationStateText(operation.state),
    style: operation => operationStateStyle(operation.state),
  },
  { id: 'steps', title: 'STEPS', letter: 'S', priority: 2, align: 'right', text: stepsText },
  {
    id: 'took',
    title: 'TOOK',
    letter: 'D',
    priority: 1,
    align: 'right',
    text: (operation, now) =>
      formatDuration((operation.endedAt ?? Math.max(now, operation.startedAt)) - operation.startedAt),
    compare: (a, b) => took(a) - took(b),
  },
  {
    id: 'age',
    title: 'STARTED',
    letter: 'O',
    priority: 3,
    align: 'right',
    text: (operation, now) => `${formatAge((now - operation.startedAt) / 1000)} ago`,
    compare: (a, b) => b.startedAt - a.startedAt,
  },
  {
    id: 'error',
    hideEmpty: true,
    title: 'ERROR',
    elastic: 30,
    priority: 4,
    max: 80,
    text: operation => sanitise(operation.error?.message ?? ''),
    style: () => 'bad',
  },
  { id: 'command', title: 'COMMAND', priority: 5, wide: true, text: operation => sanitise(operation.command) },
];

const took = (operation: Operation): number => (operation.endedAt ?? Date.now()) - operation.startedAt;

/** Newest first. */
const rowsOf = remember((operations: readonly Operation[]): readonly Operation[] => [...operations].reverse());

export const operationsList: ListDefinition<Operation> = {
  title: () => 'Operations',
  noun: 'operation',
  columns,
  mutable: true,
  rows: ({ operations }) => rowsOf(operations),
  id: operation => operation.id,
  faulty: operation => operation.state === 'failed',
  empty: () => ['Nothing has been done yet in this session.', '', ':clusters  then n creates a cluster'],
};

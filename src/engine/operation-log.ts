import type { OperationLog } from './engine.ts';
import type { Operation } from './operation.ts';

/** How many finished operations are remembered. */
const REMEMBERED = 100;

/** An empty log of operations. */
export function openOperationLog(): OperationLog {
  let operations: readonly Operation[] = [];
  let revision = 0;
  let ids = 0;
  const listeners = new Set<() => void>();
  const changed = (): void => {
    revision++;
    for (const listener of listeners) listener();
  };
  return {
    get operations() {
      return operations;
    },
    get revision() {
      return revision;
    },
    newId: () => `op-${++ids}`,
    add(operation) {
      operations = [...operations, operation].filter(
        (other, index, all) => other.endedAt === undefined || index >= all.length - REMEMBERED,
      );
      operation.subscribe(changed);
      changed();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

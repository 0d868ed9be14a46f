import type { UnschedulablePod } from '../../src/kubernetes/kubernetes.ts';

/** Pods that find no node, in one line with the remedy and the key that brings it; empty when there are none. */
export function schedulingTrouble(waiting: readonly UnschedulablePod[] = [], key = '+'): string {
  if (waiting.length === 0) return '';
  const lacks = [...new Set(waiting.flatMap(pod => pod.lacks))];
  const [first] = waiting;
  const pods = waiting.length === 1 ? `pod ${first!.namespace}/${first!.name} waits` : `${waiting.length} pods wait`;
  if (lacks.length === 0)
    return `${pods} for a node that takes ${waiting.length === 1 ? 'it' : 'them'}: ${first!.message}`;
  return `${pods} for ${lacks.join(' and ')}: ${key} adds an agent`;
}

/** Whether another agent would let them run: they lack room, not a label or a volume. */
export function agentWouldHelp(waiting: readonly UnschedulablePod[] = []): boolean {
  return waiting.some(pod => pod.lacks.length > 0);
}

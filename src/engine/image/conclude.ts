import type { PlannedStep } from '../plan.ts';

/**
 * Steps of which one may fail without stopping the others, and a last one that fails when any of them did. Where there is
 * only one such it just fails itself, and is told of once.
 */
export function concluded(steps: readonly PlannedStep[], nodes: number): PlannedStep[] {
  const able = steps.filter(({ optional }) => optional);
  if (able.length === 0) return [...steps];
  if (able.length === 1) return steps.map(({ optional: _, ...step }) => step);
  const settle: PlannedStep = {
    id: 'settle',
    title: nodes === 1 ? 'conclude' : `conclude for all ${nodes} nodes`,
    after: steps.map(({ id }) => id),
    action: { kind: 'node-image.settle', nodes },
  };
  return [...steps, settle];
}

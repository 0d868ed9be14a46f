import type { Plan, PlannedStep } from './plan.ts';

/**
 * Several plans' steps as one list: each part begins when all of the one before is done. Steps of the same id in two parts
 * are told apart. Pure.
 */
export function inSequence(parts: readonly (readonly PlannedStep[])[]): PlannedStep[] {
  const all: PlannedStep[] = [];
  const taken = new Set<string>();
  let before: string[] = [];
  for (const [number, part] of parts.entries()) {
    if (part.length === 0) continue;
    const names = new Map(part.map(({ id }) => [id, taken.has(id) ? `${id} (${number + 1})` : id]));
    const steps = part.map(step => ({
      ...step,
      id: names.get(step.id)!,
      after: step.after.length > 0 ? step.after.map(id => names.get(id) ?? id) : before,
    }));
    for (const { id } of steps) taken.add(id);
    const waitedFor = new Set(steps.flatMap(({ after }) => after));
    before = steps.map(({ id }) => id).filter(id => !waitedFor.has(id));
    all.push(...steps);
  }
  return all;
}

/** What holds for all of them together: warnings, secrets, the time they may take. */
export function together(parts: readonly Plan[]): Pick<Plan, 'warnings' | 'secrets' | 'timeoutSeconds'> {
  return {
    warnings: [...new Set(parts.flatMap(({ warnings }) => warnings))],
    secrets: [...new Set(parts.flatMap(({ secrets }) => secrets))].filter(secret => secret !== ''),
    timeoutSeconds: parts.reduce((sum, { timeoutSeconds }) => sum + timeoutSeconds, 0),
  };
}

import type { Problem } from '../engine/cluster/problems.ts';
import { K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';
import type { Log } from './log.ts';

/** Throws the first error; says the others before, so that they can be mended in one go. Warnings are the plan's. */
export function throwProblems(problems: Problem[], log: Log): void {
  const [first, ...others] = problems.filter(
    ({ severity, message }, i) => severity === 'error' && problems.findIndex(other => other.message === message) === i,
  );
  if (!first) return;
  for (const { code, message, hint } of others) {
    log.write('error', sanitise(hint && !log.fields ? `${message} (${hint})` : message), { code, hint });
  }
  throw new K3duiError(first);
}

import { useEffect, useState } from 'react';
import type { ClusterSpec } from '../../../src/config/cluster-spec.ts';
import { isAbort, toK3duiError } from '../../../src/errors.ts';
import type { NamedProblem } from './problems.ts';

/** Pause in typing after which the world is asked, in milliseconds. */
const PAUSE = 120;

export interface Checks {
  /** Of the newest spec that was checked; those of the one before while a check runs. */
  problems: readonly NamedProblem[];
  /** Why nothing could be checked: the engine is away. */
  failure?: string;
}

/** Checks the spec each time it has changed and typing pauses; only the newest answer counts. */
export function useChecks(
  spec: ClusterSpec,
  check: (spec: ClusterSpec, signal: AbortSignal) => Promise<readonly NamedProblem[]>,
  active: boolean,
): Checks {
  const [checks, setChecks] = useState<Checks>({ problems: [] });
  const key = JSON.stringify(spec);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the spec, and `check` is stable in meaning
  useEffect(() => {
    if (!active) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      check(spec, abort.signal).then(
        problems => !abort.signal.aborted && setChecks({ problems }),
        error => {
          if (abort.signal.aborted || isAbort(error)) return;
          setChecks({ problems: [], failure: toK3duiError(error).message });
        },
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, active]);
  return checks;
}

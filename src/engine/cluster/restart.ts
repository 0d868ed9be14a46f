import type { Cluster } from '../model.ts';
import type { Plan } from '../plan.ts';
import type { Facts } from './facts.ts';
import { DEFAULT_START_TIMEOUT, planClusterStart, type StartOptions, startSteps } from './start.ts';
import { stopSteps } from './stop.ts';

/**
 * Stops everything, then starts everything; what was stopped is started again when that fails half way. Throws
 * CLUSTER_BROKEN when there is no server.
 */
export function planClusterRestart(cluster: Cluster, facts: Facts, options: StartOptions = {}): Plan {
  const start = planClusterStart(cluster, facts, options);
  const stop = stopSteps(cluster, { restarts: true });
  const steps =
    stop.length === 0
      ? start.steps
      : [
          ...stop,
          ...startSteps(
            cluster,
            facts,
            options.wait ?? true,
            stop.map(step => step.id),
          ),
        ];
  return {
    ...start,
    title: `restart cluster ${cluster.name}`,
    command: start.command.replace('cluster start', 'cluster restart'),
    steps,
    onFailure: 'undo',
    timeoutSeconds: options.timeoutSeconds || DEFAULT_START_TIMEOUT + 60,
  };
}

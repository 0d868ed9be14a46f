import type { Cluster } from '../model.ts';
import type { Plan } from '../plan.ts';
import type { Facts } from './facts.ts';
import { DEFAULT_START_TIMEOUT, planClusterStart, type StartOptions, startSteps } from './start.ts';
import { stopSteps } from './stop.ts';

/** Stops everything, then starts everything. Throws CLUSTER_BROKEN when there is no server. */
export function planClusterRestart(cluster: Cluster, facts: Facts, options: StartOptions = {}): Plan {
  const start = planClusterStart(cluster, facts, options);
  const stop = stopSteps(cluster);
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
    timeoutSeconds: options.timeoutSeconds || DEFAULT_START_TIMEOUT + 60,
  };
}

import { commandLine } from '../../config/command-line.ts';
import type { Engine } from '../engine.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import type { Registry } from './model.ts';
import { nearbyUrl, readyStep } from './steps.ts';

const TIMEOUT = 60;
/** The registry ends at once; an upload that is under way is cut off. */
const GRACE = 10;

/** Starts registries and waits until they answer. What runs is left alone. */
export function planRegistryStart(registries: readonly Registry[], { docker, env }: Engine): Plan {
  const idle = registries.filter(({ node }) => !node.running);
  return plan(
    'start',
    registries,
    idle.flatMap(one => start(one, nearbyUrl(one, { env, endpoint: docker.endpoint }), [])),
  );
}

/** Stops registries; clusters that use them cannot pull from them meanwhile. */
export function planRegistryStop(registries: readonly Registry[]): Plan {
  const running = registries.filter(({ node }) => node.running || node.state === 'restarting');
  const users = [...new Set(running.flatMap(registry => registry.clusters))];
  const warnings = users.length > 0 ? [`${users.join(', ')} cannot pull from it until it is started again`] : [];
  return {
    ...plan(
      'stop',
      registries,
      running.map(one => stop(one)),
    ),
    warnings,
  };
}

export function planRegistryRestart(registries: readonly Registry[], { docker, env }: Engine): Plan {
  const steps = registries.flatMap(one => {
    const stops = one.node.running ? [stop(one, { restarts: true })] : [];
    const after = stops.map(step => step.id);
    return [...stops, ...start(one, nearbyUrl(one, { env, endpoint: docker.endpoint }), after)];
  });
  return { ...plan('restart', registries, steps), onFailure: 'undo' };
}

function plan(verb: string, registries: readonly Registry[], steps: PlannedStep[]): Plan {
  const names = registries.map(({ node }) => node.name);
  return {
    title: `${verb} registry ${names.join(', ')}`,
    command: commandLine`k3dui registry ${verb} ${names}`,
    steps,
    warnings: [],
    onFailure: 'keep',
    timeoutSeconds: TIMEOUT,
    secrets: [],
  };
}

export function stop({ node }: Registry, options: { restarts?: boolean } = {}): PlannedStep {
  return {
    id: `stop ${node.name}`,
    title: 'stop',
    subject: node.name,
    after: [],
    action: { kind: 'container.stop', container: node.id, graceSeconds: GRACE, ...options },
  };
}

export function start({ node }: Registry, url: string | undefined, after: string[]): PlannedStep[] {
  return [
    {
      id: `start ${node.name}`,
      title: 'start',
      subject: node.name,
      after,
      action: { kind: 'container.start', container: node.id },
    },
    readyStep(node.name, url, [`start ${node.name}`]),
  ];
}

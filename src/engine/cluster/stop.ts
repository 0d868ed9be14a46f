import { commandLine } from '../../config/command-line.ts';
import type { Cluster, Node } from '../model.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { usesOtherNetworks } from './delete.ts';

/** Seconds a server gets to drain and end; the drain itself ends after 20. k3d leaves it Docker's 10, which cuts it off. */
const SERVER_GRACE = 40;
/** Docker's own. */
const AGENT_GRACE = 10;
/** nginx has nothing to tidy up; k3d-proxy's shell ignores the signal and would use up any time it gets. */
const LOAD_BALANCER_GRACE = 1;

export interface StopOptions {
  /** Seconds for the whole. */
  timeoutSeconds?: number;
}

/** Stops every node, side by side: none needs another to end well. */
export function planClusterStop(cluster: Cluster, options: StopOptions = {}): Plan {
  // A registry that others pull from goes on (k3d stops it under their hands).
  const shared = cluster.registries.filter(({ networks }) => usesOtherNetworks(networks, cluster.network?.name));
  const own = { ...cluster, registries: cluster.registries.filter(registry => !shared.includes(registry)) };
  return {
    title: `stop cluster ${cluster.name}`,
    command: commandLine`k3dui cluster stop ${cluster.name}`,
    cluster: cluster.name,
    steps: stopSteps(own),
    warnings: shared.filter(({ running }) => running).map(({ name }) => `${name} goes on, as others use it too`),
    onFailure: 'keep',
    timeoutSeconds: options.timeoutSeconds || 120,
    secrets: [cluster.token],
  };
}

/** The containers of a cluster, or some of them. */
export type Nodes = Pick<Cluster, 'servers' | 'agents' | 'loadBalancer' | 'registries' | 'others'>;

/**
 * One stop per container that is not stopped yet; also those that restart in a loop.
 * @param options.restarts half of a restart, which is taken back by a start
 */
export function stopSteps(cluster: Nodes, options: { restarts?: boolean } = {}): PlannedStep[] {
  const active = (node: Node) => node.state === 'running' || node.state === 'restarting' || node.state === 'paused';
  const step = (node: Node, graceSeconds: number): PlannedStep => ({
    id: `stop ${node.name}`,
    title: 'stop',
    subject: node.name,
    after: [],
    action: { kind: 'container.stop', container: node.id, graceSeconds, ...options },
  });
  return [
    ...(cluster.loadBalancer ? [cluster.loadBalancer] : []).filter(active).map(node => step(node, LOAD_BALANCER_GRACE)),
    ...cluster.agents.filter(active).map(node => step(node, AGENT_GRACE)),
    ...cluster.servers.filter(active).map(node => step(node, SERVER_GRACE)),
    ...[...cluster.registries, ...cluster.others].filter(active).map(node => step(node, AGENT_GRACE)),
  ];
}

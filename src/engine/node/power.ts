import { commandLine } from '../../config/command-line.ts';
import type { Facts } from '../cluster/facts.ts';
import { DEFAULT_START_TIMEOUT, startSteps } from '../cluster/start.ts';
import { type Nodes, stopSteps } from '../cluster/stop.ts';
import type { Cluster, Node } from '../model.ts';
import type { Plan, PlannedStep } from '../plan.ts';

export interface PowerOptions {
  /** Wait until the nodes are of use again; only starting waits. */
  wait?: boolean;
  /** Seconds for the whole. */
  timeoutSeconds?: number;
}

const STOP_TIMEOUT = 120;

/**
 * Starts these nodes of one cluster, or of none, as a start of the cluster would: scripts put in first, servers before
 * the load balancer before agents, names looked up again. What runs is left alone.
 */
export function planNodeStart(nodes: readonly Node[], facts: Facts, options: PowerOptions = {}): Plan {
  const { wait = false } = options;
  const steps = startOnly(nodes, facts, wait, []);
  const made = plan('start', nodes, facts, steps, options.timeoutSeconds || DEFAULT_START_TIMEOUT);
  return { ...made, warnings: wait ? notWaitedFor(nodes, facts) : [] };
}

/** Stops these nodes side by side; servers get time to let their pods end. */
export function planNodeStop(nodes: readonly Node[], facts: Pick<Facts, 'snapshot'>, options: PowerOptions = {}): Plan {
  const steps = stopSteps(only(nodes, clusterOf(nodes, facts)));
  return plan('stop', nodes, facts, steps, options.timeoutSeconds || STOP_TIMEOUT);
}

/** Stops these nodes, then starts them, also when something fails half way. */
export function planNodeRestart(nodes: readonly Node[], facts: Facts, options: PowerOptions = {}): Plan {
  const stops = stopSteps(only(nodes, clusterOf(nodes, facts)), { restarts: true });
  const before = stops.map(step => step.id);
  const { wait = true } = options;
  const starts = startOnly(nodes, facts, wait, before);
  const limit = options.timeoutSeconds || DEFAULT_START_TIMEOUT + STOP_TIMEOUT;
  const made = plan('restart', nodes, facts, [...stops, ...starts], limit);
  const warnings = [...made.warnings, ...(wait ? notWaitedFor(nodes, facts) : [])];
  return { ...made, warnings, onFailure: 'undo' };
}

function plan(
  verb: 'start' | 'stop' | 'restart',
  nodes: readonly Node[],
  facts: Pick<Facts, 'snapshot'>,
  steps: PlannedStep[],
  timeoutSeconds: number,
): Plan {
  const cluster = clusterOf(nodes, facts);
  const warnings = verb === 'start' || !cluster ? [] : quorumWarning(nodes, cluster);
  return {
    title: `${verb} ${nodes.length === 1 ? `node ${nodes[0]!.name}` : `${nodes.length} nodes`}`,
    command: commandLine`k3dui node ${verb} ${nodes.map(node => node.name)}`,
    cluster: cluster?.name,
    steps,
    warnings,
    onFailure: 'keep',
    timeoutSeconds,
    secrets: cluster ? [cluster.token] : [],
  };
}

/** etcd stands still without a majority of its members. */
function quorumWarning(nodes: readonly Node[], cluster: Cluster): string[] {
  const { servers } = cluster;
  const running = servers.filter(server => server.running && !nodes.some(node => node.id === server.id)).length;
  if (servers.length < 2 || running === 0 || running > servers.length / 2) return [];
  return [
    `with ${running} of ${servers.length} servers running etcd stands still: Kubernetes does not answer until more run`,
  ];
}

/** Why the Kubernetes API will not answer with these nodes and those that run; undefined: it will. */
function whyNoAnswer(nodes: readonly Node[], { name, servers, loadBalancer }: Cluster): string | undefined {
  const runs = (node: Node) => node.running || nodes.some(({ id }) => id === node.id);
  const up = servers.filter(runs).length;
  if (up === 0) return `no server of ${name} runs`;
  if (2 * up <= servers.length) return `with ${up} of ${servers.length} servers running etcd stands still`;
  return loadBalancer && !runs(loadBalancer) ? `${loadBalancer.name} does not run` : undefined;
}

/** What cannot come is not waited for, and that is said. */
function notWaitedFor(nodes: readonly Node[], facts: Pick<Facts, 'snapshot'>): string[] {
  const cluster = clusterOf(nodes, facts);
  const why = cluster && whyNoAnswer(nodes, cluster);
  return why ? [`not waited until Kubernetes answers: ${why}`] : [];
}

function clusterOf(nodes: readonly Node[], { snapshot }: Pick<Facts, 'snapshot'>): Cluster | undefined {
  const name = nodes[0]?.cluster;
  return snapshot.clusters.find(cluster => cluster.name === name);
}

/** The cluster as if it had no other nodes. */
function only(nodes: readonly Node[], cluster: Cluster | undefined): Nodes {
  const chosen = (list: Node[]) => list.filter(node => nodes.some(({ id }) => id === node.id));
  if (!cluster) return { servers: [], agents: [], loadBalancer: undefined, registries: [], others: [...nodes] };
  const [loadBalancer] = chosen(cluster.loadBalancer ? [cluster.loadBalancer] : []);
  return {
    servers: chosen(cluster.servers),
    agents: chosen(cluster.agents),
    registries: chosen(cluster.registries),
    others: chosen(cluster.others),
    loadBalancer,
  };
}

/** The steps of a cluster's start that concern these nodes; `before` not empty: they are stopped first, start them all. */
function startOnly(nodes: readonly Node[], facts: Facts, wait: boolean, before: string[]): PlannedStep[] {
  const cluster = clusterOf(nodes, facts);
  const chosen = (node: Node) => nodes.some(({ id }) => id === node.id);
  const idle = nodes.filter(node => before.length > 0 || !node.running);
  const inCluster = (node: Node) =>
    cluster !== undefined &&
    [...cluster.servers, ...cluster.agents, cluster.loadBalancer].some(one => one?.id === node.id);
  const others = idle.filter(node => !inCluster(node)).map(node => start(node, before));
  if (!cluster || cluster.servers.length === 0)
    return [...others, ...idle.filter(inCluster).map(node => start(node, before))];
  // What is not to be started counts as running; a start leaves that alone.
  const mark = (node: Node): Node => ({ ...node, running: chosen(node) ? before.length === 0 && node.running : true });
  const running = (node: Node | undefined): node is Node => node !== undefined;
  const balancerRuns =
    cluster.loadBalancer !== undefined && (cluster.loadBalancer.running || chosen(cluster.loadBalancer));
  const steps = startSteps(
    {
      ...cluster,
      servers: cluster.servers.map(mark),
      agents: cluster.agents.map(mark),
      loadBalancer: [cluster.loadBalancer].filter(running).map(mark)[0],
      registries: [],
    },
    facts,
    wait && whyNoAnswer(nodes, cluster) === undefined,
    [],
  );
  return [
    ...others,
    ...steps
      .filter(step => step.action.kind !== 'loadbalancer.reload' || balancerRuns)
      .map(step => ({ ...step, after: step.after.length > 0 ? step.after : before })),
  ];
}

function start(node: Node, after: string[]): PlannedStep {
  return {
    id: `start ${node.name}`,
    title: 'start',
    subject: node.name,
    after,
    action: { kind: 'container.start', container: node.id },
  };
}

import { commandLine } from '../../config/command-line.ts';
import { K3duiError } from '../../errors.ts';
import type { Facts } from '../cluster/facts.ts';
import type { Cluster, Node } from '../model.ts';
import { API_PORT } from '../names.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { membersStep } from './members.ts';
import { forgetMemorySteps } from './meminfo.ts';

export interface NodeDeleteOptions {
  /** Let the pods end and come up elsewhere first. */
  drain: boolean;
  /** Also the last server, or the node through which the API is reached; and without Kubernetes if none answers. */
  force?: boolean;
  /** Every node was asked for, not this one. */
  all?: boolean;
  /** Seconds for the whole. */
  timeoutSeconds?: number;
}

/** Seconds that the pods of one node get to end. */
const DRAIN_LIMIT = 90;
const DELETE_TIMEOUT = 120;
/** Seconds that etcd gets to vote a member out; a minute was seen where the one that led had to go. */
const ELECTION = 150;

/**
 * Removes nodes of one cluster, or nodes that belong to none. A server or agent first leaves the load balancer's
 * listeners, then its pods go; Kubernetes forgets it, and etcd a server of several, which k3d leaves behind so that the
 * cluster hangs at its next start. Servers go one after the other. Throws SERVER_LAST, API_NODE.
 */
export function planNodeDelete(
  nodes: readonly Node[],
  facts: Pick<Facts, 'snapshot'> & Partial<Pick<Facts, 'containers'>>,
  options: NodeDeleteOptions,
): Plan {
  const cluster = clusterOf(nodes, facts);
  const ids = new Set(nodes.map(node => node.id));
  const servers = cluster?.servers.filter(node => ids.has(node.id)) ?? [];
  const agents = cluster?.agents.filter(node => ids.has(node.id)) ?? [];
  const left = cluster?.servers.filter(node => !ids.has(node.id)) ?? [];
  const whole = cluster !== undefined && [...cluster.servers, ...cluster.agents].every(node => ids.has(node.id));
  const answering = left.filter(node => node.running).map(node => node.name);
  const warnings: string[] = [];
  // Who names everything, the load balancer too, means the cluster; its only server alone may be a slip.
  const meant = whole && nodes.length > 1 && (!cluster.loadBalancer || ids.has(cluster.loadBalancer.id));
  if (cluster && servers.length > 0 && !meant && !options.all && !options.force) refuse(cluster, servers, left);
  for (const node of nodes) warnings.push(...warningsFor(node, cluster, whole));
  // Without a server that answers nobody can be asked; with the last server there is nobody left to forget it.
  const kubernetes = cluster !== undefined && !whole && answering.length > 0;
  if (cluster && !whole && !kubernetes && servers.length + agents.length > 0) {
    warnings.push(
      `no other server of cluster '${cluster.name}' runs, so Kubernetes keeps the node until somebody deletes it there`,
    );
  }
  const steps: PlannedStep[] = [];
  const prune: string[] = [];
  const balancer = cluster?.loadBalancer;
  if (cluster && balancer && !ids.has(balancer.id) && !whole && servers.length + agents.length > 0) {
    const leaving = [...servers, ...agents].map(node => node.name);
    // A cluster whose load balancer is out of order can lose a node all the same.
    steps.push({
      ...membersStep(cluster, { joining: [], leaving }, []),
      ...(balancer.running ? {} : { optional: true }),
    });
    prune.push('members');
  }
  const drain = (node: Node, after: string[]): string[] => {
    if (!kubernetes || !options.drain || !node.running) return after;
    const id = `drain ${node.name}`;
    const action = {
      kind: 'kubernetes.drain',
      node: node.name,
      servers: answering,
      timeoutSeconds: DRAIN_LIMIT,
    } as const;
    steps.push({ id, title: 'drain', subject: node.name, after, action });
    return [id];
  };
  const forget = (node: Node, after: string[]): string[] => {
    if (!kubernetes) return after;
    const id = `forget ${node.name}`;
    const patienceSeconds = node.role === 'server' ? ELECTION : undefined;
    const action = { kind: 'kubernetes.forget', node: node.name, servers: answering, patienceSeconds } as const;
    const title = node.role === 'server' ? 'leave Kubernetes and etcd' : 'leave Kubernetes';
    steps.push({ id, title, subject: node.name, after, action, ...(options.force ? { optional: true } : {}) });
    return [id];
  };
  // Its kubelet may have brought the node back in the moment before it ended.
  const stayForgotten = (node: Node, after: string[]): string[] => {
    const id = `forgotten ${node.name}`;
    const action = { kind: 'kubernetes.forget', node: node.name, servers: answering } as const;
    steps.push({ id, title: 'stay out of Kubernetes', subject: node.name, after, action, optional: true });
    return [id];
  };
  const remove = (node: Node, after: string[]): string[] => {
    const id = `remove ${node.name}`;
    steps.push({
      id,
      title: 'remove',
      subject: node.name,
      after,
      action: { kind: 'container.remove', container: node.id },
    });
    steps.push(...forgetMemorySteps(node.name, facts.containers ?? [], [id]));
    return [id];
  };
  for (const agent of agents) forget(agent, remove(agent, drain(agent, prune)));
  // The member must be out of etcd while it still counts: a stopped one of two would take the majority with it.
  let before = prune;
  for (const server of servers) {
    const removed = remove(server, forget(server, drain(server, before)));
    before = kubernetes ? stayForgotten(server, removed) : removed;
  }
  for (const node of nodes) if (!servers.includes(node) && !agents.includes(node)) remove(node, []);
  const what = nodes.length === 1 ? `node ${nodes[0]!.name}` : `${nodes.length} nodes`;
  return {
    title: `delete ${what}`,
    command: commandLine`k3dui node delete ${[
      ...nodes.map(node => node.name),
      ...(options.drain ? [] : ['--drain=false']),
      ...(options.force ? ['--force'] : []),
    ]}`,
    cluster: cluster?.name,
    steps,
    warnings: [...new Set(warnings)],
    onFailure: 'undo',
    timeoutSeconds: options.timeoutSeconds || DELETE_TIMEOUT + DRAIN_LIMIT + (DRAIN_LIMIT + ELECTION) * servers.length,
    secrets: cluster ? [cluster.token] : [],
  };
}

/** The nodes by the cluster they belong to, for one plan each; those that belong to none come under an empty name. */
export function byCluster(nodes: readonly Node[], clusters: readonly Cluster[]): { name: string; nodes: Node[] }[] {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const name = clusters.some(cluster => cluster.name === node.cluster) ? node.cluster : '';
    groups.set(name, [...(groups.get(name) ?? []), node]);
  }
  return [...groups].map(([name, members]) => ({ name, nodes: members }));
}

function clusterOf(nodes: readonly Node[], { snapshot }: Pick<Facts, 'snapshot'>): Cluster | undefined {
  const names = new Set(nodes.map(node => node.cluster));
  return names.size === 1 ? snapshot.clusters.find(cluster => names.has(cluster.name)) : undefined;
}

function refuse(cluster: Cluster, servers: Node[], left: Node[]): void {
  const names = servers.map(server => server.name).join(', ');
  if (left.length === 0) {
    throw new K3duiError({
      code: 'SERVER_LAST',
      message: `${names} ${servers.length === 1 ? 'is the only server' : 'are all the servers'} of cluster '${cluster.name}': without one everything in the cluster is lost`,
      hint: `delete the whole cluster: k3dui cluster delete ${cluster.name}; or this alone with --force`,
    });
  }
  const publishesApi = servers.find(server => server.ports.some(port => port.containerPort === API_PORT));
  if (publishesApi && !cluster.loadBalancer) {
    throw new K3duiError({
      code: 'API_NODE',
      message: `the Kubernetes API of cluster '${cluster.name}' is published by ${publishesApi.name}: without it nobody could reach the cluster from outside`,
      hint: 'a cluster with a load balancer can lose any server; to do it all the same: --force',
    });
  }
}

function warningsFor(node: Node, cluster: Cluster | undefined, whole: boolean): string[] {
  if (node.labels['k3d.cluster.external'] === 'true') {
    return [
      `Kubernetes at ${node.cluster} keeps node ${node.name} until it is deleted there: kubectl delete node ${node.name}`,
    ];
  }
  if (node.role === 'loadbalancer' && cluster && !whole) {
    return [
      `without ${node.name} no published port of cluster '${cluster.name}' leads anywhere, its Kubernetes API included`,
    ];
  }
  if (node.role === 'server' && cluster && !whole && cluster.servers.length === 3) {
    return ['with two servers etcd stands still as soon as one is down: one or three are safer'];
  }
  return [];
}

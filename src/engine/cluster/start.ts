import { commandLine } from '../../config/command-line.ts';
import type { ContainerFile } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';
import { LB_SCRIPT_PATH } from '../loadbalancer/script.ts';
import type { Cluster, Node } from '../model.ts';
import { ENTRYPOINT_PATH, entrypointFiles, entrypointFixes, goFile, holdFile } from '../node/entrypoint.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { answeringAddress } from './api-address.ts';
import { addsAllNames, disablesCoreDns, dnsStep, hostAliasesOf } from './dns.ts';
import type { Facts } from './facts.ts';
import { lostBalancer } from './lost-balancer.ts';

export interface StartOptions {
  /** false: return when the containers are started. */
  wait?: boolean;
  /** Seconds for the whole. */
  timeoutSeconds?: number;
}

/** Seconds a start may take when nobody says otherwise. k3d waits for ever. */
export const DEFAULT_START_TIMEOUT = 300;

/**
 * Starts what does not run. Servers start side by side, as etcd needs a majority of them before any answers; the load
 * balancer follows the first that serves. Agents' containers start with the servers, and k3s in them when the server is
 * ready for it: what asks a server too early waits long before it asks again. Throws CLUSTER_BROKEN when there is no
 * server to start.
 */
export function planClusterStart(cluster: Cluster, facts: Facts, options: StartOptions = {}): Plan {
  const { wait = true, timeoutSeconds } = options;
  if (cluster.servers.length === 0) {
    throw new K3duiError({
      code: 'CLUSTER_BROKEN',
      message: `cluster '${cluster.name}' has no server left, so it cannot start`,
      hint: `remove what is left of it: k3dui cluster delete ${cluster.name}`,
    });
  }
  const lost = lostBalancer(cluster);
  return {
    title: `start cluster ${cluster.name}`,
    command: commandLine`k3dui cluster start ${[
      cluster.name,
      ...(wait ? [] : ['--wait=false']),
      ...(timeoutSeconds ? ['--timeout', `${timeoutSeconds}s`] : []),
    ]}`,
    cluster: cluster.name,
    steps: startSteps(cluster, facts, wait, []),
    warnings: lost
      ? [
          `${lost} is gone, so Kubernetes does not answer at its address: make it again with k3dui doctor ${cluster.name} --fix`,
        ]
      : [],
    onFailure: 'keep',
    timeoutSeconds: timeoutSeconds || DEFAULT_START_TIMEOUT,
    secrets: [cluster.token],
  };
}

/** The steps of a start; each waits for `before` at least. Empty when everything runs. */
export function startSteps(cluster: Cluster, facts: Facts, wait: boolean, before: string[]): PlannedStep[] {
  const restarted = before.length > 0;
  const idle = (nodes: Node[]) => nodes.filter(node => restarted || !node.running);
  const servers = idle(cluster.servers);
  const agents = idle(cluster.agents);
  const [loadBalancer] = idle(cluster.loadBalancer ? [cluster.loadBalancer] : []);
  const registries = idle(cluster.registries);
  const steps: PlannedStep[] = registries.map(node => start(node, before));

  // All at once, but in order: where no address is fixed Docker gives the next one to whoever comes, and etcd knows its
  // members by address. k3d creates and starts servers in this order too.
  let beforeServer = before;
  for (const server of servers) {
    steps.push(...startNode(server, facts, before, { beforeStart: beforeServer }));
    beforeServer = [startId(server)];
  }
  const api = answeringAddress(cluster, facts);
  const apiServer = cluster.servers[0]!;
  const early = [...before, ...servers.map(startId)];
  let afterServers = early;
  // k3d-proxy's own entry point ends, again and again, until every node's name resolves: it can only come last.
  const lastComesLoadBalancer = loadBalancer !== undefined && !startsThroughScript(loadBalancer, facts);
  // One server behind nginx is never taken out of use by a failed try, so asking early does no harm. Of several, a
  // server that refused once is left out for ten seconds: ask the servers themselves first.
  if (wait && servers.length > 0 && (cluster.servers.length > 1 || lastComesLoadBalancer || lostBalancer(cluster))) {
    const id = `serve ${apiServer.name}`;
    const what = { check: 'server', container: apiServer.name, cluster: cluster.name, api } as const;
    steps.push(ready(id, 'Kubernetes API', apiServer.name, afterServers, what));
    afterServers = [id];
  }
  // nginx looks names up when it reads its configuration: one that starts when every node has its address need not read
  // it again.
  const held = agents.filter(agent => wait && usesScript(agent, facts));
  const startFirst = loadBalancer ? [...servers, ...(lastComesLoadBalancer ? agents : held)] : [];
  const startLoadBalancer = (after: string[]) => {
    if (!loadBalancer) return after;
    steps.push(start(loadBalancer, [...new Set([...after, ...startFirst.map(startId)])]));
    return [startId(loadBalancer)];
  };
  const startAgents = (after: string[]) => {
    if (agents.length === 0) return after;
    const admitted = wait ? ['admits'] : after;
    if (wait) {
      const what = { check: 'admits', container: apiServer.name } as const;
      steps.push(ready('admits', 'ready for agents', apiServer.name, after, what));
    }
    const joined = agents.map(agent => {
      const waits = held.includes(agent);
      steps.push(...startNode(agent, facts, waits ? early : admitted, { held: waits }));
      if (!waits) return startId(agent);
      const join = letJoin(agent, admitted);
      steps.push(join);
      return join.id;
    });
    return [...after, ...joined];
  };
  // One that runs already may lead to where the servers were, or have left them out: the API answers only after that.
  if (wait && servers.length > 0 && cluster.loadBalancer && !loadBalancer) {
    const again = reloadStep('find the servers', cluster.loadBalancer, afterServers);
    steps.push(again);
    afterServers = [again.id];
  }
  const waitForApi = (after: string[]) => {
    if (!wait || (servers.length === 0 && !loadBalancer)) return after;
    const balancer = cluster.loadBalancer?.name;
    if (api) {
      const what = {
        check: 'api',
        cluster: cluster.name,
        server: apiServer.name,
        api,
        loadBalancer: balancer,
      } as const;
      steps.push(ready('api', `Kubernetes API at ${api.host}:${api.port}`, apiServer.name, after, what));
      return ['api'];
    }
    if (!loadBalancer) return after;
    steps.push(
      ready('listen', 'listen', loadBalancer.name, after, { check: 'loadbalancer', container: loadBalancer.name }),
    );
    return ['listen'];
  };
  const served = lastComesLoadBalancer
    ? waitForApi(startLoadBalancer(startAgents(afterServers)))
    : waitForApi(startLoadBalancer(afterServers));
  const afterNodes = lastComesLoadBalancer ? served : startAgents(served);

  const nodes = [...servers, ...agents].map(node => node.name);
  if (wait && api && nodes.length > 0) {
    const title = `${nodes.length === 1 ? 'node' : `${nodes.length} nodes`} registered`;
    const what = { check: 'registered', cluster: cluster.name, server: apiServer.name, api, nodes } as const;
    steps.push(ready('registered', title, apiServer.name, afterNodes, what));
  }
  // Addresses may have changed.
  if (cluster.loadBalancer && startFirst.length < nodes.length) {
    steps.push(reloadStep('reload load balancer', cluster.loadBalancer, [...served, ...agents.map(startId)]));
  }
  if (wait && nodes.length > 0 && cluster.network && cluster.network.name !== 'host') {
    const aliases = hostAliasesOf(cluster);
    const told = disablesCoreDns(commandOf(apiServer, facts)) ? [] : cluster.servers.map(node => node.name);
    const lacking = [...servers, ...agents].filter(node => !usesScript(node, facts) || !addsAllNames(aliases, facts));
    if (told.length + lacking.length > 0) {
      const names = lacking.map(node => node.name);
      steps.push(dnsStep(cluster.network.name, told, aliases, afterNodes, names));
    }
  }
  return steps;
}

function commandOf(node: Node, facts: Facts): string {
  return facts.containers.find(({ Id }) => Id === node.id)?.Command ?? '';
}

/** True for a load balancer that k3dui made; one that k3d replaced keeps our labels but not our entry point. */
function startsThroughScript(loadBalancer: Node, facts: Facts): boolean {
  return commandOf(loadBalancer, facts).includes(LB_SCRIPT_PATH);
}

export function startId(node: { name: string }): string {
  return `start ${node.name}`;
}

function reloadStep(id: string, { name }: Node, after: string[]): PlannedStep {
  return {
    id,
    title: 'look up the nodes again',
    subject: name,
    after,
    action: { kind: 'loadbalancer.reload', container: name },
    optional: true,
  };
}

function start(node: Node, after: string[]): PlannedStep {
  return {
    id: startId(node),
    title: 'start',
    subject: node.name,
    after,
    action: { kind: 'container.start', container: node.name },
  };
}

/** Lets k3s begin in a node whose entry point was told to hold it. */
export function letJoin(node: { name: string }, after: string[]): PlannedStep {
  return {
    id: `join ${node.name}`,
    title: 'let it join',
    subject: node.name,
    after: [startId(node), ...after],
    action: { kind: 'files.write', container: node.name, files: [goFile] },
  };
}

function scriptsOf(node: Node, facts: Facts): ContainerFile[] {
  const hostNetwork = node.networks.some(network => network.name === 'host');
  return entrypointFiles(entrypointFixes(facts, hostNetwork));
}

/** True for a node that starts through the entry point script, by how it was made and by what is put in. */
function usesScript(node: Node, facts: Facts): boolean {
  return commandOf(node, facts).includes(ENTRYPOINT_PATH) && scriptsOf(node, facts).length > 0;
}

/**
 * k3d too copies its scripts in before every start, so that a newer version's take effect.
 * @param how.held k3s is to wait in it for `letJoin`
 */
function startNode(
  node: Node,
  facts: Facts,
  after: string[],
  { beforeStart = after, held = false }: { beforeStart?: string[]; held?: boolean } = {},
): PlannedStep[] {
  const files = scriptsOf(node, facts);
  if (files.length === 0) return [start(node, beforeStart)];
  const write: PlannedStep = {
    id: `files ${node.name}`,
    title: 'put in the entry point',
    subject: node.name,
    after,
    action: { kind: 'files.write', container: node.name, files: [...(held ? [holdFile] : []), ...files] },
  };
  return [write, start(node, [write.id, ...beforeStart])];
}

function ready(
  id: string,
  title: string,
  subject: string,
  after: string[],
  what: Extract<PlannedStep['action'], { kind: 'ready' }>['what'],
): PlannedStep {
  return { id, title, subject, after, action: { kind: 'ready', what } };
}

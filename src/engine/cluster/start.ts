import { K3duiError } from '../../errors.ts';
import type { Cluster, Node } from '../model.ts';
import { entrypointFiles, entrypointFixes } from '../node/entrypoint.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { apiAddress } from './api-address.ts';
import type { Facts } from './facts.ts';

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
 * balancer follows the first that serves, agents follow the API: what asks a server too early waits long before it asks
 * again. Throws CLUSTER_BROKEN when there is no server to start.
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
  return {
    title: `start cluster ${cluster.name}`,
    command: [
      'k3dui cluster start',
      cluster.name,
      wait ? '' : '--wait=false',
      timeoutSeconds ? `--timeout ${timeoutSeconds}s` : '',
    ]
      .filter(Boolean)
      .join(' '),
    cluster: cluster.name,
    steps: startSteps(cluster, facts, wait, []),
    warnings: [],
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

  for (const server of servers) steps.push(...startNode(server, facts, before));
  const started = servers.map(server => startId(server));
  const many = cluster.servers.length > 1;
  const api = apiAddress(cluster, facts);
  const apiServer = cluster.servers[0]!;
  // One server behind nginx is never taken out of use by a failed try, so asking early does no harm. Of several, a
  // server that refused once is left out for ten seconds: ask the servers themselves first.
  const served =
    wait && many && servers.length > 0
      ? ready(`serve ${apiServer.name}`, 'Kubernetes API', apiServer.name, started, {
          check: 'server',
          container: apiServer.name,
          cluster: cluster.name,
          api,
        })
      : undefined;
  if (served) steps.push(served);
  const afterServers = served ? [served.id] : started;

  if (loadBalancer) steps.push(start(loadBalancer, [...before, ...afterServers]));
  const afterLoadBalancer = loadBalancer ? [startId(loadBalancer)] : afterServers;
  if (loadBalancer && wait && !api) {
    steps.push(
      ready(`listen ${loadBalancer.name}`, 'load balancer', loadBalancer.name, afterLoadBalancer, {
        check: 'loadbalancer',
        container: loadBalancer.name,
      }),
    );
  }
  let afterApi = [...afterServers, ...afterLoadBalancer];
  if (wait && api && (servers.length > 0 || loadBalancer)) {
    const answers = ready('api', `Kubernetes API at ${api.host}:${api.port}`, apiServer.name, afterApi, {
      check: 'api',
      cluster: cluster.name,
      server: apiServer.name,
      api,
    });
    steps.push(answers);
    afterApi = [answers.id];
  }
  for (const agent of agents) steps.push(...startNode(agent, facts, [...before, ...afterApi]));
  const nodes = [...servers, ...agents].map(node => node.name);
  const afterNodes = [...afterApi, ...agents.map(node => startId(node))];
  if (wait && api && nodes.length > 0) {
    steps.push(
      ready(
        'registered',
        `${nodes.length === 1 ? 'node' : `${nodes.length} nodes`} registered`,
        apiServer.name,
        afterNodes,
        { check: 'registered', cluster: cluster.name, server: apiServer.name, api, nodes },
      ),
    );
  }
  // Addresses may have changed, and nginx looks names up only when it reads its configuration.
  if (cluster.loadBalancer && nodes.length > 0) {
    steps.push({
      id: 'reload load balancer',
      title: 'look up the nodes again',
      subject: cluster.loadBalancer.name,
      after: afterNodes,
      action: { kind: 'loadbalancer.reload', container: cluster.loadBalancer.name },
      optional: true,
    });
  }
  if (wait && nodes.length > 0 && cluster.network && cluster.network.name !== 'host') {
    steps.push(
      dnsStep(
        cluster.network.name,
        cluster.servers.map(node => node.name),
        hostAliasesOf(cluster),
        afterNodes,
      ),
    );
  }
  return steps;
}

export function startId(node: { name: string }): string {
  return `start ${node.name}`;
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

/** k3d too copies its scripts in before every start, so that a newer version's take effect. */
function startNode(node: Node, facts: Facts, after: string[]): PlannedStep[] {
  const hostNetwork = node.networks.some(network => network.name === 'host');
  const files = entrypointFiles(
    entrypointFixes(facts.env, facts.engine.CgroupVersion ?? '1', hostNetwork, facts.engine.Name),
  );
  if (files.length === 0) return [start(node, after)];
  const write: PlannedStep = {
    id: `files ${node.name}`,
    title: 'put in the entry point',
    subject: node.name,
    after,
    action: { kind: 'files.write', container: node.name, files },
  };
  return [write, start(node, [write.id])];
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

/** Host aliases as k3d labels them: JSON of [{ip, hostnames}] (pkg/client/cluster.go). */
function hostAliasesOf(cluster: Cluster): { ip: string; hostnames: string[] }[] {
  const label = cluster.servers[0]?.labels['k3d.cluster.start.hostaliases'];
  if (!label) return [];
  try {
    return JSON.parse(label) as { ip: string; hostnames: string[] }[];
  } catch {
    return [];
  }
}

/** Names for pods. The cluster is of use without them, so a failure is a warning. */
export function dnsStep(
  network: string,
  servers: string[],
  hostAliases: { ip: string; hostnames: string[] }[],
  after: string[],
): PlannedStep {
  return {
    id: 'dns',
    title: 'give pods the names of host and nodes',
    subject: servers[0],
    after,
    action: { kind: 'dns.inject', servers, network, hostAliases, hostIP: '' },
    optional: true,
  };
}

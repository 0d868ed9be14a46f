import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { bindingSpec, bindingsOf, listenerOf } from '../loadbalancer/bindings.ts';
import { applyPortChange, type PortChange, sameModel } from '../loadbalancer/change.ts';
import { planPortEdit } from '../loadbalancer/edit.ts';
import { renderNginxConf } from '../loadbalancer/nginx.ts';
import { formatValues, type LoadBalancerModel } from '../loadbalancer/values.ts';
import type { Cluster, Node } from '../model.ts';
import { API_PORT } from '../names.ts';
import { planNodeCreate } from '../node/create.ts';
import { planNodeDelete } from '../node/delete.ts';
import type { NodeFacts } from '../node/facts.ts';
import { changeMembers } from '../node/members.ts';
import { defaultNodeRequest } from '../node/request.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { inSequence, together } from '../plan-sequence.ts';
import { planClusterCreate } from './create.ts';
import { planClusterDelete } from './delete.ts';
import { clusterDifferences, type Difference } from './differences.ts';
import type { Facts } from './facts.ts';
import { layoutCluster } from './layout.ts';
import { nodeAsAsked } from './node-as-asked.ts';
import { type PortGap, portGap, renamer } from './port-differences.ts';
import { Problems } from './problems.ts';
import type { ClusterReading } from './reading.ts';
import { specOf } from './spec-of.ts';
import { planClusterStart } from './start.ts';

/** What bringing a cluster up to a request depends on. */
export interface UpdateFacts extends Facts {
  /** What adding nodes of a role depends on; absent when none is added. */
  nodes: { server?: NodeFacts; agent?: NodeFacts };
  /** The cluster keeps its data in etcd, so servers can join. */
  etcd: boolean;
}

/** What brings a cluster up to a request, and what nothing can bring it up to. */
export interface ClusterUpdate {
  plan: Plan;
  /** All that differs now. */
  differences: Difference[];
  /** Those that stay: only a cluster made anew has them. */
  left: Difference[];
}

/**
 * One plan that makes a cluster what was asked for, as far as it can be while it goes on: ports first, through the load
 * balancer that is there; then all that is stopped starts; then nodes go and come; at last every listener leads where it
 * shall. Empty when all is so already. Pure. Throws what the plans of each part throw.
 */
export function planClusterUpdate(wanted: ClusterSpec, reading: ClusterReading, facts: UpdateFacts): ClusterUpdate {
  const { cluster } = reading;
  const spec = { ...wanted, name: cluster.name };
  const differences = clusterDifferences(spec, reading, facts, facts);
  const left = differences.filter(({ how }) => how === 'recreate');
  const can = new Set(differences.filter(({ how }) => how === 'in place').map(({ field }) => field));
  const problems = new Problems();
  const want = layoutCluster({ ...spec, token: cluster.token }, facts, problems);
  problems.throwFirst();
  const have = layoutCluster(specOf(reading).spec, facts, new Problems());

  const leaving = [
    ...(can.has('servers') ? cluster.servers.slice(spec.servers) : []),
    ...(can.has('agents') ? cluster.agents.slice(spec.agents) : []),
  ];
  const parts: Plan[] = [];
  const ports =
    can.has('ports') || can.has('lbConfigOverrides') ? planPorts(want, have, reading, facts, leaving) : undefined;
  if (ports?.plan) parts.push(ports.plan);
  if (can.has('state')) parts.push(planClusterStart(cluster, facts));
  const started = asStarted(cluster);
  if (leaving.length > 0)
    parts.push(
      planNodeDelete(
        leaving.map(node => started.find(node)),
        { snapshot: started.snapshot(facts) },
        { drain: true },
      ),
    );
  const staying = started.without(leaving);
  const joined: { name: string; role: 'server' | 'agent' }[] = [];
  for (const role of ['server', 'agent'] as const) {
    const there = role === 'server' ? cluster.servers : cluster.agents;
    const count = (role === 'server' ? spec.servers : spec.agents) - there.length;
    const nodeFacts = facts.nodes[role];
    if (count <= 0 || !can.has(`${role}s`) || !nodeFacts) continue;
    const request = {
      ...defaultNodeRequest(baseName(cluster.name, role, there)),
      role,
      replicas: count,
      wait: spec.wait,
    };
    const plan = planNodeCreate(staying, request, nodeFacts);
    const names = plan.steps.flatMap(({ action }) => (action.kind === 'container.create' ? [action.name] : []));
    const layouts = (role === 'server' ? want.servers : want.agents).slice(there.length);
    const asked = new Map(names.map((name, i) => [name, layouts[i]!]));
    parts.push({
      ...plan,
      steps: plan.steps.map(step =>
        step.action.kind === 'container.create' && asked.has(step.action.name)
          ? { ...step, action: nodeAsAsked(step.action, asked.get(step.action.name)!, want, spec, reading) }
          : step,
      ),
    });
    joined.push(...names.map(name => ({ name, role })));
  }
  const last = finalModel(want, reading, ports?.model ?? reading.model, leaving, joined);
  const steps = inSequence([...parts.map(({ steps }) => steps), last ? [configureStep(cluster, last)] : []]);
  return {
    plan: {
      title: `bring cluster ${cluster.name} up to what is asked for`,
      command: '',
      cluster: cluster.name,
      steps,
      ...together(parts),
      onFailure: 'undo',
      ...(parts.length === 0 ? { secrets: [cluster.token], timeoutSeconds: CONFIGURE_TIMEOUT } : {}),
      network: parts.find(({ network }) => network)?.network,
    },
    differences,
    left,
  };
}

/** Seconds for what only changes where listeners lead. */
const CONFIGURE_TIMEOUT = 60;

/**
 * Deletes the cluster and makes it anew, as one plan: everything in it is lost. All that can be checked is checked before
 * anything goes. Pure. Throws what a create throws.
 */
export function planClusterRecreate(wanted: ClusterSpec, cluster: Cluster, facts: Facts): Plan {
  const remove = planClusterDelete(cluster, facts);
  const gone = new Set(
    remove.steps.flatMap(({ action }) => (action.kind === 'container.remove' ? [action.container] : [])),
  );
  const networks = new Set(
    remove.steps.flatMap(({ action }) => (action.kind === 'network.remove' ? [action.network] : [])),
  );
  const freed = facts.containers
    .filter(({ Id }) => gone.has(Id))
    .flatMap(({ Ports = [] }) => Ports.map(({ PublicPort, Type }) => `${PublicPort}/${Type}`));
  const create = planClusterCreate(
    { ...wanted, name: cluster.name },
    {
      ...facts,
      containers: facts.containers.filter(({ Id }) => !gone.has(Id)),
      networks: facts.networks.filter(({ Name }) => !networks.has(Name)),
      // Docker's own proxies hold them.
      sockets: facts.sockets.filter(({ port, protocol }) => !freed.includes(`${port}/${protocol}`)),
    },
  );
  return {
    ...create,
    title: `make cluster ${cluster.name} anew`,
    steps: inSequence([remove.steps, create.steps]),
    ...together([remove, create]),
    warnings: [`everything in cluster ${cluster.name} is lost`, ...together([remove, create]).warnings],
  };
}

/** The change of host ports, planned on what is there now. Listeners lead to nodes that are there and stay. */
function planPorts(
  want: ReturnType<typeof layoutCluster>,
  have: ReturnType<typeof layoutCluster>,
  reading: ClusterReading,
  facts: Facts,
  leaving: Node[],
): { plan: Plan | undefined; model: LoadBalancerModel } | undefined {
  const { cluster, inspects, model } = reading;
  const inspect = cluster.loadBalancer && inspects.get(cluster.loadBalancer.name);
  if (!inspect || !model) return undefined;
  const gap = portGap(want, have, reading, renamer(want, reading));
  const change = portChange(gap, cluster, leaving);
  if (change.add.length + change.remove.length === 0 && Object.keys(gap.settings).length === 0) {
    return { plan: undefined, model };
  }
  const outcome = applyPortChange(cluster, model, bindingsOf(inspect), change);
  return { plan: planPortEdit(cluster, model, inspect, change, facts), model: outcome.model };
}

function portChange(gap: PortGap, cluster: Cluster, leaving: Node[]): PortChange {
  const gone = new Set(leaving.map(({ name }) => name));
  const there = new Set(
    [...cluster.servers, ...cluster.agents].map(({ name }) => name).filter(name => !gone.has(name)),
  );
  const replaceUpstreams: Record<string, string[]> = {};
  for (const listener of new Set(gap.add.map(listenerOf))) {
    const nodes = (gap.upstreams[listener] ?? []).filter(name => there.has(name));
    // Of nodes that are yet to come none resolves: until then it leads to all.
    if (nodes.length > 0) replaceUpstreams[listener] = nodes;
  }
  return {
    add: gap.add.map(binding => ({ port: bindingSpec(binding), nodeFilters: ['loadbalancer'] })),
    remove: gap.remove.map(binding => ({ port: bindingSpec(binding), nodeFilters: [] })),
    ...(Object.keys(gap.settings).length > 0 ? { settings: gap.settings } : {}),
    replaceUpstreams,
  };
}

/** Where the listeners shall lead at the end, if they do not when all else is done. */
function finalModel(
  want: ReturnType<typeof layoutCluster>,
  reading: ClusterReading,
  before: LoadBalancerModel | undefined,
  leaving: Node[],
  joining: { name: string; role: 'server' | 'agent' }[],
): LoadBalancerModel | undefined {
  const { cluster } = reading;
  if (!before || !cluster.loadBalancer || !want.loadBalancer) return undefined;
  const gone = new Set(leaving.map(({ name }) => name));
  const names = (nodes: Node[]) => nodes.map(({ name }) => name).filter(name => !gone.has(name));
  const [servers, agents] = [names(cluster.servers), names(cluster.agents)];
  const reached = changeMembers(before, {
    container: '',
    running: true,
    servers: cluster.servers.map(({ name }) => name),
    agents: cluster.agents.map(({ name }) => name),
    joining,
    leaving: [...gone],
  });
  for (const { name, role } of joining) (role === 'server' ? servers : agents).push(name);
  const real = new Map([
    ...want.servers.map(({ name }, i) => [name, servers[i]] as const),
    ...want.agents.map(({ name }, i) => [name, agents[i]] as const),
  ]);
  const ports = Object.entries(want.model.ports)
    .map(([listener, nodes]) => [listener, nodes.flatMap(name => real.get(name) ?? [])] as const)
    .filter(([, nodes]) => nodes.length > 0);
  const api = `${API_PORT}.tcp`;
  const wanted = {
    ports: { ...Object.fromEntries(ports), [api]: reached.ports[api] ?? servers },
    settings: reached.settings,
  };
  return sameModel(wanted, reached) ? undefined : wanted;
}

function configureStep(cluster: Cluster, model: LoadBalancerModel): PlannedStep {
  const { name } = cluster.loadBalancer!;
  return {
    id: 'upstreams',
    title: 'lead every port where it shall',
    subject: name,
    after: [],
    action: {
      kind: 'loadbalancer.configure',
      container: name,
      values: formatValues(model),
      nginx: renderNginxConf(model),
      running: true,
    },
  };
}

/** `demo-agent` for `k3d-demo-agent-2`: new ones are called and counted like the last one that is there. */
function baseName(cluster: string, role: 'server' | 'agent', there: Node[]): string {
  return /^k3d-(.+)-\d+$/.exec(there.at(-1)?.name ?? '')?.[1] ?? `${cluster}-${role}`;
}

/** The cluster as it is once everything in it runs: what comes after a start is planned on that. */
function asStarted(cluster: Cluster) {
  const run = (node: Node): Node => ({ ...node, running: true, state: 'running' });
  const all = {
    ...cluster,
    servers: cluster.servers.map(run),
    agents: cluster.agents.map(run),
    loadBalancer: cluster.loadBalancer && run(cluster.loadBalancer),
    serversRunning: cluster.servers.length,
    agentsRunning: cluster.agents.length,
  };
  return {
    find: ({ id }: Node): Node => [...all.servers, ...all.agents].find(node => node.id === id)!,
    without: (leaving: Node[]): Cluster => {
      const gone = new Set(leaving.map(({ id }) => id));
      return {
        ...all,
        servers: all.servers.filter(({ id }) => !gone.has(id)),
        agents: all.agents.filter(({ id }) => !gone.has(id)),
      };
    },
    snapshot: ({ snapshot }: Facts): Facts['snapshot'] => ({
      ...snapshot,
      clusters: snapshot.clusters.map(other => (other.name === cluster.name ? all : other)),
    }),
  };
}

import type { ClusterSpec } from '../../config/cluster-spec.ts';
import type { Cluster, Node } from '../model.ts';
import { planNodeCreate } from '../node/create.ts';
import { planNodeDelete } from '../node/delete.ts';
import type { NodeFacts } from '../node/facts.ts';
import { defaultNodeRequest } from '../node/request.ts';
import type { Plan } from '../plan.ts';
import { inSequence, together } from '../plan-sequence.ts';
import { type ConnectFacts, planRegistryConnect, planRegistryDisconnect } from '../registry/connect.ts';
import { registryOf } from '../registry/model.ts';
import { clusterDifferences, type Difference } from './differences.ts';
import type { Facts } from './facts.ts';
import { type FileGap, planFiles } from './file-differences.ts';
import { type ClusterLayout, layoutCluster } from './layout.ts';
import { nodesAsAsked } from './node-as-asked.ts';
import { Problems } from './problems.ts';
import type { ClusterReading } from './reading.ts';
import { registryGap } from './registry-differences.ts';
import { specOf } from './spec-of.ts';
import { planClusterStart } from './start.ts';
import { configureStep, finalModel, planPorts } from './update-ports.ts';

/** What bringing a cluster up to a request depends on. */
export interface UpdateFacts extends Facts {
  /** What adding nodes of a role depends on; absent when none is added. */
  nodes: { server?: NodeFacts; agent?: NodeFacts };
  /** Servers can join: it keeps its data in etcd or outside. */
  etcd: boolean;
  /** Files that nodes shall have and do not have so. */
  files: FileGap[];
  /** By registry name: what connecting and disconnecting depends on; of those that are to come or to go. */
  connects: Map<string, ConnectFacts>;
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
 * One plan that makes a cluster what was asked for, as far as it can be while it goes on: registries and ports first,
 * these through the load balancer that is there; then all that is stopped starts; then nodes go and come; at last every listener leads where it
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
  const have = layoutCluster(specOf(reading, { token: true }).spec, facts, new Problems());

  const leaving = [
    ...(can.has('servers') ? cluster.servers.slice(spec.servers) : []),
    ...(can.has('agents') ? cluster.agents.slice(spec.agents) : []),
  ];
  const parts: Plan[] = can.has('registries') ? registryPlans(want, reading, facts) : [];
  const told = registriesTold(parts, facts);
  const ports =
    can.has('ports') || can.has('lbConfigOverrides') ? planPorts(want, have, reading, facts, leaving) : undefined;
  if (ports?.plan) parts.push(ports.plan);
  if (facts.files.length > 0) parts.push(planFiles(facts.files, reading));
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
    const plan = planNodeCreate(staying, request, { ...nodeFacts, registries: told ?? nodeFacts.registries });
    const names = plan.steps.flatMap(({ action }) => (action.kind === 'container.create' ? [action.name] : []));
    const layouts = (role === 'server' ? want.servers : want.agents).slice(there.length);
    const nodes = new Map(names.map((name, i) => [name, layouts[i]!]));
    parts.push({ ...plan, steps: nodesAsAsked(plan.steps, { spec, layout: want, nodes, reading, facts }) });
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
      ...(parts.length === 0 ? { timeoutSeconds: CONFIGURE_TIMEOUT } : {}),
      secrets: [...new Set([cluster.token, spec.token ?? '', ...want.registries.secrets])].filter(Boolean),
      network: parts.find(({ network }) => network)?.network,
    },
    differences,
    left,
  };
}

function registryPlans(want: ClusterLayout, reading: ClusterReading, facts: UpdateFacts): Plan[] {
  const { connect, disconnect } = registryGap(want, reading);
  const { clusters } = facts.snapshot;
  const plan = (name: string, make: (connects: ConnectFacts) => Plan) => {
    const connects = facts.connects.get(name);
    return connects ? [make(connects)] : [];
  };
  return [
    ...connect.flatMap(registry => plan(registry.node.name, one => planRegistryConnect(registry, one))),
    ...disconnect.flatMap(node => plan(node.name, one => planRegistryDisconnect(registryOf(node, clusters), one))),
  ];
}

/** The registries.yaml that the node gets which new ones are modelled on; theirs is a copy of it. */
function registriesTold(parts: readonly Plan[], { nodes }: UpdateFacts): Buffer | undefined {
  const source = (nodes.agent ?? nodes.server)?.source?.inspect.Name;
  const texts = parts
    .flatMap(({ steps }) => steps)
    .flatMap(({ action }) =>
      action.kind === 'registry.tell' && `/${action.container}` === source ? [action.registries] : [],
    );
  const text = texts.at(-1);
  return text === undefined ? undefined : Buffer.from(text);
}

/** Seconds for what only changes where listeners lead. */
const CONFIGURE_TIMEOUT = 60;

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

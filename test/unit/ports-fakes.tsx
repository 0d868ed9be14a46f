import { App } from '../../components/app.tsx';
import { Controller } from '../../components/controller.ts';
import type { PortActions, Targets } from '../../components/port-actions.ts';
import { INITIAL, reduce } from '../../components/state/app-state.ts';
import { Store } from '../../components/state/store.ts';
import type { ContainerInspect } from '../../src/docker/types.ts';
import { previewPortEdit } from '../../src/engine/loadbalancer/edit.ts';
import { editCommand } from '../../src/engine/loadbalancer/edit-command.ts';
import { renderNginxConf } from '../../src/engine/loadbalancer/nginx.ts';
import { formatValues, type LoadBalancerModel } from '../../src/engine/loadbalancer/values.ts';
import type { Cluster, NodePort } from '../../src/engine/model.ts';
import { Operation } from '../../src/engine/operation.ts';
import type { Plan } from '../../src/engine/plan.ts';
import type { PortProbe, ProbeState } from '../../src/engine/ports/probe.ts';
import type { LoadBalancerReading } from '../../src/engine/ports/read.ts';
import type { PortRow } from '../../src/engine/ports/table.ts';
import { aCluster, actionsOn, aNode, anEngine, type FakeEngine } from './app-fakes.ts';
import { type Shown, show } from './dialog-harness.tsx';

const port = (hostPort: number, containerPort: number, protocol = 'tcp', hostIP = '0.0.0.0'): NodePort => ({
  hostIP,
  hostPort,
  containerPort,
  protocol,
});

/** One server, two agents, and these ports on the load balancer besides the API's. */
export function portCluster(
  name = 'demo',
  ports: NodePort[] = [port(8081, 80)],
  change: Partial<Cluster> = {},
): Cluster {
  const all = [port(6550, 6443), ...ports];
  return aCluster(name, {
    servers: [aNode(`k3d-${name}-server-0`)],
    agents: [aNode(`k3d-${name}-agent-0`), aNode(`k3d-${name}-agent-1`)],
    loadBalancer: aNode(`k3d-${name}-serverlb`, { role: 'loadbalancer', ports: all }),
    ports,
    agentsRunning: 2,
    ...change,
  });
}

/** What `readLoadBalancer` gives of such a cluster: every port leads to all nodes. */
export function readingOf(cluster: Cluster, change: Partial<LoadBalancerReading> = {}): LoadBalancerReading {
  const servers = cluster.servers.map(node => node.name);
  const all = [...servers, ...cluster.agents.map(node => node.name)];
  const ports = cluster.loadBalancer?.ports ?? [];
  const model: LoadBalancerModel = {
    ports: Object.fromEntries(
      ports.map(({ containerPort, protocol }) => [
        `${containerPort}.${protocol}`,
        containerPort === 6443 ? servers : all,
      ]),
    ),
    settings: { workerConnections: 1024 },
  };
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { containerPort, protocol, hostIP, hostPort } of ports) {
    const key = `${containerPort}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: hostIP, HostPort: String(hostPort) }];
  }
  const inspect = {
    Id: cluster.loadBalancer?.id ?? '',
    Config: { Image: 'k3d-proxy' },
    HostConfig: { PortBindings: bindings },
    NetworkSettings: { Ports: {} },
  } as unknown as ContainerInspect;
  return {
    model,
    valuesText: formatValues(model),
    nginxText: renderNginxConf(model),
    agrees: true,
    differences: [],
    inspect,
    ports: [...ports],
    ...change,
  };
}

export interface FakePorts extends PortActions {
  /** Rows tested, in order, by host port. */
  readonly tested: number[];
  readonly plans: Plan[];
  apply(plan: Plan): Operation;
  /** What tests say, by host port; others are open. */
  readonly states: Map<number, ProbeState>;
  /** Who has a port. */
  readonly taken: Map<number, string>;
  /** Stopped containers that want a port. */
  readonly wanted: Map<number, string[]>;
  /** The picture after a change, as Docker's events would bring it. */
  after?: Cluster[];
  found: Targets | Error;
  reading(cluster: Cluster): LoadBalancerReading | Error;
}

/** Answers as a test wants them; plans are worked out by the engine's own rules. */
export function fakePorts(engine: FakeEngine): FakePorts {
  const ports: FakePorts = {
    tested: [],
    plans: [],
    states: new Map(),
    taken: new Map(),
    wanted: new Map(),
    found: {
      targets: [{ port: 80, protocol: 'tcp', what: 'traefik in kube-system, the Ingress controller' }],
      inside: 3,
    },
    reading: cluster => readingOf(cluster),
    async read(cluster) {
      const reading = ports.reading(cluster);
      if (reading instanceof Error) throw reading;
      return reading;
    },
    async probe(_, row) {
      ports.tested.push(row.hostPort);
      return aProbe(row, ports.states.get(row.hostPort) ?? 'open');
    },
    async targets() {
      if (ports.found instanceof Error) throw ports.found;
      return ports.found;
    },
    portOwners: async () => ({
      owner: wanted => ports.taken.get(wanted.port),
      stopped: wanted => ports.wanted.get(wanted.port) ?? [],
    }),
    async plan(cluster, change) {
      // As Docker has it now, whatever the screen shows.
      const now = engine.inventory.snapshot.clusters.find(({ name }) => name === cluster.name) ?? cluster;
      const { model, inspect } = readingOf(now);
      const preview = previewPortEdit(cluster, model, inspect, change);
      const plan = aPlan(cluster.name, editCommand(cluster.name, change), preview.how !== 'nothing');
      return { change, preview, plan };
    },
    apply(plan) {
      ports.plans.push(plan);
      if (ports.after) engine.show({ clusters: ports.after });
      const { title, command, cluster } = plan;
      const operation = new Operation({ id: engine.operations.newId(), title, command, cluster, steps: [] });
      engine.operations.add(operation);
      return operation;
    },
    hostOf: hostIP => (hostIP === '' || hostIP === '0.0.0.0' ? '127.0.0.1' : hostIP),
  };
  return ports;
}

function aPlan(cluster: string, command: string, something: boolean): Plan {
  const step = {
    id: 'hand over',
    title: 'hand over the ports',
    after: [],
    action: { kind: 'loadbalancer.reload' as const, container: `k3d-${cluster}-serverlb` },
  };
  return {
    title: `change ports of cluster ${cluster}`,
    command,
    cluster,
    steps: something ? [step] : [],
    warnings: [],
    onFailure: 'undo',
    timeoutSeconds: 0,
    secrets: [],
  };
}

function aProbe(row: PortRow, state: ProbeState): PortProbe {
  const behind: ProbeState = state === 'refused behind' ? 'shut' : state;
  const host: ProbeState = state === 'refused behind' ? 'open' : state;
  return {
    state,
    ms: 3,
    host: { state: host, ms: 3 },
    upstreams: row.upstreams.map(({ node }) => ({ node, state: behind, ms: 12 })),
  };
}

export interface ShownPorts extends Shown {
  app: Controller;
  engine: FakeEngine;
  ports: FakePorts;
  copied: string[];
  opened: string[];
}

/** The app on the ports screen of a cluster, or of all; 100 columns, as ink-testing-library has. */
export async function showPorts(
  clusters: Cluster[],
  subject?: string,
  prepare: (ports: FakePorts) => void = () => {},
): Promise<ShownPorts> {
  const engine = anEngine(clusters);
  const ports = fakePorts(engine);
  prepare(ports);
  const copied: string[] = [];
  const opened: string[] = [];
  const app = new Controller({
    engine,
    store: new Store(INITIAL, reduce),
    actions: { ...actionsOn(engine), apply: ports.apply },
    ports,
    quit: () => {},
    suspend: () => {},
    copy: async text => {
      copied.push(text);
      return 'for the test';
    },
    browse: async url => void opened.push(url),
  });
  app.open({ screen: 'ports', subject });
  const shown = await show(<App app={app} />, { width: 100, height: 30 });
  return { ...shown, app, engine, ports, copied, opened };
}

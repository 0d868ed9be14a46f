import type { ClusterActions } from '../../components/actions.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Cluster, Node, Snapshot } from '../../src/engine/model.ts';
import { Operation } from '../../src/engine/operation.ts';
import { openOperationLog } from '../../src/engine/operation-log.ts';
import type { Plan } from '../../src/engine/plan.ts';
import type { Step } from '../../src/engine/step.ts';

export function aNode(name: string, change: Partial<Node> = {}): Node {
  return {
    id: `id-of-${name}`,
    name,
    role: name.includes('agent') ? 'agent' : 'server',
    cluster: /^k3d-(\w+)-/.exec(name)?.[1] ?? '',
    state: 'running',
    status: 'Up 3 minutes',
    running: true,
    image: 'rancher/k3s:v1.31.5-k3s1',
    imageId: 'sha256:1',
    created: 1_700_000_000,
    ports: [],
    labels: {},
    networks: [{ name: 'k3d-demo', id: 'n1', ip: '172.18.0.2' }],
    init: false,
    ...change,
  };
}

export function aCluster(name: string, change: Partial<Cluster> = {}): Cluster {
  const servers = [aNode(`k3d-${name}-server-0`)];
  return {
    name,
    status: 'running',
    servers,
    agents: [],
    loadBalancer: undefined,
    registries: [],
    others: [],
    serversRunning: 1,
    agentsRunning: 0,
    network: { name: `k3d-${name}`, id: 'n1', external: false, subnet: '172.18.0.0/16' },
    imageVolume: `k3d-${name}-images`,
    volumes: [`k3d-${name}-images`],
    token: 'the-secret-token',
    api: { host: '0.0.0.0', hostIP: '0.0.0.0', port: 6550 },
    k3sVersion: 'v1.31.5-k3s1',
    ports: [{ hostIP: '0.0.0.0', hostPort: 8081, containerPort: 80, protocol: 'tcp' }],
    created: 1_700_000_000,
    madeBy: 'k3d v5.9.0',
    faults: [],
    ...change,
  };
}

export interface FakeEngine extends Engine {
  /** Another picture, as an event of Docker's would bring it. */
  show(change: Partial<Snapshot>): void;
}

/** An engine that is nothing but a picture. */
export function anEngine(clusters: Cluster[], demo = false): FakeEngine {
  const listeners = new Set<() => void>();
  const nodesOf = (all: readonly Cluster[]) => all.flatMap(({ servers, agents }) => [...servers, ...agents]);
  let snapshot: Snapshot = {
    link: 'live',
    clusters,
    nodes: nodesOf(clusters),
    registries: [],
    engine: {
      version: '28.2',
      apiVersion: '1.50',
      cpus: 2,
      memoryBytes: 23 * 1024 ** 3,
      name: 'box',
      cgroupVersion: '2',
      operatingSystem: 'Debian',
    },
    revision: 1,
  };
  return {
    docker: { endpoint: { address: 'unix:///var/run/docker.sock', source: 'default', demo } } as Engine['docker'],
    inventory: {
      get snapshot() {
        return snapshot;
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      refresh: async () => {},
      close() {},
    },
    operations: openOperationLog(),
    readOnly: false,
    env: {},
    close() {},
    show(change) {
      const all = change.clusters ?? snapshot.clusters;
      snapshot = { ...snapshot, nodes: nodesOf(all), ...change, revision: snapshot.revision + 1 };
      for (const listener of listeners) listener();
    },
  };
}

export interface FakeActions extends ClusterActions {
  /** What was asked for, in order: `stop demo`. */
  readonly asked: string[];
  /** What the next operations run. */
  steps: Step[];
  context: string | undefined;
}

/** Actions that write down what they are asked and run the steps the test gives. */
export function actionsOn(engine: Engine): FakeActions {
  const plan = (verb: string, name: string): Plan => {
    actions.asked.push(`${verb} ${name}`);
    return {
      title: `${verb} cluster ${name}`,
      command: `k3dui cluster ${verb} ${name}`,
      cluster: name,
      steps: [],
      warnings: [],
      onFailure: 'undo',
      timeoutSeconds: 0,
      secrets: [],
    };
  };
  const actions: FakeActions = {
    asked: [],
    steps: [],
    context: 'k3d-demo',
    planCreate: async spec => plan('create', spec.name),
    planRecreate: async spec => plan('recreate', spec.name),
    async remember(spec) {
      actions.asked.push(`remember ${spec.name}`);
    },
    planStart: async cluster => plan('start', cluster.name),
    planStop: async cluster => plan('stop', cluster.name),
    planRestart: async cluster => plan('restart', cluster.name),
    planDelete: async cluster => plan('delete', cluster.name),
    apply({ title, command, cluster }) {
      const operation = new Operation({ id: engine.operations.newId(), title, command, cluster, steps: actions.steps });
      engine.operations.add(operation);
      return operation;
    },
    currentContext: async () => actions.context,
    async switchContext(cluster) {
      actions.asked.push(`use ${cluster.name}`);
      actions.context = `k3d-${cluster.name}`;
    },
    kubeconfigFiles: async name => ({ merged: '/home/me/.kube/config', own: `/home/me/kubeconfig-${name}.yaml` }),
    async kubeconfig(clusters, choice) {
      actions.asked.push(`${choice.kind} ${clusters.map(({ name }) => name).join(' ')}`);
      return '/home/me/.kube/config';
    },
  };
  return actions;
}

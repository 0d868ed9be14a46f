import type { Cluster, Node, NodePort } from '../../src/engine/model.ts';

/** A cluster as the inventory gives it, all nodes running. */
export function madeCluster(
  changes: { servers?: number; agents?: number; loadBalancer?: boolean; apiPort?: number } = {},
): Cluster {
  const { servers = 1, agents = 2, loadBalancer = true, apiPort = 6550 } = changes;
  const nodes = (role: 'server' | 'agent', count: number) =>
    Array.from({ length: count }, (_, i) => madeNode(`k3d-c-${role}-${i}`, role));
  return {
    name: 'c',
    status: 'running',
    servers: nodes('server', servers),
    agents: nodes('agent', agents),
    loadBalancer: loadBalancer ? madeNode('k3d-c-serverlb', 'loadbalancer') : undefined,
    registries: [],
    others: [],
    serversRunning: servers,
    agentsRunning: agents,
    network: { name: 'k3d-c', id: 'n', external: false, subnet: '172.20.0.0/16' },
    imageVolume: '',
    volumes: [],
    token: 'secret-token',
    api: { host: '0.0.0.0', hostIP: '0.0.0.0', port: apiPort },
    k3sVersion: 'v1.31.5-k3s1',
    ports: [],
    created: 0,
    madeBy: 'v5.9.0',
    faults: [],
  };
}

let lastOctet = 1;

export function madeNode(name: string, role: Node['role'], changes: Partial<Node> = {}): Node {
  return {
    id: `id-of-${name}`,
    name,
    role,
    cluster: 'c',
    state: 'running',
    status: 'Up',
    running: true,
    image: 'image',
    imageId: 'sha256:1',
    created: 0,
    ports: [],
    labels: { 'k3d.cluster.network': 'k3d-c' },
    networks: [{ name: 'k3d-c', id: 'n', ip: `172.20.0.${++lastOctet}` }],
    init: false,
    ...changes,
  };
}

export function port(hostPort: number, containerPort: number, changes: Partial<NodePort> = {}): NodePort {
  return { hostIP: '0.0.0.0', hostPort, containerPort, protocol: 'tcp', ...changes };
}

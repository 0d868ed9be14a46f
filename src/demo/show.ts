/** A cluster as k3d would have left it in Docker. */
export interface SeedCluster {
  name: string;
  servers: number;
  agents: number;
  /** `running` unless told; `broken`: server-0 dies again and again. */
  state?: 'running' | 'stopped' | 'broken';
  /** k3s image tag. */
  k3s?: string;
  /** `k3d.version` label. */
  madeBy?: string;
  /** Host port → container port, on the load balancer. */
  ports?: [host: number, container: number][];
  /** A registry of its own: name and host port. */
  registry?: { name: string; port: number };
  loadBalancer?: boolean;
  apps?: [namespace: string, name: string, image: string, replicas: number, port: number][];
  ingresses?: [namespace: string, name: string, host: string, service: string, port: number][];
  /** The machine was started again since: `host.k3d.internal` is lost, as with k3d. */
  rebooted?: boolean;
  /** A Deployment that cannot pull what was imported as `latest`: namespace, name, image. */
  stuck?: [namespace: string, name: string, image: string];
  /** A pod that finds no node with room. */
  hungry?: [namespace: string, name: string, image: string];
  /** Images of which the agents hold a build before Docker's. */
  older?: string[];
  /** Hours ago. */
  age?: number;
  /** False: no real sockets, see `DemoOptions.clusters`. */
  listens?: boolean;
  apiPort?: number;
  subnet?: string;
}

/** What `--demo` begins with. */
export const SHOW: SeedCluster[] = [
  {
    name: 'shop',
    servers: 3,
    agents: 2,
    ports: [
      [80, 80],
      [443, 443],
    ],
    registry: { name: 'shop-registry', port: 5050 },
    apps: [
      ['shop', 'web', 'shop-registry:5000/shop/web:1.4.2', 3, 8080],
      ['shop', 'api', 'shop-registry:5000/shop/api:1.4.2', 2, 8081],
      ['shop', 'db', 'postgres:17-alpine', 1, 5432],
    ],
    ingresses: [
      ['shop', 'web', 'shop.localhost', 'web', 8080],
      ['shop', 'api', 'api.shop.localhost', 'api', 8081],
    ],
    age: 76,
  },
  {
    name: 'dev',
    servers: 1,
    agents: 2,
    k3s: 'v1.34.1-k3s1',
    ports: [[8080, 80]],
    apps: [['default', 'hello', 'nginx:1.29-alpine', 2, 80]],
    ingresses: [['default', 'hello', 'hello.localhost', 'hello', 80]],
    stuck: ['default', 'preview', 'preview:latest'],
    older: ['shop/web:1.4.2'],
    hungry: ['default', 'training', 'pytorch:2.9'],
    age: 5,
  },
  { name: 'ci-1042', servers: 1, agents: 1, state: 'stopped', k3s: 'v1.33.5-k3s1', age: 30 },
  { name: 'broken', servers: 1, agents: 1, state: 'broken', k3s: 'v1.33.5-k3s1', age: 2 },
  {
    name: 'legacy',
    servers: 1,
    agents: 1,
    k3s: 'v1.31.5-k3s1',
    madeBy: 'v5.8.3',
    ports: [[9090, 80]],
    rebooted: true,
    age: 24 * 41,
  },
];

/** `count` small clusters without real sockets: one server, one agent, a load balancer. */
export function manyClusters(count: number): SeedCluster[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `load-${String(i + 1).padStart(4, '0')}`,
    servers: 1,
    agents: 1,
    state: i % 7 === 6 ? 'stopped' : 'running',
    k3s: ['v1.35.5-k3s1', 'v1.34.1-k3s1', 'v1.33.5-k3s1'][i % 3]!,
    age: 1 + (i % 500),
    listens: false,
    apiPort: 20_000 + i,
    subnet: `10.${64 + Math.floor(i / 1024)}.${Math.floor(i / 4) % 256}.${(i % 4) * 64}/26`,
  }));
}

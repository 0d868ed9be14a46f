import { K3D_VERSION } from '../config/k3d-version.ts';
import { parseSubnet, toIp } from './addresses.ts';
import { type CreateBody, createContainer } from './create.ts';
import { startContainer } from './life.ts';
import { createNetwork } from './networks.ts';
import { clusterOf } from './programs/k3s.ts';
import { addStuckPull } from './programs/kubernetes-troubles.ts';
import { storeOf } from './programs/registry-store.ts';
import type { SeedCluster } from './show.ts';
import type { Container } from './types.ts';
import type { World } from './world.ts';

export { manyClusters } from './show.ts';

const DATASTORE = '--datastore-endpoint=postgres://k3s:s3cret@db.internal:5432/k3s';

/** Builds the clusters. Their processes have run for long already: they start at tempo 0, and their past is written down. */
export async function seed(world: World, clusters: SeedCluster[]): Promise<void> {
  const { clock } = world;
  const tempo = clock.tempo;
  clock.tempo = 0;
  for (const cluster of clusters) await seedCluster(world, cluster);
  await settle(world, clusters);
  clock.tempo = tempo;
}

/** What a cluster left behind whose delete was killed two days ago: its network and its volume. */
export function seedLeftovers(world: World, cluster: string): void {
  const created = Date.now() - 48 * 3_600_000;
  createNetwork(world, { Name: `k3d-${cluster}`, Labels: { app: 'k3d' } }).created = created;
  const labels = { app: 'k3d', 'k3d.cluster': cluster, 'k3d.version': K3D_VERSION };
  world.volume(`k3d-${cluster}-images`, labels).created = created;
}

async function seedCluster(world: World, cluster: SeedCluster): Promise<void> {
  const {
    name,
    servers,
    agents,
    state = 'running',
    k3s = 'v1.35.5-k3s1',
    madeBy = K3D_VERSION,
    loadBalancer = true,
  } = cluster;
  const born = Date.now() - (cluster.age ?? 1) * 3_600_000;
  const subnet = cluster.subnet;
  const config = subnet ? { IPAM: { Config: [{ Subnet: subnet, Gateway: toIp(parseSubnet(subnet).first + 1) }] } } : {};
  const options = { 'com.docker.network.bridge.enable_ip_masquerade': 'true' };
  const network = createNetwork(
    world,
    { Name: `k3d-${name}`, Labels: { app: 'k3d' }, Options: options, ...config },
    subnet !== undefined,
  );
  network.created = born;
  const volume = world.volume(`k3d-${name}-images`, { app: 'k3d', 'k3d.cluster': name, 'k3d.version': madeBy });
  volume.created = born;
  const token = [...name.padEnd(20, 'q')]
    .map((letter, i) => 'KxVbTqWmZrLdHsGnPfJc'[(letter.charCodeAt(0) + i) % 20])
    .join('');
  const url = `https://k3d-${name}-server-0:6443`;
  const labels = {
    app: 'k3d',
    'k3d.cluster': name,
    'k3d.cluster.imageVolume': volume.name,
    'k3d.cluster.network': network.name,
    'k3d.cluster.network.external': 'false',
    'k3d.cluster.network.id': network.id,
    'k3d.cluster.network.iprange': network.subnet,
    'k3d.cluster.token': token,
    'k3d.cluster.url': url,
    'k3d.server.loadbalancer': loadBalancer ? `k3d-${name}-serverlb` : '',
    'k3d.version': madeBy,
  };
  let made = 0;
  const make = (node: string, body: Partial<CreateBody>): Container => {
    const hostConfig = {
      Binds: [`${volume.name}:/k3d/images`],
      Privileged: true,
      Init: true,
      NetworkMode: 'bridge',
      UsernsMode: 'host',
      Tmpfs: { '/run': '', '/var/run': '' },
      RestartPolicy: { Name: 'unless-stopped' },
      ...body.HostConfig,
    };
    const networking = { EndpointsConfig: { [network.name]: {} } };
    const listens = cluster.listens ?? true;
    const container = createContainer(
      world,
      node,
      { Hostname: node, ...body, HostConfig: hostConfig, NetworkingConfig: networking },
      { listens, lenient: true, anonymousVolumes: listens },
    );
    container.created = born + made++ * 1000;
    return container;
  };
  const apiPort = cluster.apiPort ?? (await freePort(world));
  const image = `docker.io/rancher/k3s:${k3s}`;
  const kubeconfigEnv = 'K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml';
  const nodes: Container[] = [];
  const registry = cluster.registry;
  if (registry) nodes.push(seedRegistry(make, name, registry, madeBy));
  const apiBinding = { 6443: [{ HostIp: '0.0.0.0', HostPort: String(apiPort) }] };
  for (let i = 0; i < servers; i++) {
    const init = servers > 1 && i === 0;
    const cmd = [
      'server',
      ...(init ? ['--cluster-init'] : []),
      ...(state === 'broken' ? [DATASTORE] : []),
      '--tls-san',
      '0.0.0.0',
      '--tls-san',
      `k3d-${name}-serverlb`,
    ];
    nodes.push(
      make(`k3d-${name}-server-${i}`, {
        Image: image,
        Cmd: cmd,
        Env: [`K3S_TOKEN=${token}`, ...(i > 0 ? [`K3S_URL=${url}`] : []), kubeconfigEnv],
        Labels: {
          ...labels,
          'k3d.role': 'server',
          'k3d.server.api.host': '0.0.0.0',
          'k3d.server.api.hostIP': '0.0.0.0',
          'k3d.server.api.port': String(apiPort),
          ...(servers > 1 ? { 'k3d.server.init': String(init) } : {}),
        },
        HostConfig: !loadBalancer && i === 0 ? { PortBindings: apiBinding } : {},
      }),
    );
  }
  for (let i = 0; i < agents; i++) {
    const env = [`K3S_TOKEN=${token}`, `K3S_URL=${url}`, kubeconfigEnv];
    const agent = make(`k3d-${name}-agent-${i}`, {
      Image: image,
      Cmd: ['agent'],
      Env: env,
      Labels: { ...labels, 'k3d.role': 'agent' },
    });
    agent.memory.set('older images', cluster.older);
    nodes.push(agent);
  }
  if (loadBalancer) nodes.push(seedLoadBalancer(make, cluster, labels, apiBinding, madeBy, kubeconfigEnv));
  if (registry) {
    const endpoint = { endpoint: [`http://${registry.name}:5000`], rewrite: {} };
    const mirrors = { [`${registry.name}:${registry.port}`]: endpoint, [`${registry.name}:5000`]: endpoint };
    const text = JSON.stringify({ mirrors, configs: {}, auths: {} });
    for (const node of nodes.filter(one => /-(server|agent)-\d+$/.test(one.name))) {
      node.files.write('/etc/rancher/k3s/registries.yaml', text);
    }
  }
  for (const node of nodes) {
    if (state === 'stopped') {
      Object.assign(node, {
        status: 'exited',
        startedAt: born,
        finishedAt: born + 3_600_000,
        stoppedByHand: true,
        exitCode: /server|agent|lb/.test(node.name) ? 0 : 2,
      });
    } else {
      await startContainer(world, node);
      await ready(node);
      if (!cluster.rebooted) nameHost(node, network.gateway);
      node.startedAt = born + 5000 + nodes.indexOf(node) * 1000;
      // It has gone on like this since.
      if (state === 'broken' && node.config.Labels?.['k3d.role'] === 'server') node.restartCount = 57;
    }
  }
}

/** A further server gives up when the first is not there yet: they start one after another. */
async function ready(node: Container): Promise<void> {
  const deadline = Date.now() + 5000;
  while (
    node.config.Cmd?.[0] === 'server' &&
    node.program &&
    !clusterOf(node)?.ready.has(node) &&
    Date.now() < deadline
  ) {
    await new Promise(resolve => setImmediate(resolve));
  }
}

/** What k3d does after a start: the host's name for the node itself and, by way of CoreDNS' manifest, for pods. */
function nameHost({ files, config }: Container, gateway: string): void {
  const role = config.Labels?.['k3d.role'];
  if (role !== 'server' && role !== 'agent') return;
  files.write('/etc/hosts', `${files.text('/etc/hosts') ?? ''}${gateway} host.k3d.internal\n`);
  const manifest = '/var/lib/rancher/k3s/server/manifests/coredns.yaml';
  const text = files.text(manifest);
  if (text) files.write(manifest, text.replace(/NodeHosts: \|\n/, `$&    ${gateway} host.k3d.internal\n`));
}

/** An image that was imported as `latest` is on the nodes, and is pulled all the same. */
function stickPull(server: Container, [namespace, name, image]: NonNullable<SeedCluster['stuck']>): void {
  const cluster = clusterOf(server);
  if (!cluster) return;
  addStuckPull(cluster, namespace, name, image);
}

function starve(server: Container, [namespace, name, image]: NonNullable<SeedCluster['hungry']>): void {
  const cluster = clusterOf(server);
  const count = cluster?.nodes.size ?? 0;
  const problem = `0/${count} nodes are available: ${count} Insufficient cpu. preemption: 0/${count} nodes are available: ${count} No preemption victims found for incoming pod.`;
  cluster?.addPod(namespace, `${name}-0`, '', image, { labels: { app: name }, problem });
}

type Make = (node: string, body: Partial<CreateBody>) => Container;

function seedRegistry(
  make: Make,
  cluster: string,
  { name, port }: { name: string; port: number },
  madeBy: string,
): Container {
  const container = make(name, {
    Image: 'docker.io/library/registry:2',
    Env: ['REGISTRY_STORAGE_DELETE_ENABLED=true'],
    Labels: {
      app: 'k3d',
      'k3d.cluster': cluster,
      'k3d.registry.host': '0.0.0.0',
      'k3d.registry.hostIP': '0.0.0.0',
      'k3d.role': 'registry',
      'k3d.version': madeBy,
      'k3s.registry.port.external': String(port),
      'k3s.registry.port.internal': '5000',
    },
    HostConfig: { PortBindings: { '5000/tcp': [{ HostIp: '0.0.0.0', HostPort: String(port) }] } },
  });
  const day = 24 * 3_600_000;
  const now = Date.now();
  const store = storeOf(container);
  const put = (repository: string, tag: string, platforms: string[], megabytes: number, days: number) =>
    store.push(repository, tag, {
      platforms,
      size: megabytes * 1e6,
      created: now - days * day,
      salt: `${repository}:${tag}`,
    });
  put('shop/web', '1.4.1', ['linux/amd64', 'linux/arm64'], 41, 12);
  put('shop/web', '1.4.2', ['linux/amd64', 'linux/arm64'], 41.3, 3);
  const latest = store.repositories.get('shop/web')!;
  latest.set('latest', latest.get('1.4.2')!);
  put('shop/api', '1.4.2', ['linux/amd64'], 23.8, 3);
  put('tools/migrate', 'v9', ['linux/amd64'], 11.2, 40);
  return container;
}

function seedLoadBalancer(
  make: Make,
  cluster: SeedCluster,
  labels: Record<string, string>,
  apiBinding: object,
  madeBy: string,
  env: string,
): Container {
  const { name, servers, agents, ports = [] } = cluster;
  const serverNames = Array.from({ length: servers }, (_, i) => `k3d-${name}-server-${i}`);
  const all = [...serverNames, ...Array.from({ length: agents }, (_, i) => `k3d-${name}-agent-${i}`)];
  const bindings = Object.fromEntries(
    ports.map(([host, inner]) => [`${inner}/tcp`, [{ HostIp: '', HostPort: String(host) }]]),
  );
  const container = make(`k3d-${name}-serverlb`, {
    Image: `ghcr.io/k3d-io/k3d-proxy:${madeBy.replace(/^v/, '')}`,
    Env: [env],
    Labels: { ...labels, 'k3d.role': 'loadbalancer' },
    ExposedPorts: Object.fromEntries(Object.keys({ ...apiBinding, ...bindings }).map(key => [key, {}])),
    HostConfig: { PortBindings: { ...apiBinding, ...bindings } },
  });
  const block = (port: number, nodes: string[]) => `  ${port}.tcp:\n${nodes.map(node => `  - ${node}\n`).join('')}`;
  const values = `ports:\n${block(6443, serverNames)}${ports.map(([, inner]) => block(inner, all)).join('')}settings:\n  workerConnections: 1024\n`;
  container.files.write('/etc/confd/values.yaml', values, 0o744);
  return container;
}

/** A host port for the API that nothing real and no other cluster has. */
async function freePort(world: World): Promise<number> {
  const owner = `probe-${world.containers.size}`;
  const port = await world.hostPorts.bind({
    owner,
    endpoint: '',
    ip: '0.0.0.0',
    port: 0,
    protocol: 'tcp',
    listen: true,
    lenient: true,
    onConnect: socket => socket.destroy(),
  });
  world.hostPorts.release(owner);
  return port;
}

/** Waits until every node that can be ready is, then puts the applications in. */
async function settle(world: World, clusters: SeedCluster[]): Promise<void> {
  const running = clusters.filter(({ state = 'running' }) => state === 'running');
  const deadline = Date.now() + 20_000;
  for (const { name, servers, agents, apps = [], ingresses = [], stuck, hungry } of running) {
    const server = world.container(`k3d-${name}-server-0`);
    while ((clusterOf(server)?.nodes.size ?? 0) < servers + agents && Date.now() < deadline) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    for (const app of apps) clusterOf(server)?.addApp(...app);
    if (stuck) stickPull(server, stuck);
    if (hungry) starve(server, hungry);
    for (const ingress of ingresses) clusterOf(server)?.addIngress(...ingress);
  }
}

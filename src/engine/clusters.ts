import type { ContainerSummary, NetworkInspect, VolumeInspect } from '../docker/types.ts';
import { shortId } from './image/names.ts';
import { chooseLoadBalancer } from './loadbalancer/serving.ts';
import type { Cluster, ClusterStatus, Node, NodePort } from './model.ts';
import { API_PORT } from './names.ts';
import { compare, nodeOf, sortedByName } from './node-of-container.ts';

/**
 * Docker's labelled objects as clusters, whoever made them. Pure, and never throws: broken containers become nodes and
 * clusters with faults. Clusters are sorted by name, nodes by cluster, role and index.
 */
export function clustersFrom(
  containers: ContainerSummary[],
  networks: NetworkInspect[],
  volumes: VolumeInspect[],
): { clusters: Cluster[]; nodes: Node[]; registries: Node[] } {
  const all = sortedByName(containers.map(nodeOf), node => node.name);
  const byCluster = new Map<string, Node[]>();
  const alone: Node[] = [];
  for (const node of all) {
    // A node that joined a cluster elsewhere is labelled with that cluster's URL, which is no cluster of ours.
    const belongs = node.cluster !== '' && node.labels['k3d.cluster.external'] !== 'true';
    if (!belongs) alone.push(node);
    else if (byCluster.has(node.cluster)) byCluster.get(node.cluster)!.push(node);
    else byCluster.set(node.cluster, [node]);
  }
  const clusters: Cluster[] = [];
  const nodes: Node[] = [];
  const around = { networks: networkIndex(networks), volumes: volumeIndex(volumes) };
  for (const name of [...byCluster.keys()].sort(compare)) {
    const members = byCluster.get(name)!;
    // A registry outlives its cluster when others use it; alone it makes no cluster.
    if (members.every(node => node.role === 'registry')) {
      alone.push(...members);
      continue;
    }
    const cluster = clusterOf(name, members, around);
    clusters.push(cluster);
    const { servers, agents, loadBalancer, others, registries } = cluster;
    nodes.push(...servers, ...agents, ...(loadBalancer ? [loadBalancer] : []), ...others, ...registries);
  }
  nodes.push(...alone);
  return { clusters, nodes, registries: all.filter(node => node.role === 'registry') };
}

/** What surrounds the clusters, by how it is looked for. */
interface Around {
  /** By id and by name. */
  networks: Map<string, NetworkInspect>;
  /** Names by cluster. */
  volumes: Map<string, string[]>;
}

function networkIndex(networks: NetworkInspect[]): Around['networks'] {
  const byName = networks.map((network): [string, NetworkInspect] => [network.Name, network]);
  return new Map([...byName, ...networks.map((network): [string, NetworkInspect] => [network.Id, network])]);
}

function volumeIndex(volumes: VolumeInspect[]): Around['volumes'] {
  const index = new Map<string, string[]>();
  for (const { Name, Labels } of sortedByName(volumes, volume => volume.Name)) {
    const cluster = Labels?.['k3d.cluster'];
    if (cluster) index.set(cluster, [...(index.get(cluster) ?? []), Name]);
  }
  return index;
}

function clusterOf(name: string, members: Node[], { networks, volumes }: Around): Cluster {
  const withRole = (role: Node['role']) => members.filter(node => node.role === role);
  const servers = withRole('server');
  const agents = withRole('agent');
  const loadBalancer = chooseLoadBalancer(withRole('loadbalancer'), name);
  const extra = withRole('loadbalancer').filter(node => node !== loadBalancer);
  const others = [...extra, ...withRole('tools'), ...withRole('unknown')];
  const label = labelOf([...servers, ...agents, ...(loadBalancer ? [loadBalancer] : [])]);
  const lostLoadBalancer = loadBalancer === undefined && servers.length > 0 ? label('k3d.server.loadbalancer') : '';
  const network = networkOf(label, networks, members);
  const api = apiOf(servers);
  const k3sNodes = [...servers, ...agents];
  const faults = [...members.filter(node => node.fault).map(node => `${node.name} ${node.fault}`)];
  if (servers.length === 0) faults.unshift('has no server');
  if (lostLoadBalancer) faults.unshift(`its load balancer ${lostLoadBalancer} is gone`);
  if (extra.length > 0) faults.unshift('has more than one load balancer');
  if (network && network.id === '' && !network.external) faults.unshift(`its network ${network.name} is gone`);
  return {
    name,
    status: statusOf(servers, agents, loadBalancer, lostLoadBalancer !== ''),
    servers,
    agents,
    loadBalancer,
    registries: withRole('registry'),
    others,
    serversRunning: servers.filter(node => node.running).length,
    agentsRunning: agents.filter(node => node.running).length,
    network,
    imageVolume: label('k3d.cluster.imageVolume'),
    volumes: volumes.get(name) ?? [],
    token: label('k3d.cluster.token'),
    api,
    k3sVersion: k3sVersionOf((k3sNodes[0] ?? members[0])?.image ?? ''),
    ports: publishedPorts([...servers, ...agents, ...(loadBalancer ? [loadBalancer] : [])], api?.port),
    created: Math.min(...members.map(node => node.created)),
    madeBy: makerOf(servers.length > 0 ? servers : members),
    faults,
  };
}

/** Reads a cluster-wide label from the first node that has it. */
function labelOf(nodes: Node[]): (key: string) => string {
  return key => nodes.find(node => node.labels[key])?.labels[key] ?? '';
}

/** `k3d v5.9.0`, `k3dui v0.1.0`; k3dui writes k3d's version too, as the one whose conventions it follows. */
function makerOf(nodes: Node[]): string {
  const ours = labelOf(nodes)('k3dui.version');
  const theirs = labelOf(nodes)('k3d.version');
  return ours ? `k3dui v${ours}` : theirs ? `k3d ${theirs}` : '';
}

function statusOf(
  servers: Node[],
  agents: Node[],
  loadBalancer: Node | undefined,
  loadBalancerLost: boolean,
): ClusterStatus {
  if (servers.length === 0) return 'broken';
  const parts = [...servers, ...agents, ...(loadBalancer ? [loadBalancer] : [])];
  if (parts.every(node => node.running)) return loadBalancerLost ? 'degraded' : 'running';
  const alive = parts.some(node => node.running || node.state === 'restarting' || node.state === 'paused');
  if (!alive) return 'stopped';
  return parts.some(node => node.state === 'created' || node.state === 'restarting') ? 'starting' : 'degraded';
}

function networkOf(label: (key: string) => string, networks: Around['networks'], members: Node[]): Cluster['network'] {
  const name = label('k3d.cluster.network');
  if (name === '') return undefined;
  const external = label('k3d.cluster.network.external') === 'true';
  const labelledId = label('k3d.cluster.network.id');
  // Only networks that k3d made are in the list; others are known from the containers in them.
  const listed = networks.get(labelledId) ?? networks.get(name);
  const attached = members.flatMap(node => node.networks).find(network => network.name === name && network.id !== '');
  const range = label('k3d.cluster.network.iprange') ?? '';
  // On the host's network k3d writes `invalid Prefix`.
  const subnet = range.includes('/') ? range : (listed?.IPAM?.Config?.[0]?.Subnet ?? '');
  return { name, id: listed?.Id ?? attached?.id ?? (external ? labelledId : ''), external, subnet };
}

function apiOf(servers: Node[]): Cluster['api'] {
  const labels = servers.find(node => node.labels['k3d.server.api.port'])?.labels;
  if (labels === undefined) return undefined;
  const port = Number(labels['k3d.server.api.port']);
  if (!Number.isInteger(port) || port <= 0) return undefined;
  return { host: labels['k3d.server.api.host'] ?? '', hostIP: labels['k3d.server.api.hostIP'] ?? '', port };
}

/** `docker.io/rancher/k3s:v1.31.5-k3s1@sha256:…` → `v1.31.5-k3s1`. Of an image whose tag went on to another Docker tells the id alone: its short form. */
function k3sVersionOf(image: string): string {
  return /:(v\d+\.\d+[^@/:]*)(?:@|$)/.exec(image)?.[1] ?? (image.startsWith('sha256:') ? shortId(image) : image);
}

function publishedPorts(nodes: Node[], apiPort: number | undefined): NodePort[] {
  return nodes.flatMap(node =>
    node.ports.filter(port => {
      return port.containerPort !== API_PORT || (apiPort !== undefined && port.hostPort !== apiPort);
    }),
  );
}

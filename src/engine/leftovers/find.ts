import type { Call } from '../../docker/docker.ts';
import type { ContainerSummary, NetworkInspect, VolumeInspect } from '../../docker/types.ts';
import { clustersFrom } from '../clusters.ts';
import type { Engine } from '../engine.ts';
import { isAside } from '../loadbalancer/serving.ts';
import type { Cluster, Node } from '../model.ts';
import { compare } from '../node-of-container.ts';
import { type OwnPath, ownPaths } from './files.ts';
import { type KubeconfigEntry, staleEntries } from './kubeconfig.ts';
import { FRESH_SECONDS, IMPORT_SECONDS, type Leftover } from './leftover.ts';

/** What is looked at: everything of k3d's, and every container, as somebody else's may use k3d's things. */
export interface LeftoverFacts {
  containers: ContainerSummary[];
  networks: NetworkInspect[];
  volumes: VolumeInspect[];
  paths: OwnPath[];
  entries: KubeconfigEntry[];
  /** Clusters at which an operation of this process is at work. */
  busy: ReadonlySet<string>;
  /** Unix time in seconds, by Docker's clock as far as is known. */
  now: number;
}

/** Looks for leftovers; changes nothing. Throws what Docker throws. */
export async function findLeftovers(engine: Engine, call: Call = {}): Promise<Leftover[]> {
  const { docker, env, operations } = engine;
  const [containers, networks, volumes, paths] = await Promise.all([
    docker.listContainers({}, call),
    docker.listNetworks({}, call),
    docker.listVolumes({ labels: ['app=k3d'] }, call),
    ownPaths(env),
  ]);
  const alive = clustersOf(containers, networks, volumes).filter(cluster => !isDead(cluster));
  const entries = await staleEntries(env, new Set(alive.map(({ name }) => name)), call.signal);
  const running = operations.operations.filter(({ endedAt }) => endedAt === undefined);
  const busy = new Set(running.flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster])));
  return leftoversOf({ containers, networks, volumes, paths, entries, busy, now: Math.floor(Date.now() / 1000) });
}

/** What of it nothing needs any more. Pure. */
function leftoversOf(facts: LeftoverFacts): Leftover[] {
  const { containers, networks, volumes, paths, entries } = facts;
  const clusters = clustersOf(containers, networks, volumes);
  const left = containersLeft(containers, clusters, networks, facts.now);
  const goes = new Set(left.map(({ target }) => target));
  const found = [
    ...neverMade(clusters),
    ...left,
    ...networksLeft(networks, containers, clusters, goes),
    ...volumesLeft(volumes, containers, clusters, goes),
    ...pathsLeft(paths, clusters),
    ...entries.map(entryLeft),
  ];
  return found.map(leftover => withFreshness(leftover, facts));
}

/** All clusters, what is left of dead ones included. */
function clustersOf(containers: ContainerSummary[], networks: NetworkInspect[], volumes: VolumeInspect[]): Cluster[] {
  const ours = containers.filter(isOurs);
  const own = networks.filter(network => network.Labels?.app === 'k3d');
  return clustersFrom(ours, own, volumes).clusters;
}

const isOurs = ({ Labels }: ContainerSummary): boolean => Labels?.app === 'k3d';

function withFreshness(leftover: Leftover, { busy, now }: LeftoverFacts): Leftover {
  if (busy.has(leftover.cluster)) return { ...leftover, fresh: `an operation is at work on ${leftover.cluster}` };
  const age = now - leftover.created;
  if (leftover.fresh !== undefined || leftover.created === 0 || age >= FRESH_SECONDS) return leftover;
  return { ...leftover, fresh: `made ${Math.max(0, age)} s ago, perhaps by an operation that still runs` };
}

/** Clusters whose nodes were made but never started: a create that was killed. */
function neverMade(clusters: readonly Cluster[]): Leftover[] {
  return clusters.filter(isUnborn).map(cluster => ({
    id: `cluster ${cluster.name}`,
    kind: 'cluster',
    name: cluster.name,
    cluster: cluster.name,
    why: 'its nodes were made but never started: a create that was killed',
    created: Math.max(...nodesOf(cluster).map(node => node.created)),
    target: cluster.name,
    whole: cluster,
  }));
}

const nodesOf = (cluster: Cluster): Node[] => [
  ...cluster.servers,
  ...cluster.agents,
  ...(cluster.loadBalancer ? [cluster.loadBalancer] : []),
];

function isUnborn(cluster: Cluster): boolean {
  return cluster.servers.length > 0 && nodesOf(cluster).every(node => node.state === 'created');
}

/** A cluster without a server can never start again; what there is of it is left over. */
const isDead = (cluster: Cluster): boolean => cluster.servers.length === 0;

function containersLeft(
  containers: ContainerSummary[],
  clusters: readonly Cluster[],
  networks: NetworkInspect[],
  now: number,
): Leftover[] {
  const found: Leftover[] = [];
  const add = (node: Node, why: string) => {
    const imports = node.role === 'tools' && node.running && now - node.created < IMPORT_SECONDS;
    found.push({
      id: `container ${node.id}`,
      kind: 'container',
      name: node.name,
      cluster: node.cluster,
      why,
      created: node.created,
      target: node.id,
      ...(imports ? { fresh: 'it runs, perhaps for an import that goes on' } : {}),
    });
  };
  for (const cluster of clusters) {
    if (isDead(cluster)) {
      const rest = [...nodesOf(cluster), ...cluster.others];
      for (const node of rest) add(node, reasonIn(cluster, node));
      continue;
    }
    for (const node of cluster.others) {
      if (node.role === 'tools') add(node, 'a tools node is of use only while images are imported');
      else if (node.role === 'loadbalancer' && !serves(node, cluster)) {
        add(node, `left by a replacement of the load balancer; ${cluster.loadBalancer?.name ?? 'nothing'} serves`);
      }
    }
  }
  // A registry outlives its cluster where somebody else can use it.
  const living = new Set(clusters.filter(cluster => !isDead(cluster)).map(({ name }) => name));
  const existing = new Set(networks.map(({ Name }) => Name));
  const { registries } = clustersFrom(containers.filter(isOurs), [], []);
  for (const registry of registries) {
    if (registry.cluster === '' || living.has(registry.cluster)) continue;
    const others = registry.networks.filter(
      ({ name }) => name !== 'bridge' && name !== `k3d-${registry.cluster}` && existing.has(name),
    );
    if (others.length === 0) add(registry, `the registry of cluster ${registry.cluster}, which is gone`);
  }
  return found;
}

function reasonIn(cluster: Cluster, node: Node): string {
  if (node.role === 'tools') return `a tools node of cluster ${cluster.name}, which is gone`;
  if (node.role === 'loadbalancer') return `a load balancer of cluster ${cluster.name}, which has no server left`;
  return `${node.role === 'agent' ? 'an agent' : 'a node'} of cluster ${cluster.name}, which has no server left`;
}

function serves(node: Node, cluster: Cluster): boolean {
  const network = cluster.network?.name;
  return node.running && (network === undefined || node.networks.some(({ name }) => name === network));
}

/** k3d's name for a network that it makes only to learn a free range: `k3d-fakenet-abcdefghij`. */
const FAKE_NETWORK = /^k3d-fakenet-[a-zA-Z]{10}$/;

function networksLeft(
  networks: NetworkInspect[],
  containers: ContainerSummary[],
  clusters: readonly Cluster[],
  goes: ReadonlySet<string>,
): Leftover[] {
  const users = (network: NetworkInspect) =>
    containers.filter(({ NetworkSettings }) => network.Name in (NetworkSettings?.Networks ?? {}));
  const alive = clusters.filter(cluster => !isDead(cluster));
  return networks.flatMap((network): Leftover[] => {
    const { Name: name, Labels: labels } = network;
    if (labels?.app !== 'k3d') return [];
    const add = (cluster: string, why: string): Leftover[] => [
      {
        id: `network ${network.Id}`,
        kind: 'network',
        name,
        cluster,
        why,
        created: Math.floor(Date.parse(network.Created ?? '') / 1000) || 0,
        target: network.Id,
      },
    ];
    const waits = alive.find(cluster => isAside(name, cluster.name));
    const here = users(network);
    if (waits) {
      // The one that serves may hang on to it; leaving it is part of removing it.
      const only = here.every(({ Labels }) => Labels?.['k3d.cluster'] === waits.name);
      return only ? add(waits.name, 'a load balancer waited here to take over, and does no more') : [];
    }
    if (FAKE_NETWORK.test(name))
      return here.length === 0 ? add('', 'made only to learn a free range of addresses') : [];
    const owner = alive.find(cluster => cluster.network?.name === name || `k3d-${cluster.name}` === name);
    // Any node's label will do: a cluster may be half gone.
    const labelled = containers.some(
      ({ Labels }) =>
        Labels?.['k3d.cluster.network'] === name && alive.some(cluster => cluster.name === Labels['k3d.cluster']),
    );
    const foreign = here.filter(({ Id }) => !goes.has(Id));
    if (owner || labelled || foreign.length > 0) return [];
    const cluster = labels['k3d.cluster'] ?? (name.startsWith('k3d-') ? name.slice(4) : '');
    return add(
      cluster,
      cluster ? `the network of cluster ${cluster}, which is gone` : 'k3d made it, and nothing uses it',
    );
  });
}

function volumesLeft(
  volumes: VolumeInspect[],
  containers: ContainerSummary[],
  clusters: readonly Cluster[],
  goes: ReadonlySet<string>,
): Leftover[] {
  return volumes.flatMap(({ Name: name, Labels, CreatedAt }): Leftover[] => {
    const cluster = Labels?.['k3d.cluster'];
    if (Labels?.app !== 'k3d' || !cluster) return [];
    const owner = clusters.find(one => one.name === cluster);
    if (owner && !isDead(owner)) return [];
    const users = containers.filter(({ Mounts = [] }) =>
      Mounts.some(mount => mount.Type === 'volume' && mount.Name === name),
    );
    if (users.some(({ Id }) => !goes.has(Id))) return [];
    return [
      {
        id: `volume ${name}`,
        kind: 'volume',
        name,
        cluster,
        why: `a volume of cluster ${cluster}, which is gone`,
        created: Math.floor(Date.parse(CreatedAt ?? '') / 1000) || 0,
        target: name,
      },
    ];
  });
}

function pathsLeft(paths: readonly OwnPath[], clusters: readonly Cluster[]): Leftover[] {
  const alive = new Set(clusters.filter(cluster => !isDead(cluster)).map(({ name }) => name));
  return paths
    .filter(({ cluster }) => !alive.has(cluster))
    .map(({ path, kind, cluster, changed }) => ({
      id: `${kind} ${path}`,
      kind,
      name: path,
      cluster,
      why:
        kind === 'folder'
          ? `memory figures of a node of ${cluster}, which is gone`
          : `the kubeconfig of cluster ${cluster}, which is gone`,
      created: changed,
      target: path,
    }));
}

function entryLeft({ file, cluster, server }: KubeconfigEntry): Leftover {
  return {
    id: `kubeconfig ${file} ${cluster}`,
    kind: 'kubeconfig',
    name: `k3d-${cluster} in ${file}`,
    cluster,
    why: `no cluster ${cluster} on this engine, and nothing answers at ${server}`,
    created: 0,
    target: cluster,
    file,
  };
}

/** In the order in which they are shown: by cluster, containers first. Gives a new array. */
export function inOrder(leftovers: readonly Leftover[]): Leftover[] {
  const kinds = ['cluster', 'container', 'network', 'volume', 'folder', 'file', 'kubeconfig'];
  return leftovers.toSorted(
    (a, b) => compare(a.cluster, b.cluster) || kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || compare(a.name, b.name),
  );
}

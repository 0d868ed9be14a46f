import { filtersFor } from '../../config/choose-filters.ts';
import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { k3sVersionOf, normaliseImage } from '../../config/image.ts';
import { formatMemory } from '../../config/memory.ts';
import type { NodeRef } from '../../config/node-filters.ts';
import { formatPortSpec } from '../../config/ports.ts';
import { formatUlimit } from '../../config/ulimits.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import { networkName } from '../names.ts';
import { imageReference } from '../node/copy.ts';
import { nodeRefs } from '../ports/filters.ts';
import type { Facts } from './facts.ts';
import { type FileGap, fileDifferences } from './file-differences.ts';
import { layoutCluster, type NodeLayout } from './layout.ts';
import { MEMORY_MOUNT } from './node-as-asked.ts';
import { portDifferences } from './port-differences.ts';
import { Problems } from './problems.ts';
import type { ClusterReading } from './reading.ts';
import { registryDifferences } from './registry-differences.ts';
import { specOf } from './spec-of.ts';

/** One thing in which a running cluster is not what a request asks for. */
export interface Difference {
  /** What of the request it is about: `agents`, `ports`, `k3sArgs`. */
  field: string;
  /** As it is; '' when there is none. */
  live: string;
  /** As it is asked for; '' when it is to go. */
  wanted: string;
  /** `in place`: the cluster goes on while it is changed. `recreate`: only a cluster made anew has it. */
  how: 'in place' | 'recreate';
  /** Why it cannot be changed in place. */
  why?: string;
}

/** The values of a node that Docker takes only when it creates the container. */
const AT_CREATE = 'Docker sets it when it creates a node, and a node created again would lose what is in it';

/**
 * Everything in which a cluster differs from a request for it, however either is spelled. What a request leaves open (a
 * random port, an own token, the subnet) is no difference. How a create is done is none either. Pure.
 * @param options.etcd servers can join: the cluster keeps its data in etcd or outside; asked only where they shall
 * @param options.files what `readFileGaps` found
 */
export function clusterDifferences(
  wanted: ClusterSpec,
  reading: ClusterReading,
  facts: Facts,
  options: { etcd: boolean; files?: readonly FileGap[] },
): Difference[] {
  const { cluster } = reading;
  const live = specOf(reading, { token: true }).spec;
  const differences: Difference[] = [];
  const add = (field: string, is: string, shall: string, why?: string) => {
    if (is === shall) return;
    differences.push({
      field,
      live: is,
      wanted: shall,
      how: why === undefined ? 'in place' : 'recreate',
      ...(why ? { why } : {}),
    });
  };
  const problems = new Problems();
  // Both are laid out as if the whole engine were free: what is in the way is the plan's affair.
  const want = layoutCluster({ ...wanted, name: cluster.name }, facts, problems);
  problems.throwFirst();
  const have = layoutCluster(live, facts, new Problems());

  const stopped = [
    ...cluster.servers,
    ...cluster.agents,
    ...(cluster.loadBalancer ? [cluster.loadBalancer] : []),
  ].filter(node => !node.running);
  if (stopped.length > 0) add('state', `${stopped.map(node => node.name).join(', ')} stopped`, 'running');
  const more = wanted.servers > live.servers;
  add(
    'servers',
    String(live.servers),
    String(wanted.servers),
    more && !options.etcd ? 'its data is in SQLite, so it can never have a second server' : undefined,
  );
  add('agents', String(live.agents), String(wanted.agents));

  imageDifferences(wanted, reading, facts, add);
  add('network', cluster.network?.name ?? '', wanted.network ?? networkName(cluster.name), AT_CREATE);
  if (wanted.subnet && wanted.subnet !== 'auto') {
    add('subnet', cluster.network?.subnet ?? '', wanted.subnet, 'every node has its address from it');
  }
  if (wanted.token && wanted.token !== cluster.token) {
    add('token', 'another one', 'that of the request', 'the data of its servers is locked with it');
  }
  apiDifferences(wanted, reading, want.api, add);
  add(
    'loadBalancer',
    yes(live.loadBalancer && cluster.loadBalancer !== undefined),
    yes(want.loadBalancer !== undefined),
    AT_CREATE,
  );
  add('imageVolume', yes(live.imageVolume), yes(wanted.imageVolume), AT_CREATE);
  if (cluster.loadBalancer && want.loadBalancer) differences.push(...portDifferences(want, have, reading));

  differences.push(...registryDifferences(wanted, live, want, reading, facts));
  differences.push(...fileDifferences(options.files ?? [], reading));
  nodeDifferences(have, want, reading, add);
  memoryDifferences(want, reading, add);
  listDifferences('hostAliases', aliasTexts(live), aliasTexts(wanted), 'its nodes are labelled with them', add);
  listDifferences(
    'runtimeUlimits',
    live.runtimeUlimits.map(formatUlimit),
    wanted.runtimeUlimits.map(formatUlimit),
    AT_CREATE,
    add,
  );
  add('hostPidMode', yes(live.hostPidMode), yes(wanted.hostPidMode), AT_CREATE);
  add('gpus', live.gpus ?? '', wanted.gpus ?? '', AT_CREATE);
  return differences;
}

/** Each node's own: nodes that were added later may have another image than the others. */
function imageDifferences(wanted: ClusterSpec, reading: ClusterReading, facts: Facts, add: Add): void {
  const fact = facts.images.get(wanted.image);
  // A word whose meaning nobody could be asked for is no difference.
  if (fact?.problem) return;
  const image = fact?.reference ?? wanted.image;
  const differing = byNode(reading, inspect => {
    const its = imageReference(inspect, reading.images.get(inspect.Image));
    return sameImage(its, image) ? undefined : its;
  });
  for (const [live, where] of differing) add('image', `${shortImage(live)}${where}`, shortImage(image), AT_CREATE);
}

/** Each node's own, too. */
function memoryDifferences(want: ReturnType<typeof layoutCluster>, reading: ClusterReading, add: Add): void {
  const differing = byNode(reading, ({ HostConfig }, { role, index }) => {
    const shall = (role === 'server' ? want.servers : want.agents)[index]?.memory;
    const is = HostConfig.Memory || 0;
    return shall === undefined || is === shall ? undefined : `${is} ${shall}`;
  });
  const text = (bytes: string) => (bytes === '0' ? 'no limit' : formatMemory(Number(bytes)));
  for (const [pair, where] of differing) {
    const [is = '0', shall = '0'] = pair.split(' ');
    add('memory', `${text(is)}${where}`, text(shall), AT_CREATE);
  }
}

/** What is found at servers and agents, each with ` on agent:0`, or nothing where it is at all of them. */
function byNode(
  { cluster, inspects }: ClusterReading,
  find: (inspect: ContainerInspect, ref: NodeRef) => string | undefined,
): [found: string, where: string][] {
  const refs = nodeRefs(cluster);
  const k3sNodes = refs.filter(({ role }) => role !== 'loadbalancer');
  const owners = new Map<string, Set<string>>();
  for (const ref of k3sNodes) {
    const inspect = inspects.get(ref.name);
    const found = inspect && find(inspect, ref);
    if (found !== undefined) owners.set(found, (owners.get(found) ?? new Set()).add(ref.name));
  }
  return [...owners].map(([found, names]) => [
    found,
    names.size === k3sNodes.length ? '' : ` on ${filtersFor(refs, names).join(', ')}`,
  ]);
}

type Add = (field: string, live: string, wanted: string, why?: string) => void;

const yes = (value: boolean) => (value ? 'yes' : 'no');

function sameImage(left: string, right: string): boolean {
  const full = (image: string) => {
    try {
      return normaliseImage(image);
    } catch {
      return image;
    }
  };
  return full(left) === full(right);
}

/** `v1.31.5-k3s1` where it is k3s' own image. */
function shortImage(image: string): string {
  return /^(docker\.io\/)?rancher\/k3s:/.test(image) ? k3sVersionOf(image) : image;
}

function apiDifferences(
  { kubeAPI }: ClusterSpec,
  { cluster }: ClusterReading,
  want: { host: string; hostIP: string; port: number },
  add: Add,
): void {
  const { api } = cluster;
  if (!api || cluster.network?.name === 'host') return;
  const why = 'kubeconfigs and nodes know the API by it';
  // Docker Desktop's k3d writes its own host name where all addresses were asked for.
  const sameHost = !kubeAPI.host || kubeAPI.host === api.host;
  const live = `${sameHost ? '' : `${api.host} `}${api.hostIP}:${api.port}`;
  const port = kubeAPI.hostPort && kubeAPI.hostPort !== 'random' ? want.port : api.port;
  add('kubeAPI', live, `${sameHost ? '' : `${want.host} `}${want.hostIP}:${port}`, why);
}

/** What each node that is there and stays is to have. New nodes get what is asked for, and those that go do not matter. */
function nodeDifferences(
  have: ReturnType<typeof layoutCluster>,
  want: ReturnType<typeof layoutCluster>,
  reading: ClusterReading,
  add: Add,
): void {
  const refs = nodeRefs(reading.cluster);
  const pairs: { live: NodeLayout; wanted: NodeLayout; name: string }[] = [];
  const pair = (live: NodeLayout | undefined, wanted: NodeLayout | undefined) => {
    const name = refs.find(ref => ref.role === live?.role && ref.index === live.index)?.name;
    if (live && wanted && name) pairs.push({ live, wanted, name });
  };
  for (const [i, node] of have.servers.entries()) pair(node, want.servers[i]);
  for (const [i, node] of have.agents.entries()) pair(node, want.agents[i]);
  pair(have.loadBalancer, want.loadBalancer);

  // The load balancer runs no k3s, whatever a filter like `all` says.
  const k3s = (of: (node: NodeLayout) => string[]) => (node: NodeLayout) =>
    node.role === 'loadbalancer' ? [] : of(node);
  const compare = (field: string, of: (node: NodeLayout) => string[]) => {
    const values = new Map<string, { gone: Set<string>; come: Set<string> }>();
    const note = (value: string) => {
      const known = values.get(value) ?? { gone: new Set(), come: new Set() };
      values.set(value, known);
      return known;
    };
    for (const { live, wanted, name } of pairs) {
      const [is, shall] = [of(live), of(wanted)];
      for (const value of without(is, shall)) note(value).gone.add(name);
      for (const value of without(shall, is)) note(value).come.add(name);
    }
    for (const [value, { gone, come }] of values) {
      if (gone.size > 0) add(field, `${value} on ${filtersFor(refs, gone).join(', ')}`, '', AT_CREATE);
      if (come.size > 0) add(field, '', `${value} on ${filtersFor(refs, come).join(', ')}`, AT_CREATE);
    }
  };
  compare('volumes', node => node.binds.filter(bind => !bind.endsWith(':/k3d/images') && !MEMORY_MOUNT.test(bind)));
  compare('env', node => node.env);
  // k3d adds it by itself where there are several servers; of those one may be left.
  const etcd = reading.cluster.servers.some(({ init }) => init);
  compare(
    'k3sArgs',
    k3s(node => node.args.filter(arg => !(etcd && arg === '--cluster-init'))),
  );
  compare(
    'k3sNodeLabels',
    k3s(node => node.k3sNodeLabels.map(({ key, value }) => `${key}=${value}`)),
  );
  compare('runtimeLabels', node => Object.entries(node.runtimeLabels).map(([key, value]) => `${key}=${value}`));
  compare(
    'ports',
    k3s(node => node.ports.map(formatPortSpec)),
  );
}

function listDifferences(field: string, live: string[], wanted: string[], why: string, add: Add): void {
  for (const value of without(live, wanted)) add(field, value, '', why);
  for (const value of without(wanted, live)) add(field, '', value, why);
}

function aliasTexts({ hostAliases }: ClusterSpec): string[] {
  return hostAliases.map(({ ip, hostnames }) => `${ip} ${hostnames.join(' ')}`);
}

/** Those of the one list that the other does not have; what stands there twice counts twice. */
function without(list: string[], other: string[]): string[] {
  const left = [...other];
  return list.filter(value => {
    const place = left.indexOf(value);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

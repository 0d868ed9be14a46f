import { isIP } from 'node:net';
import { DEFAULT_API_HOST } from '../../config/api-port.ts';
import type { ClusterSpec } from '../../config/cluster-spec.ts';
import { type GpuRequest, parseGpus } from '../../config/gpus.ts';
import { parseLabel, parseRuntimeLabel } from '../../config/labels.ts';
import { applyLbOverrides, parseLbOverride } from '../../config/lb-overrides.ts';
import { parseMemory } from '../../config/memory.ts';
import { filterNodes, filterNodesStrictly, type NodeRef } from '../../config/node-filters.ts';
import { placePorts } from '../../config/place-ports.ts';
import type { PortMapping } from '../../config/ports.ts';
import { checkUlimit } from '../../config/ulimits.ts';
import { fileDestination, formatVolume, isClusterVolume, parseVolume } from '../../config/volumes.ts';
import type { ContainerFile } from '../../docker/docker.ts';
import { DEFAULT_WORKER_CONNECTIONS, type LoadBalancerModel } from '../loadbalancer/values.ts';
import { API_PORT, imageVolumeName, loadBalancerName, networkName, nodeName } from '../names.ts';
import { memoryBinds, type ToldMemory, toldMemory } from '../node/meminfo.ts';
import { layoutRegistries, type RegistriesLayout } from '../registry/for-cluster.ts';
import type { Facts } from './facts.ts';
import type { Problems } from './problems.ts';
import { absoluteMount } from './volume-sources.ts';

/** One container-to-be with all that was asked for it, filters resolved. */
export interface NodeLayout extends NodeRef {
  /** As asked for; K3S_TOKEN and the like come on top. */
  env: string[];
  args: string[];
  k3sNodeLabels: { key: string; value: string }[];
  runtimeLabels: Record<string, string>;
  binds: string[];
  ports: PortMapping[];
  /** Put in before it starts. */
  files: ContainerFile[];
  memory: number;
  toldMemory: ToldMemory | undefined;
}

/** A cluster request with every filter, default and random value resolved. Pure data. */
export interface ClusterLayout {
  servers: NodeLayout[];
  agents: NodeLayout[];
  loadBalancer: NodeLayout | undefined;
  model: LoadBalancerModel;
  api: { host: string; hostIP: string; port: number };
  token: string;
  imageVolume: string;
  /** Volumes to make and to delete with the cluster. */
  volumes: string[];
  hostNetwork: boolean;
  gpus: GpuRequest[];
  registries: RegistriesLayout;
}

/** Works the request out; what is wrong with it goes to `problems`. */
export function layoutCluster(spec: ClusterSpec, facts: Facts, problems: Problems): ClusterLayout {
  const hostNetwork = spec.network === 'host';
  const servers = Array.from({ length: Math.max(0, spec.servers) || 0 }, (_, i) =>
    emptyNode(nodeName(spec.name, 'server', i), 'server', i),
  );
  const agents = Array.from({ length: Math.max(0, spec.agents) || 0 }, (_, i) =>
    emptyNode(nodeName(spec.name, 'agent', i), 'agent', i),
  );
  const loadBalancer =
    spec.loadBalancer && !hostNetwork ? emptyNode(loadBalancerName(spec.name), 'loadbalancer', 0) : undefined;
  // k3d's node list begins with the load balancer (transform.go:129); `all` means it too.
  const all = [...(loadBalancer ? [loadBalancer] : []), ...servers, ...agents];

  const volumes = new Set<string>();
  spec.volumes.forEach(({ volume, nodeFilters }, index) => {
    problems.try(
      'volumes',
      () => {
        const mount = absoluteMount(parseVolume(volume));
        if (isClusterVolume(mount)) volumes.add(mount.source);
        for (const node of filterNodes(all, nodeFilters)) node.binds.push(formatVolume(mount));
      },
      undefined,
      index,
    );
  });
  spec.env.forEach(({ envVar, nodeFilters }, index) => {
    problems.try(
      'env',
      () => {
        for (const node of filterNodesStrictly(all, nodeFilters, `EnvVarMapping '${envVar}'`)) node.env.push(envVar);
      },
      undefined,
      index,
    );
  });
  spec.k3sArgs.forEach(({ arg, nodeFilters }, index) => {
    problems.try(
      'k3sArgs',
      () => {
        for (const node of filterNodesStrictly(all, nodeFilters, `K3sExtraArg '${arg}'`)) node.args.push(arg);
      },
      undefined,
      index,
    );
  });
  spec.k3sNodeLabels.forEach(({ label, nodeFilters }, index) => {
    problems.try(
      'k3sNodeLabels',
      () => {
        const parsed = parseLabel(label);
        for (const node of filterNodesStrictly(all, nodeFilters, `k3s node label mapping '${label}'`)) {
          node.k3sNodeLabels = [...node.k3sNodeLabels.filter(({ key }) => key !== parsed.key), parsed];
        }
      },
      undefined,
      index,
    );
  });
  spec.runtimeLabels.forEach(({ label, nodeFilters }, index) => {
    problems.try(
      'runtimeLabels',
      () => {
        const { key, value } = parseRuntimeLabel(label);
        for (const node of filterNodesStrictly(all, nodeFilters, `RuntimeLabelmapping '${label}'`))
          node.runtimeLabels[key] = value;
      },
      undefined,
      index,
    );
  });
  for (const ulimit of spec.runtimeUlimits) problems.try('runtimeUlimits', () => checkUlimit(ulimit), ulimit);
  spec.files.forEach(({ content, destination, nodeFilters }, index) => {
    problems.try(
      'files',
      () => {
        const file = { path: fileDestination(destination), content: asFile(content), mode: FILE_MODE };
        for (const node of filterNodes(all, nodeFilters)) node.files.push(file);
      },
      undefined,
      index,
    );
  });
  const gpus = problems.try('gpus', () => (spec.gpus ? [parseGpus(spec.gpus)] : []), []);
  const serversMemory = problems.try(
    'serversMemory',
    () => (spec.serversMemory ? parseMemory(spec.serversMemory) : 0),
    0,
  );
  const agentsMemory = problems.try('agentsMemory', () => (spec.agentsMemory ? parseMemory(spec.agentsMemory) : 0), 0);
  for (const node of servers) node.memory = serversMemory;
  for (const node of agents) node.memory = agentsMemory;

  const placed = spec.ports.map((port, index) =>
    problems.try('ports', () => placePorts([port], all, loadBalancer !== undefined), undefined, index),
  );
  const upstreams: Record<string, string[]> = {};
  for (const one of placed) {
    for (const [name, mappings] of one?.bindings ?? []) all.find(node => node.name === name)?.ports.push(...mappings);
    for (const [listener, names] of one?.upstreams ?? []) {
      const together = new Set([...(upstreams[listener] ?? []), ...names]);
      upstreams[listener] = all.map(node => node.name).filter(name => together.has(name));
    }
  }
  // The API goes to every server, whatever else was asked for port 6443 (k3d pkg/client/loadbalancer.go).
  upstreams[`${API_PORT}.tcp`] = servers.map(server => server.name);

  const overrides = spec.lbConfigOverrides.flatMap(text =>
    problems.try('lbConfigOverrides', () => [parseLbOverride(text)], []),
  );
  const model = applyLbOverrides<LoadBalancerModel>(
    { ports: upstreams, settings: { workerConnections: DEFAULT_WORKER_CONNECTIONS } },
    overrides,
  );
  const imageVolume = spec.imageVolume ? imageVolumeName(spec.name) : '';
  if (imageVolume) for (const node of all) node.binds.push(`${imageVolume}:/k3d/images`);
  for (const node of all) {
    node.toldMemory = toldMemory(node, facts);
    if (node.toldMemory) node.binds.push(...memoryBinds(node.toldMemory));
  }
  return {
    servers,
    agents,
    loadBalancer,
    model,
    api: apiBinding(spec, facts, problems, hostNetwork),
    token: spec.token || facts.fresh.token,
    imageVolume,
    volumes: [...(imageVolume ? [imageVolume] : []), ...volumes],
    hostNetwork,
    gpus,
    registries: layoutRegistries(spec, spec.network ?? networkName(spec.name), facts, problems),
  };
}

function emptyNode(name: string, role: NodeRef['role'], index: number): NodeLayout {
  return {
    name,
    role,
    index,
    env: [],
    args: [],
    k3sNodeLabels: [],
    runtimeLabels: {},
    binds: [],
    ports: [],
    files: [],
    memory: 0,
    toldMemory: undefined,
  };
}

/** As k3d's (pkg/client/cluster.go). */
const FILE_MODE = 0o644;

function asFile(content: string | Uint8Array): string | Buffer {
  return typeof content === 'string' ? content : Buffer.from(content);
}

/** Where the API is published: as asked, else a free port on all addresses; with the host's network where k3s listens. */
function apiBinding(spec: ClusterSpec, facts: Facts, problems: Problems, hostNetwork: boolean): ClusterLayout['api'] {
  const { kubeAPI } = spec;
  const asked = kubeAPI.hostPort && kubeAPI.hostPort !== 'random' ? Number(kubeAPI.hostPort) : 0;
  const port = hostNetwork ? API_PORT : asked || facts.fresh.apiPort;
  const host = kubeAPI.host || kubeAPI.hostIP || DEFAULT_API_HOST;
  let hostIP = kubeAPI.hostIP || (isIP(host) ? host : facts.hosts.get(host));
  if (hostIP === undefined) {
    problems.error(
      'kubeAPI',
      'API_HOST_UNKNOWN',
      `failed to lookup host '${host}' specified for Port Exposure: no such host`,
      'the name must resolve to an address of this machine: check it, or give an IP address',
    );
    hostIP = DEFAULT_API_HOST;
  }
  return { host, hostIP, port };
}

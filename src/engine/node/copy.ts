import { parseLabel, parseRuntimeLabel } from '../../config/labels.ts';
import { parseMemory } from '../../config/memory.ts';
import { nextFreeAddress, parseSubnet } from '../../config/subnet.ts';
import type { ContainerCreate, ContainerInspect, ContainerSummary, ImageInspect } from '../../docker/types.ts';
import type { Cluster } from '../model.ts';
import { API_PORT, KUBECONFIG_IN_NODE } from '../names.ts';
import { VERSION_LABELS } from '../version-labels.ts';
import { ENTRYPOINT_PATH } from './entrypoint.ts';
import { memoryBinds, type ToldMemory } from './meminfo.ts';
import type { NodeRequest } from './request.ts';

/** Mounts that show a node the memory it has; each node has its own. k3d pkg/util/infofaker.go. */
const OWN_MOUNTS = [':/proc/meminfo', ':/sys/devices/system/edac'];
/** Flags of k3s that only one node of a cluster can have, and how many words they take. */
const OWN_FLAGS: Record<string, number> = {
  '--cluster-init': 1,
  '--cluster-reset': 1,
  '--node-name': 2,
  '--node-ip': 2,
  '--node-external-ip': 2,
};
/** Labels that say something about one server alone. */
const SERVER_LABELS = /^k3d\.(server\.(api\.|init$)|node\.staticIP$)/;

/** What the body of a new node is made from. */
export interface CopyOptions {
  name: string;
  image: string;
  source: { inspect: ContainerInspect; image: ImageInspect | undefined };
  cluster: Cluster;
  request: NodeRequest;
  /** Fixed address in the cluster's network. */
  staticIP: string | undefined;
  toldMemory: ToldMemory | undefined;
}

/**
 * Docker's body for a node that joins: the settings of a node that is there already, without what only one node can
 * have, and what was asked for on top. As k3d does (pkg/client/node.go, recordings/ops 32, 81, 104), but for its faults:
 * the image keeps its name, no variable or argument stands there twice.
 */
export function copiedNode(options: CopyOptions): ContainerCreate {
  const { name, image, source, cluster, request, staticIP } = options;
  const { Config, HostConfig } = source.inspect;
  const sameRole = Config.Labels?.['k3d.role'] === request.role;
  const memory = memoryOf(options);
  const ulimits = request.runtimeUlimits.map(({ name: limit, soft, hard }) => ({
    Name: limit,
    Soft: soft,
    Hard: hard,
  }));
  return {
    Hostname: name,
    Image: image,
    Env: environment(options),
    Cmd: command(options, sameRole),
    ...(Config.Entrypoint?.[0] === ENTRYPOINT_PATH ? { Entrypoint: [ENTRYPOINT_PATH] } : {}),
    Labels: labels(options),
    HostConfig: {
      Binds: [
        ...(HostConfig.Binds ?? []).filter(bind => !OWN_MOUNTS.some(mount => bind.includes(mount))),
        ...(options.toldMemory ? memoryBinds(options.toldMemory) : []),
      ],
      NetworkMode: 'bridge',
      RestartPolicy: { Name: 'unless-stopped' },
      Privileged: true,
      UsernsMode: 'host',
      Tmpfs: { '/run': '', '/var/run': '' },
      Init: true,
      ...(memory > 0 ? { Memory: memory } : {}),
      ...(sameRole && HostConfig.NanoCpus ? { NanoCpus: HostConfig.NanoCpus } : {}),
      ...(ulimits.length > 0 || (HostConfig.Ulimits?.length ?? 0) > 0
        ? { Ulimits: ulimits.length > 0 ? ulimits : HostConfig.Ulimits }
        : {}),
      ...(HostConfig.PidMode === 'host' ? { PidMode: 'host' } : {}),
      ...(HostConfig.DeviceRequests?.length ? { DeviceRequests: HostConfig.DeviceRequests } : {}),
    },
    NetworkingConfig: {
      EndpointsConfig: { [cluster.network!.name]: staticIP ? { IPAMConfig: { IPv4Address: staticIP } } : {} },
    },
  };
}

/** Bytes that the new node may have, as asked for or as the source of the same role has; 0: no limit. */
export function memoryOf({ source, request }: Pick<CopyOptions, 'source' | 'request'>): number {
  const { Config, HostConfig } = source.inspect;
  if (request.memory) return parseMemory(request.memory);
  return Config.Labels?.['k3d.role'] === request.role ? (HostConfig.Memory ?? 0) : 0;
}

/** The image under a name that a person would use: k3d's own copies carry its id. */
export function imageReference(inspect: ContainerInspect, image: ImageInspect | undefined): string {
  const { Image } = inspect.Config;
  return /^(sha256:)?[0-9a-f]{12,64}$/.test(Image) ? (image?.RepoTags?.[0] ?? Image) : Image;
}

/** Variables of the source that its image did not bring, then ours; each once. */
function environment({ source, cluster, request }: CopyOptions): string[] {
  const fromImage = new Set(source.image?.Config?.Env ?? []);
  const variables = new Map<string, string>();
  for (const variable of source.inspect.Config.Env ?? []) {
    if (!fromImage.has(variable)) variables.set(keyOf(variable), variable);
  }
  const url = variables.get('K3S_URL');
  if (url === undefined || !reaches(url, cluster)) variables.set('K3S_URL', `K3S_URL=${joinUrl(cluster)}`);
  if (request.token) variables.set('K3S_TOKEN', `K3S_TOKEN=${request.token}`);
  else if (!variables.has('K3S_TOKEN') && cluster.token) variables.set('K3S_TOKEN', `K3S_TOKEN=${cluster.token}`);
  variables.set('K3S_KUBECONFIG_OUTPUT', `K3S_KUBECONFIG_OUTPUT=${KUBECONFIG_IN_NODE}`);
  return [...variables.values()];
}

const keyOf = (variable: string): string => variable.split('=', 1)[0]!;

/** Whether the node that a K3S_URL names is there and runs. k3d only asks whether it is there. */
function reaches(variable: string, cluster: Cluster): boolean {
  const host = /=https?:\/\/([a-zA-Z0-9_.-]+)/.exec(variable)?.[1];
  const nodes = [...cluster.servers, ...(cluster.loadBalancer ? [cluster.loadBalancer] : [])];
  return nodes.some(node => node.name === host && node.running);
}

/** Where new nodes join: through the load balancer, else at a server that runs. */
function joinUrl(cluster: Cluster): string {
  const target = cluster.loadBalancer?.running
    ? cluster.loadBalancer
    : (cluster.servers.find(server => server.running) ?? cluster.loadBalancer ?? cluster.servers[0]!);
  return `https://${target.name}:${API_PORT}`;
}

function command({ source, request }: CopyOptions, sameRole: boolean): string[] {
  const copied = sameRole ? withoutOwnFlags((source.inspect.Config.Cmd ?? []).slice(1)) : [];
  const nodeLabels = request.k3sNodeLabels
    .map(parseLabel)
    .flatMap(({ key, value }) => ['--node-label', `${key}=${value}`]);
  return [request.role, ...copied, ...request.k3sArgs, ...nodeLabels];
}

/** Arguments as they can be used by a second node. */
function withoutOwnFlags(args: string[]): string[] {
  const left: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [flag = '', ...value] = args[i]!.split('=');
    const words = OWN_FLAGS[flag];
    if (words === undefined) left.push(args[i]!);
    else if (value.length === 0) i += words - 1;
  }
  return left;
}

function labels({ source, cluster, request, staticIP }: CopyOptions): Record<string, string> {
  const { role } = request;
  const fromImage = source.image?.Config?.Labels ?? {};
  const sourceLabels = source.inspect.Config.Labels ?? {};
  const copied = Object.entries(sourceLabels).filter(
    ([key, value]) =>
      fromImage[key] !== value &&
      key !== 'k3d.node.staticIP' &&
      !(role !== sourceLabels['k3d.role'] && SERVER_LABELS.test(key)),
  );
  return {
    ...Object.fromEntries(copied),
    app: 'k3d',
    'k3d.cluster': cluster.name,
    'k3d.role': role,
    ...VERSION_LABELS,
    ...(role === 'server' && 'k3d.server.init' in sourceLabels ? { 'k3d.server.init': 'false' } : {}),
    ...(role === 'server' && staticIP ? { 'k3d.node.staticIP': staticIP } : {}),
    ...(request.token ? { 'k3d.cluster.token': request.token } : {}),
    ...Object.fromEntries(request.runtimeLabels.map(parseRuntimeLabel).map(({ key, value }) => [key, value])),
  };
}

/**
 * Fixed addresses for as many new nodes, where the cluster's nodes have fixed ones: Docker does not know those of
 * stopped nodes and could hand one out. undefined where they have none.
 */
export function freeAddresses(
  cluster: Cluster,
  source: ContainerInspect,
  containers: ContainerSummary[],
  count: number,
): string[] | undefined {
  const { name, subnet } = cluster.network!;
  const fixed = source.NetworkSettings.Networks?.[name]?.IPAMConfig?.IPv4Address;
  if (!fixed || !subnet) return undefined;
  const used = containers.flatMap(container => {
    const endpoint = container.NetworkSettings?.Networks?.[name];
    const label = container.Labels?.['k3d.node.staticIP'];
    return [endpoint?.IPAddress, endpoint?.IPAMConfig?.IPv4Address, label].filter(ip => ip !== undefined && ip !== '');
  }) as string[];
  return Array.from({ length: count }, () => {
    const address = nextFreeAddress(parseSubnet(subnet), used);
    used.push(address);
    return address;
  });
}

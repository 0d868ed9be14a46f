import { parseSubnet, toNumber } from './addresses.ts';
import { ApiError } from './api-error.ts';
import { Files } from './files.ts';
import { newId } from './ids.ts';
import { Log } from './log.ts';
import { withProtocol } from './publish.ts';
import type { Container, ContainerConfig, EndpointRequest, HostConfig, Image } from './types.ts';
import type { World } from './world.ts';

export interface CreateBody extends ContainerConfig {
  HostConfig: HostConfig;
  NetworkingConfig: { EndpointsConfig?: Record<string, EndpointRequest | null> };
}

/** Makes a container, as `POST /containers/create` does. Throws Docker's answers: 400, 404 (image, network), 409 (name). */
export function createContainer(
  world: World,
  name: string,
  body: Partial<CreateBody>,
  options: { listens?: boolean; lenient?: boolean; anonymousVolumes?: boolean } = {},
): Container {
  const { HostConfig: asked = {}, NetworkingConfig: networking, ...config } = body;
  if (!config.Image) throw new ApiError(400, 'config cannot be empty in order to create a container');
  const image = world.image(config.Image);
  const id = newId();
  checkPorts(asked, config);
  checkMemory(asked);
  const merged = mergeConfig(image, config, id, asked.NetworkMode === 'host');
  const [path, ...args] = commandLine(merged);
  if (!path) throw new ApiError(400, 'no command specified');
  const container: Container = {
    id,
    name,
    created: Date.now(),
    config: merged,
    hostConfig: fullHostConfig(asked),
    image,
    path,
    args,
    status: 'created',
    pid: 0,
    exitCode: 0,
    error: '',
    startedAt: 0,
    finishedAt: 0,
    restartCount: 0,
    endpoints: new Map(),
    ports: {},
    mounts: [],
    files: new Files(image.base),
    log: new Log(world.clock),
    program: undefined,
    stoppedByHand: false,
    cancelRestart: undefined,
    memory: new Map(),
    listens: options.listens ?? true,
    lenient: options.lenient ?? false,
    execs: new Set(),
    waiters: new Set(),
  };
  addEndpoints(world, container, networking?.EndpointsConfig ?? {});
  world.addContainer(container);
  addMounts(world, container, options.anonymousVolumes ?? true);
  world.events.container('create', container);
  return container;
}

function mergeConfig(image: Image, config: ContainerConfig, id: string, hostNetwork: boolean): ContainerConfig {
  const base = image.config;
  const key = (entry: string) => entry.split('=')[0];
  const given = new Set((config.Env ?? []).map(key));
  const ownEntry = config.Entrypoint && config.Entrypoint.length > 0;
  return {
    Domainname: '',
    User: '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    WorkingDir: '',
    OnBuild: null,
    ...config,
    Hostname: config.Hostname || (hostNetwork ? 'demo' : id.slice(0, 12)),
    Env: [...(config.Env ?? []), ...(base.Env ?? []).filter(entry => !given.has(key(entry)))],
    // An entry point of one's own discards the image's command, as Docker does.
    Cmd: config.Cmd?.length ? config.Cmd : ownEntry ? null : (base.Cmd ?? null),
    Entrypoint: ownEntry ? config.Entrypoint! : (base.Entrypoint ?? null),
    Labels: { ...base.Labels, ...config.Labels },
    Volumes: config.Volumes ?? base.Volumes ?? null,
    ExposedPorts: { ...base.ExposedPorts, ...config.ExposedPorts },
    ...(config.StopSignal || base.StopSignal ? { StopSignal: config.StopSignal || base.StopSignal! } : {}),
  } as ContainerConfig;
}

function commandLine(config: ContainerConfig): string[] {
  const entry = typeof config.Entrypoint === 'string' ? [config.Entrypoint] : (config.Entrypoint ?? []);
  return [...entry, ...(config.Cmd ?? [])];
}

/** What Docker shows of a host configuration that nobody set. */
const ZEROS = {
  DnsOptions: [],
  DnsSearch: [],
  GroupAdd: null,
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PublishAllPorts: false,
  UTSMode: '',
  ConsoleSize: [0, 0],
  Isolation: '',
  CpuShares: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpusetCpus: '',
  CpusetMems: '',
  DeviceCgroupRules: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: null,
  PidsLimit: null,
  CpuCount: 0,
  CpuPercent: 0,
  MaskedPaths: null,
  ReadonlyPaths: null,
};

function fullHostConfig(asked: HostConfig): HostConfig {
  return {
    Binds: null,
    ContainerIDFile: '',
    LogConfig: { Type: 'json-file', Config: {} },
    PortBindings: {},
    AutoRemove: false,
    VolumeDriver: '',
    VolumesFrom: null,
    CapAdd: null,
    CapDrop: null,
    CgroupnsMode: 'private',
    ...ZEROS,
    Dns: [],
    ExtraHosts: null,
    IpcMode: 'private',
    PidMode: '',
    Privileged: false,
    ReadonlyRootfs: false,
    SecurityOpt: null,
    ShmSize: 67108864,
    Runtime: 'runc',
    Memory: 0,
    NanoCpus: 0,
    Devices: [],
    DeviceRequests: null,
    Ulimits: null,
    ...asked,
    RestartPolicy: {
      Name: asked.RestartPolicy?.Name || 'no',
      MaximumRetryCount: asked.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    NetworkMode: !asked.NetworkMode || asked.NetworkMode === 'default' ? 'bridge' : asked.NetworkMode,
  };
}

function addEndpoints(world: World, container: Container, given: Record<string, EndpointRequest | null>): void {
  if (given.default) given = { ...given, bridge: given.default };
  const names = Object.keys(given).filter(name => name !== 'default');
  const mode = container.hostConfig.NetworkMode!;
  if (mode.startsWith('container:')) return;
  // k3d asks for `bridge` and names its own network in the endpoints: only the latter counts.
  if (names.length === 0 || (mode !== 'bridge' && !names.includes(mode))) names.push(mode);
  for (const name of names) {
    const network = world.network(name);
    const request = given[name] ?? {};
    const wanted = request.IPAMConfig?.IPv4Address;
    if (wanted && network.subnet) {
      const { first, last } = parseSubnet(network.subnet);
      if (toNumber(wanted) < first || toNumber(wanted) > last) {
        throw new ApiError(
          400,
          `invalid config for network ${name}: invalid endpoint settings: no configured subnet or ip-range contain the IP address ${wanted}`,
        );
      }
    }
    container.endpoints.set(network.name, { network, id: '', request, ip: '', mac: '' });
  }
}

function addMounts(world: World, container: Container, anonymous: boolean): void {
  const { files, hostConfig } = container;
  const mount = (destination: string, source: string, mode: string) => {
    const rw = !mode.split(',').includes('ro');
    if (source.startsWith('/')) {
      files.mount(destination, world.hostFolder(source));
      container.mounts.push({ type: 'bind', source, destination, mode, rw });
      return;
    }
    const volume = world.volume(source || newId(), {}, source === '');
    files.mount(destination, volume.files);
    const path = `/var/lib/docker/volumes/${volume.name}/_data`;
    container.mounts.push({ type: 'volume', name: volume.name, source: path, destination, mode: mode || 'z', rw });
  };
  for (const bind of hostConfig.Binds ?? []) {
    const parts = /^([A-Za-z]:\\[^:]*|[^:]+):([^:]+)(?::(.*))?$/.exec(bind);
    if (!parts?.[2]?.startsWith('/')) throw new ApiError(400, `invalid volume specification: '${bind}'`);
    mount(parts[2], parts[1]!, parts[3] ?? '');
  }
  for (const { Source = '', Target, ReadOnly } of hostConfig.Mounts ?? []) mount(Target, Source, ReadOnly ? 'ro' : 'z');
  for (const destination of Object.keys(container.config.Volumes ?? {})) {
    if (anonymous && !container.mounts.some(known => known.destination === destination)) mount(destination, '', '');
  }
}

function checkPorts(hostConfig: HostConfig, config: ContainerConfig): void {
  for (const key of [...Object.keys(config.ExposedPorts ?? {}), ...Object.keys(hostConfig.PortBindings ?? {})]) {
    const [port, protocol] = withProtocol(key).split('/');
    if (!(Number(port) > 0 && Number(port) < 65536)) throw new ApiError(400, `invalid port specification: "${key}"`);
    if (!['tcp', 'udp', 'sctp'].includes(protocol!)) throw new ApiError(400, `invalid port specification: "${key}"`);
  }
  for (const bindings of Object.values(hostConfig.PortBindings ?? {})) {
    for (const { HostPort = '' } of bindings ?? []) {
      if (HostPort && !/^\d{1,5}(-\d{1,5})?$/.test(HostPort))
        throw new ApiError(400, `invalid port specification: "${HostPort}"`);
    }
  }
}

function checkMemory(hostConfig: HostConfig): void {
  if (hostConfig.Memory && hostConfig.Memory < 6 * 1024 * 1024)
    throw new ApiError(400, 'Minimum memory limit allowed is 6MB');
}

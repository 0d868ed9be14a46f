import { cpus, totalmem } from 'node:os';
import type { Call } from '../call.ts';
import { stamp } from '../clock.ts';
import type { World } from '../world.ts';
import type { Route } from './routes.ts';

const ENGINE_VERSION = '27.5.1';

const ping = (call: Call): void => {
  call.res.setHeader('Builder-Version', '1');
  call.res.setHeader('Swarm', 'inactive');
  call.res.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
  call.res.setHeader('Pragma', 'no-cache');
  call.res.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 2 });
  call.res.end(call.method === 'HEAD' ? undefined : 'OK');
};

const version = (call: Call): void => {
  const details = {
    ApiVersion: call.world.machine.apiVersion,
    Arch: 'amd64',
    BuildTime: '2025-01-22T13:41:17.000000000+00:00',
    Experimental: 'false',
    GitCommit: '4c9b3b0',
    GoVersion: 'go1.22.11',
    KernelVersion: '6.8.0-demo',
    MinAPIVersion: '1.24',
    Os: 'linux',
  };
  call.json(200, {
    Platform: { Name: 'k3dui demo engine' },
    Components: [
      { Name: 'Engine', Version: ENGINE_VERSION, Details: details },
      { Name: 'containerd', Version: '1.7.25', Details: { GitCommit: 'bcc810d' } },
      { Name: 'runc', Version: '1.2.4', Details: { GitCommit: 'v1.2.4-0-g6c52b3f' } },
    ],
    Version: call.world.machine.version,
    ApiVersion: details.ApiVersion,
    MinAPIVersion: details.MinAPIVersion,
    GitCommit: details.GitCommit,
    GoVersion: details.GoVersion,
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: details.KernelVersion,
    BuildTime: details.BuildTime,
  });
};

function containerCounts(world: World): { running: number; paused: number; stopped: number } {
  let running = 0;
  let paused = 0;
  for (const container of world.containers.values()) {
    if (container.status === 'running' || container.status === 'restarting') running++;
    if (container.status === 'paused') paused++;
  }
  return { running, paused, stopped: world.containers.size - running - paused };
}

const info = (call: Call): void => {
  const { world } = call;
  const { machine } = world;
  const counts = containerCounts(world);
  call.json(200, {
    ID: world.engineId,
    Containers: world.containers.size,
    ContainersRunning: counts.running,
    ContainersPaused: counts.paused,
    ContainersStopped: counts.stopped,
    Images: world.images.size,
    Driver: machine.storageDriver,
    DriverStatus: machine.storageStatus,
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
      Authorization: null,
      Log: ['json-file', 'local'],
    },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    BridgeNfIptables: true,
    BridgeNfIp6tables: true,
    Debug: false,
    OomKillDisable: false,
    SystemTime: stamp(world.clock.nano() + BigInt(machine.clockSkew) * 1_000_000n),
    LoggingDriver: 'json-file',
    CgroupDriver: 'systemd',
    CgroupVersion: machine.cgroupVersion,
    KernelVersion: '6.8.0-demo',
    OperatingSystem: 'k3dui demo',
    OSVersion: '1',
    OSType: 'linux',
    Architecture: 'x86_64',
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: { InsecureRegistryCIDRs: ['127.0.0.0/8'], IndexConfigs: {}, Mirrors: [] },
    NCPU: cpus().length,
    MemTotal: totalmem(),
    GenericResources: null,
    DockerRootDir: '/var/lib/docker',
    HttpProxy: machine.httpProxy,
    HttpsProxy: machine.httpsProxy,
    NoProxy: machine.noProxy,
    Name: 'demo',
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: machine.version,
    Runtimes: { runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    LiveRestoreEnabled: false,
    Isolation: '',
    InitBinary: 'docker-init',
    SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
    Warnings: null,
  });
};

const diskUsage = (call: Call): void => {
  const { world } = call;
  call.json(200, {
    LayersSize: [...world.images.values()].reduce((sum, image) => sum + image.size, 0),
    Images: [...world.images.values()].map(image => ({
      Id: image.id,
      RepoTags: image.tags,
      Size: image.size,
      SharedSize: 0,
      Containers: 0,
    })),
    Containers: [...world.containers.values()].map(container => ({
      Id: container.id,
      Names: [`/${container.name}`],
      Image: container.config.Image,
      ImageID: container.image.id,
      SizeRw: 4096,
      SizeRootFs: container.image.size,
      State: container.status,
      Status: container.status,
    })),
    Volumes: [...world.volumes.values()].map(volume => ({
      Name: volume.name,
      Driver: 'local',
      Mountpoint: `/var/lib/docker/volumes/${volume.name}/_data`,
      Labels: volume.labels,
      Scope: 'local',
      Options: null,
      UsageData: {
        Size: volume.files.walk('/').reduce((sum, [, entry]) => sum + entry.content.length, 0),
        RefCount: 1,
      },
    })),
    BuildCache: [],
  });
};

const auth = (call: Call): void => call.json(200, { Status: 'Login Succeeded', IdentityToken: '' });

export const systemRoutes: Route[] = [
  ['GET', '/_ping', ping],
  ['HEAD', '/_ping', ping],
  ['GET', '/version', version],
  ['GET', '/info', info],
  ['GET', '/system/df', diskUsage],
  ['POST', '/auth', auth],
];

import { macOf, parseSubnet } from '../addresses.ts';
import type { Call } from '../call.ts';
import { stampMs } from '../clock.ts';
import type { Container, Endpoint, Mount } from '../types.ts';
import type { Route } from './routes.ts';

export function endpointShape(container: Container, endpoint: Endpoint): object {
  const { network, request, ip } = endpoint;
  const prefix = network.subnet ? parseSubnet(network.subnet).prefix : 0;
  const named = network.name !== 'bridge' && network.name !== 'host' && network.name !== 'none';
  return {
    IPAMConfig: request.IPAMConfig ?? null,
    Links: request.Links ?? null,
    Aliases: named && ip ? [...(request.Aliases ?? []), container.id.slice(0, 12)] : (request.Aliases ?? null),
    MacAddress: macOf(ip),
    DriverOpts: null,
    NetworkID: network.id,
    EndpointID: ip ? endpoint.id : '',
    Gateway: ip ? network.gateway : '',
    IPAddress: ip,
    IPPrefixLen: ip ? prefix : 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    DNSNames: named ? [container.name, container.id.slice(0, 12)] : null,
  };
}

export const mountShape = (mount: Mount): object => ({
  Type: mount.type,
  ...(mount.name ? { Name: mount.name } : {}),
  Source: mount.source,
  Destination: mount.destination,
  ...(mount.type === 'volume' ? { Driver: 'local' } : {}),
  Mode: mount.mode,
  RW: mount.rw,
  Propagation: mount.type === 'bind' ? 'rprivate' : '',
});

const inspect = (call: Call): void => {
  const container = call.world.container(call.params[0]!);
  const { config, hostConfig, status } = container;
  const bridge = container.endpoints.get('bridge');
  const folder = `/var/lib/docker/containers/${container.id}`;
  call.json(200, {
    Id: container.id,
    Created: stampMs(container.created),
    Path: container.path,
    Args: container.args,
    State: {
      Status: status,
      Running: status === 'running' || status === 'paused' || status === 'restarting',
      Paused: status === 'paused',
      Restarting: status === 'restarting',
      OOMKilled: container.memory.get('oomKilled') === true,
      Dead: status === 'dead',
      Pid: container.pid,
      ExitCode: container.exitCode,
      Error: container.error,
      StartedAt: stampMs(container.startedAt),
      FinishedAt: stampMs(container.finishedAt),
    },
    Image: container.image.id,
    ResolvConfPath: `${folder}/resolv.conf`,
    HostnamePath: `${folder}/hostname`,
    HostsPath: `${folder}/hosts`,
    LogPath: `${folder}/${container.id}-json.log`,
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: hostConfig.Privileged ? 'unconfined' : 'docker-default',
    ExecIDs: container.execs.size ? [...container.execs] : null,
    HostConfig: hostConfig,
    GraphDriver: { Data: { MergedDir: `/var/lib/docker/overlay2/${container.id}/merged` }, Name: 'overlay2' },
    ...(call.flag('size') ? { SizeRw: 4096, SizeRootFs: container.image.size } : {}),
    Mounts: container.mounts.map(mountShape),
    Config: config,
    NetworkSettings: {
      Bridge: '',
      SandboxID: container.pid ? container.id : '',
      SandboxKey: container.pid ? `/var/run/docker/netns/${container.id.slice(0, 12)}` : '',
      Ports: container.ports,
      HairpinMode: false,
      EndpointID: bridge?.ip ? bridge.id : '',
      Gateway: bridge?.ip ? bridge.network.gateway : '',
      IPAddress: bridge?.ip ?? '',
      IPPrefixLen: bridge?.ip ? 16 : 0,
      MacAddress: bridge?.mac ?? '',
      IPv6Gateway: '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      LinkLocalIPv6Address: '',
      LinkLocalIPv6PrefixLen: 0,
      SecondaryIPAddresses: null,
      SecondaryIPv6Addresses: null,
      Networks: Object.fromEntries(
        [...container.endpoints].map(([name, endpoint]) => [name, endpointShape(container, endpoint)]),
      ),
    },
  });
};

export const inspectRoutes: Route[] = [['GET', '/containers/*/json', inspect]];

import type { ContainerCreate } from '../../docker/types.ts';
import { KUBECONFIG_IN_NODE } from '../names.ts';
import { VERSION_LABELS } from '../version-labels.ts';

/** A registry to be made, with every default and random value put in. */
export interface RegistryLayout {
  /** Of the container. */
  name: string;
  image: string;
  /** As asked for; empty when only a port was. */
  host: string;
  hostIP: string;
  hostPort: number;
  /** Port that it listens on. */
  port: number;
  proxy: { remoteURL: string; username: string; password: string } | undefined;
  volumes: string[];
  deleteEnabled: boolean;
  /** Network that it is made in; it joins others afterwards. */
  network: string;
  /** The cluster it belongs to and goes with; empty: none. */
  cluster: string;
}

/**
 * Docker's body for a registry, field by field what k3d 5.9 makes (pkg/client/registry.go, recordings/create/27 and
 * ops/64 to 68).
 */
export function registryContainer(layout: RegistryLayout): ContainerCreate {
  const { name, image, host, hostIP, hostPort, port, proxy, volumes, cluster } = layout;
  const key = `${port}/tcp`;
  return {
    Hostname: name,
    Image: image,
    Env: [
      ...(port === hostPort ? [`REGISTRY_HTTP_ADDR=:${port}`] : []),
      ...(proxy ? [`REGISTRY_PROXY_REMOTEURL=${proxy.remoteURL}`] : []),
      ...(proxy?.username ? [`REGISTRY_PROXY_USERNAME=${proxy.username}`] : []),
      ...(proxy?.password ? [`REGISTRY_PROXY_PASSWORD=${proxy.password}`] : []),
      ...(layout.deleteEnabled ? ['REGISTRY_STORAGE_DELETE_ENABLED=true'] : []),
      `K3S_KUBECONFIG_OUTPUT=${KUBECONFIG_IN_NODE}`,
    ],
    ExposedPorts: { [key]: {} },
    Labels: {
      app: 'k3d',
      'k3d.cluster': cluster,
      'k3d.registry.host': host,
      'k3d.registry.hostIP': hostIP,
      'k3d.role': 'registry',
      ...VERSION_LABELS,
      'k3s.registry.port.external': String(hostPort),
      'k3s.registry.port.internal': String(port),
    },
    HostConfig: {
      Binds: volumes,
      NetworkMode: 'bridge',
      PortBindings: { [key]: [{ HostIp: hostIP, HostPort: String(hostPort) }] },
      RestartPolicy: { Name: 'unless-stopped' },
      Privileged: true,
      UsernsMode: 'host',
      Tmpfs: { '/run': '', '/var/run': '' },
      Init: true,
    },
    NetworkingConfig: { EndpointsConfig: { [layout.network]: {} } },
  };
}

import type { ContainerCreate, ContainerInspect, EndpointSettings, HostConfig } from '../../docker/types.ts';
import { version } from '../../version.ts';
import { type HostBinding, toPortBindings } from './bindings.ts';
import { LB_SCRIPT_PATH } from './script.ts';

/** What the new container is to have otherwise than the old one. */
export interface Replacement {
  /** The load balancer's name: its host name. */
  name: string;
  image: string;
  bindings: HostBinding[];
  network: { name: string; ipv4?: string };
}

/**
 * Docker's body for a load balancer that replaces another: all that the old one was given (labels, environment, binds,
 * restart policy, limits, and whatever else), other ports, and our own entry point.
 */
export function replacementContainer(old: ContainerInspect, wanted: Replacement): ContainerCreate {
  const portBindings = toPortBindings(wanted.bindings);
  const { ipv4, name } = wanted.network;
  return {
    Hostname: wanted.name,
    Image: wanted.image,
    Env: withoutDuplicates(old.Config.Env ?? []),
    Entrypoint: ['/bin/sh', LB_SCRIPT_PATH],
    StopSignal: 'SIGTERM',
    Labels: { ...old.Config.Labels, 'k3dui.version': version },
    ExposedPorts: Object.fromEntries(Object.keys(portBindings).map(port => [port, {}])),
    HostConfig: { ...given(old.HostConfig), PortBindings: portBindings },
    NetworkingConfig: { EndpointsConfig: { [name]: ipv4 ? { IPAMConfig: { IPv4Address: ipv4 } } : {} } },
  };
}

/** The networks the old one is on, the cluster's first (its ports are published there), with fixed addresses. */
export function networksOf(old: ContainerInspect, clusterNetwork: string): { name: string; ipv4?: string }[] {
  const entries: [string, EndpointSettings][] = Object.entries(old.NetworkSettings.Networks ?? {});
  const others = entries.filter(([name]) => name !== clusterNetwork);
  const own = entries.filter(([name]) => name === clusterNetwork);
  const found = [...(own.length > 0 ? own : [[clusterNetwork, {}] as [string, EndpointSettings]]), ...others];
  return found.map(([name, { IPAMConfig }]) => {
    const ipv4 = IPAMConfig?.IPv4Address;
    return ipv4 ? { name, ipv4 } : { name };
  });
}

/** Each variable once, where it first stood, with the value that counts: the last. k3d adds one more at each edit. */
function withoutDuplicates(env: string[]): string[] {
  const values = new Map<string, string>();
  for (const entry of env) values.set(entry.split('=')[0]!, entry);
  return [...values.values()];
}

/** The settings that say something: Docker shows every other one as null, 0, '' or empty. */
function given(config: HostConfig): HostConfig {
  const says = (value: unknown): boolean =>
    Array.isArray(value)
      ? value.some(item => item !== 0)
      : value !== null && value !== undefined && value !== '' && value !== 0 && value !== false;
  return Object.fromEntries(
    Object.entries(config).filter(([key, value]) => says(value) || key === 'Init'),
  ) as HostConfig;
}

import { isIP } from 'node:net';
import { DEFAULT_API_HOST, parseApiPort } from '../../config/api-port.ts';
import type { RegistryCreateSpec } from '../../config/cluster-spec.ts';
import { DEFAULT_REGISTRY_IMAGE } from '../../config/default-image.ts';
import { parseImage } from '../../config/image.ts';
import { checkRegistryName, mirroredHost, REGISTRY_PORT } from '../../config/registries.ts';
import { formatVolume, parseVolume } from '../../config/volumes.ts';
import type { Facts } from '../cluster/facts.ts';
import { portOwner } from '../cluster/port-owner.ts';
import type { Problems } from '../cluster/problems.ts';
import { findContainer } from '../container-name.ts';
import type { RegistryLayout } from './container.ts';

/** Name of a registry that is made alone and was given none. k3d pkg/types/registry.go. */
export const DEFAULT_REGISTRY_NAME = 'k3d-registry';
/** The network that a registry is made in. */
const DEFAULT_REGISTRY_NETWORK = 'bridge';

/** What must be read before this registry can be laid out. */
export function wantedFor(spec: RegistryCreateSpec): { images: string[]; hosts: string[]; ports: number[] } {
  const { host = '', hostPort = '', image } = spec;
  return {
    images: [image || DEFAULT_REGISTRY_IMAGE],
    hosts: host !== '' && isIP(host) === 0 ? [host] : [],
    ports: [Number(hostPort) || 0].filter(Boolean),
  };
}

/** The registry with every default and random value put in; what is wrong goes to `problems`, under `field`. */
export function layoutRegistry(
  spec: RegistryCreateSpec,
  options: { name: string; cluster: string; network?: string; host?: string; field: string },
  facts: Pick<Facts, 'fresh' | 'hosts'>,
  problems: Problems,
): RegistryLayout {
  const { field } = options;
  const name = spec.name || options.name;
  problems.try(field, () => checkRegistryName(name), undefined);
  const host = spec.host || options.host || '';
  const asked = problems.try(field, () => parseApiPort(spec.hostPort || 'random').hostPort, 'random' as const);
  const hostPort = asked === 'random' ? facts.fresh.registryPort : asked;
  let hostIP = host === '' ? DEFAULT_API_HOST : isIP(host) > 0 ? host : facts.hosts.get(host);
  if (hostIP === undefined) {
    problems.error(
      field,
      'REGISTRY_HOST_UNKNOWN',
      `failed to lookup host '${host}' specified for Port Exposure: no such host`,
      'the name must resolve to an address of this machine: check it, or give an IP address',
    );
    hostIP = DEFAULT_API_HOST;
  }
  const { remoteURL = '', username = '', password = '' } = spec.proxy ?? {};
  if (remoteURL) problems.try(field, () => mirroredHost(remoteURL), '');
  else if (username || password) {
    problems.error(
      field,
      'REGISTRY_PROXY_INVALID',
      'there is a user name or password, but no registry to be mirrored',
      'say which: --proxy-remote-url https://registry-1.docker.io',
    );
  }
  const image = spec.image || DEFAULT_REGISTRY_IMAGE;
  problems.try(field, () => parseImage(image), undefined);
  return {
    name,
    image,
    host,
    hostIP,
    hostPort,
    port: spec.enforcePortMatch ? hostPort : REGISTRY_PORT,
    proxy: remoteURL ? { remoteURL, username, password } : undefined,
    volumes: (spec.volumes ?? []).flatMap(text => problems.try(field, () => [formatVolume(parseVolume(text))], [])),
    deleteEnabled: spec.deleteEnabled ?? false,
    network: options.network || DEFAULT_REGISTRY_NETWORK,
    cluster: options.cluster,
  };
}

/** What speaks against making it on this engine. */
export function checkRegistry(layout: RegistryLayout, facts: Facts, problems: Problems, field: string): void {
  const { name, network, hostIP, hostPort, proxy } = layout;
  const taken = findContainer(facts.containers, name);
  if (taken) {
    const isRegistry = taken.Labels?.['k3d.role'] === 'registry';
    problems.error(
      field,
      'REGISTRY_EXISTS',
      isRegistry ? `a registry named '${name}' exists already` : `there is a container named ${name} already`,
      isRegistry
        ? `use it (k3dui cluster create --registry-use ${name}), or choose another name`
        : `choose another name, or remove it: docker rm -f ${name}`,
    );
  }
  if (
    network !== DEFAULT_REGISTRY_NETWORK &&
    !facts.networks.some(({ Name, Id }) => Name === network || Id === network)
  ) {
    problems.error(
      field,
      'NETWORK_UNKNOWN',
      `there is no network '${network}'`,
      'see them: docker network ls; a cluster is connected with --cluster NAME',
    );
  }
  const owner = portOwner(facts, { hostIP, port: hostPort, protocol: 'tcp' });
  if (owner) {
    problems.error(
      field,
      'PORT_TAKEN',
      `host port ${hostPort}/tcp is taken by ${owner}`,
      'use another host port for the registry, or free it',
    );
  }
  if (proxy?.password && proxy.remoteURL.startsWith('http://')) {
    problems.warn(field, 'PROXY_IN_CLEAR', `the password goes to ${proxy.remoteURL} unencrypted`, 'use https://');
  }
}

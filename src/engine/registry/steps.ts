import type { Endpoint } from '../../docker/docker.ts';
import { dnsStep, hostAliasesOf } from '../cluster/dns.ts';
import { isLocal, reachableHost } from '../endpoint.ts';
import type { PlannedStep, TellRegistries } from '../plan.ts';
import { type RegistryLayout, registryContainer } from './container.ts';
import type { ClusterRegistries } from './facts.ts';
import { HOSTING_MODE, HOSTING_PATH, hostingConfigMap } from './hosting.ts';
import type { Registry } from './model.ts';
import {
  formatRegistries,
  type NodeAddress,
  namesOf,
  parseRegistries,
  type RegistriesFile,
  withoutRegistry,
  withRegistry,
} from './registries-yaml.ts';

/** What a registry is reached by from this machine; undefined when it is published nowhere. */
export function registryUrl(
  { hostIP, hostPort }: Pick<Registry, 'hostIP' | 'hostPort'>,
  facts: { env: NodeJS.ProcessEnv; endpoint: Endpoint },
): string | undefined {
  if (hostPort === 0) return undefined;
  const host = reachableHost({ host: '', hostIP, port: hostPort }, facts.env, facts.endpoint);
  return `http://${host.includes(':') ? `[${host}]` : host}:${hostPort}`;
}

/** As `registryUrl`, where this machine is the engine's own: elsewhere a firewall may be between. */
export function nearbyUrl(
  registry: Pick<Registry, 'hostIP' | 'hostPort'>,
  facts: { env: NodeJS.ProcessEnv; endpoint: Endpoint },
): string | undefined {
  return isLocal(facts.endpoint) ? registryUrl(registry, facts) : undefined;
}

/** Makes and starts a registry and waits until it answers; `networks` are joined before it starts. */
export function createSteps(
  layout: RegistryLayout,
  options: {
    /** Id of the step that pulls its image. */
    pull?: string | undefined;
    /** Steps that come before everything. */
    after?: string[];
    networks: { name: string; after: string[]; ipv4?: string | undefined }[];
    url: string | undefined;
    wait: boolean;
  },
): PlannedStep[] {
  const { name } = layout;
  const create = `create ${name}`;
  const joins = options.networks.map(network => joinStep(name, network, [create, ...network.after], network.ipv4));
  return [
    {
      id: create,
      title: 'create',
      subject: name,
      after: [...(options.after ?? []), ...(options.pull ? [options.pull] : [])],
      action: { kind: 'container.create', name, body: registryContainer(layout) },
    },
    ...joins,
    {
      id: `start ${name}`,
      title: 'start',
      subject: name,
      after: [create, ...joins.map(step => step.id)],
      action: { kind: 'container.start', container: name },
    },
    ...(options.wait ? [readyStep(name, options.url, [`start ${name}`])] : []),
  ];
}

export function joinStep(registry: string, network: { name: string }, after: string[], ipv4?: string): PlannedStep {
  return {
    id: `join ${registry} ${network.name}`,
    title: `join network ${network.name}`,
    subject: registry,
    after,
    action: { kind: 'network.connect', network: network.name, container: registry, ...(ipv4 && { ipv4 }) },
  };
}

export function readyStep(container: string, url: string | undefined, after: string[]): PlannedStep {
  const title = url ? `registry at ${url}` : 'registry listens';
  return {
    id: `ready ${container}`,
    title,
    subject: container,
    after,
    action: { kind: 'ready', what: { check: 'registry', container, url } },
  };
}

/** Brings a registry into a cluster's network and tells its nodes; what runs takes it up at once where it can. */
export function connectSteps(
  registry: Pick<Registry, 'hostIP' | 'hostPort' | 'port'>,
  address: NodeAddress,
  { cluster, nodes, hosted }: ClusterRegistries,
  options: { connected: boolean; after: string[] },
): PlannedStep[] {
  const { name, mirrorOf } = address;
  const network = cluster.network!.name;
  const join = joinStep(name, { name: network }, options.after);
  const first = options.connected ? options.after : [join.id];
  const told = nodes.map(({ node, registries, live }): PlannedStep => {
    const after = withRegistry(parseRegistries(registries, `registries.yaml of ${node.name}`), address);
    return {
      id: `tell ${node.name}`,
      title: `tell of ${name}`,
      subject: node.name,
      after: first,
      action: {
        kind: 'registry.tell',
        container: node.name,
        registries: formatRegistries(after),
        mirrors: live && node.running ? mirrorsOf(after, [...namesOf(address), ...(mirrorOf ? [mirrorOf] : [])]) : [],
        gone: [],
      },
    };
  });
  const servers = cluster.servers.filter(server => server.running).map(server => server.name);
  const content = hostingConfigMap(registry, name);
  const own = hosted === undefined || hosted.split(':')[0] === name;
  const files = own
    ? cluster.servers.map(
        (server): PlannedStep => ({
          id: `hosting ${server.name}`,
          title: 'put in the ConfigMap that names it',
          subject: server.name,
          after: first,
          action: {
            kind: 'files.write',
            container: server.name,
            files: [{ path: HOSTING_PATH, content, mode: HOSTING_MODE }],
          },
        }),
      )
    : [];
  const advertise: PlannedStep = {
    id: `advertise ${cluster.name}`,
    title: `tell ${cluster.name} that it has ${name}`,
    subject: servers[0],
    after: files.map(step => step.id),
    action: { kind: 'registry.advertise', servers, path: HOSTING_PATH },
    optional: true,
  };
  const dns = { ...dnsStep(network, servers, hostAliasesOf(cluster), first), id: `dns ${cluster.name}` };
  return [
    ...(options.connected ? [] : [join]),
    ...told,
    ...files,
    ...(own && servers.length > 0 ? [advertise] : []),
    ...(servers.length > 0 ? [dns] : []),
  ];
}

/**
 * The reverse of `connectSteps`, for one registry or several at once.
 * @param leave they leave the cluster's network; false: they are gone
 */
export function disconnectSteps(
  addresses: readonly NodeAddress[],
  { cluster, nodes, hosted }: ClusterRegistries,
  options: { leave: boolean; after: string[]; optional?: boolean },
): PlannedStep[] {
  const { leave, after, optional } = options;
  const names = addresses.map(({ name }) => name);
  const told = nodes.flatMap(({ node, registries, live }): PlannedStep[] => {
    if (registries === '') return [];
    const known = parseRegistries(registries, `registries.yaml of ${node.name}`);
    const left = addresses.reduce(withoutRegistry, known);
    const changed = Object.keys(known.mirrors).filter(mirror => known.mirrors[mirror] !== left.mirrors[mirror]);
    if (changed.length === 0) return [];
    const now = live && node.running;
    return [
      {
        id: `tell ${node.name}`,
        title: `forget ${names.join(', ')}`,
        subject: node.name,
        after,
        action: {
          kind: 'registry.tell',
          container: node.name,
          registries: formatRegistries(left),
          mirrors: now ? mirrorsOf(left, changed) : [],
          gone: now ? changed.filter(mirror => !(mirror in left.mirrors)) : [],
        },
        ...(optional && { optional }),
      },
    ];
  });
  const servers = cluster.servers.filter(server => server.running).map(server => server.name);
  const network = cluster.network?.name ?? '';
  const unadvertise: PlannedStep = {
    id: `advertise ${cluster.name}`,
    title: `tell ${cluster.name} that it has no registry`,
    subject: servers[0],
    after,
    action: { kind: 'registry.advertise', servers, path: undefined },
    optional: true,
  };
  const wasHosted = hosted !== undefined && names.includes(hosted.split(':')[0]!);
  return [
    ...told,
    ...(wasHosted && servers.length > 0 ? [unadvertise] : []),
    ...(leave ? names : []).map(
      (name): PlannedStep => ({
        id: `leave ${name} ${network}`,
        title: `leave network ${network}`,
        subject: name,
        after: told.map(step => step.id),
        action: { kind: 'network.disconnect', network, container: name },
      }),
    ),
  ];
}

/** Where containerd finds what goes by these names. */
function mirrorsOf(file: RegistriesFile, names: readonly string[]): TellRegistries['mirrors'] {
  return names.flatMap(name => {
    const endpoints = file.mirrors[name]?.endpoint ?? [];
    return endpoints.length > 0 ? [{ name, endpoints }] : [];
  });
}

import { DEFAULT_API_HOST } from '../../config/api-port.ts';
import { filtersFor } from '../../config/choose-filters.ts';
import { type ClusterSpec, defaultClusterSpec } from '../../config/cluster-spec.ts';
import { formatMemory } from '../../config/memory.ts';
import { mergeLists } from '../../config/merge-lists.ts';
import type { NodeRef } from '../../config/node-filters.ts';
import type { ContainerInspect, ImageInspect } from '../../docker/types.ts';
import { withoutSecret } from '../../secret-names.ts';
import { DEFAULT_WORKER_CONNECTIONS } from '../loadbalancer/values.ts';
import type { Cluster, Node } from '../model.ts';
import { loadBalancerName, networkName, nodeName } from '../names.ts';
import { imageReference } from '../node/copy.ts';
import { nodeRefs } from '../ports/filters.ts';
import { askedArguments, askedEnvironment, askedLabels, askedVolumes } from './asked.ts';
import { hostAliasesOf } from './dns.ts';
import type { ClusterReading } from './reading.ts';
import { portsOf } from './spec-ports.ts';
import { registriesOf } from './spec-registries.ts';

export interface ClusterExport {
  spec: ClusterSpec;
  /** What a person should know: what a specification cannot say, or Docker does not remember. A line each. */
  notes: string[];
}

export interface SpecOptions {
  /** Put the cluster's token in, passwords, and logins to registries: whoever has the token can read all that is in the cluster. */
  token?: boolean;
}

/**
 * The specification that makes this cluster again, whoever made it: the inverse of a create. Filters are the shortest that
 * choose the same nodes; what k3d and k3dui add by themselves is left out. How the create was done (waiting, kubeconfig)
 * is nowhere written down and stays at its default. Pure.
 */
export function specOf(reading: ClusterReading, options: SpecOptions = {}): ClusterExport {
  const { cluster, inspects } = reading;
  const notes: string[] = [];
  const refs = nodeRefs(cluster);
  const first = cluster.servers[0] && inspects.get(cluster.servers[0].name);
  const nodes = refs.flatMap(ref => {
    const inspect = inspects.get(ref.name);
    return inspect ? [{ ref, inspect, image: reading.images.get(inspect.Image) }] : [];
  });
  const k3sNodes = nodes.filter(({ ref }) => ref.role !== 'loadbalancer');
  // Servers, agents, load balancer: the order in which a person thinks of them.
  const ordered = [...k3sNodes, ...nodes.filter(({ ref }) => ref.role === 'loadbalancer')];
  const lists = (of: (inspect: ContainerInspect, image: ImageInspect | undefined) => string[]) =>
    mergeLists(ordered.map(({ ref, inspect, image }) => [ref.name, of(inspect, image)] as const)).map(
      ({ value, owners }) => ({ value, nodeFilters: filtersFor(refs, owners) }),
    );
  const args = new Map(
    nodes.map(({ ref, inspect, image }) => [inspect, askedArguments(inspect, image, cluster, ref, reading.reachable)]),
  );
  const spec: ClusterSpec = {
    ...defaultClusterSpec(first ? imageReference(first, reading.images.get(first.Image)) : ''),
    name: cluster.name,
    servers: cluster.servers.length,
    agents: cluster.agents.length,
    ...networkOf(cluster),
    ...(options.token && cluster.token ? { token: cluster.token } : {}),
    kubeAPI: kubeApiOf(cluster),
    ports: portsOf(reading, refs),
    volumes: lists(inspect => askedVolumes(inspect, cluster)).map(({ value: volume, nodeFilters }) => ({
      volume,
      nodeFilters,
    })),
    env: lists((inspect, image) => askedEnvironment(inspect, image, cluster)).map(({ value: envVar, nodeFilters }) => ({
      envVar,
      nodeFilters,
    })),
    hostAliases: hostAliasesOf(cluster, label =>
      notes.push(`its host aliases cannot all be read: the label ${label} is not what k3d writes`),
    ),
    registries: registriesOf(reading, options.token === true, notes),
    loadBalancer: hasLoadBalancer(cluster),
    imageVolume: cluster.imageVolume !== '',
    lbConfigOverrides: overridesOf(reading),
    k3sArgs: lists(inspect => args.get(inspect)!.args).map(({ value: arg, nodeFilters }) => ({
      arg,
      nodeFilters,
    })),
    k3sNodeLabels: lists(inspect => args.get(inspect)!.nodeLabels).map(({ value: label, nodeFilters }) => ({
      label,
      nodeFilters,
    })),
    runtimeLabels: lists(askedLabels).map(({ value: label, nodeFilters }) => ({ label, nodeFilters })),
    runtimeUlimits: (first?.HostConfig.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({
      name: Name,
      soft: Soft,
      hard: Hard,
    })),
    hostPidMode: first?.HostConfig.PidMode === 'host',
    ...gpusOf(first),
    ...memoryOf(cluster.servers, 'serversMemory', inspects, notes),
    ...memoryOf(cluster.agents, 'agentsMemory', inspects, notes),
  };
  notes.push(...notesOn(reading, spec, refs));
  return { spec: options.token ? spec : withoutSecrets(spec, notes), notes };
}

/** Passwords that stand in variables, arguments and labels are left out, as the token is. */
function withoutSecrets(spec: ClusterSpec, notes: string[]): ClusterSpec {
  const hide = (text: string): string => {
    const hidden = withoutSecret(text);
    if (hidden !== text) notes.push(`the secret in ${hidden} is left out (export it with --with-token)`);
    return hidden;
  };
  return {
    ...spec,
    env: spec.env.map(({ envVar, nodeFilters }) => ({ envVar: hide(envVar), nodeFilters })),
    k3sArgs: spec.k3sArgs.map(({ arg, nodeFilters }) => ({ arg: hide(arg), nodeFilters })),
    runtimeLabels: spec.runtimeLabels.map(({ label, nodeFilters }) => ({ label: hide(label), nodeFilters })),
  };
}

/** A network of the cluster's own name and making needs no word; a subnet was chosen where addresses are fixed. */
function networkOf(cluster: Cluster): Pick<ClusterSpec, 'network' | 'subnet'> {
  const { network } = cluster;
  if (!network) return {};
  const fixed = cluster.servers.some(({ labels }) => labels['k3d.node.staticIP']);
  return {
    ...(network.external || network.name !== networkName(cluster.name) ? { network: network.name } : {}),
    ...(fixed && network.subnet && !network.external ? { subnet: network.subnet } : {}),
  };
}

function kubeApiOf({ api }: Cluster): ClusterSpec['kubeAPI'] {
  if (!api) return {};
  const { host, hostIP, port } = api;
  return {
    ...(host && host !== hostIP && host !== DEFAULT_API_HOST ? { host } : {}),
    ...(hostIP && hostIP !== DEFAULT_API_HOST ? { hostIP } : {}),
    hostPort: String(port),
  };
}

function hasLoadBalancer(cluster: Cluster): boolean {
  const lost = cluster.servers.some(({ labels }) => labels['k3d.server.loadbalancer']);
  return cluster.loadBalancer !== undefined || lost || cluster.network?.name === 'host';
}

/** What differs from the default; k3d's own sum after it changed a load balancer is none of ours. */
function overridesOf({ cluster, inspects, model }: ClusterReading): string[] {
  if (!model) return [];
  const { workerConnections, defaultProxyTimeout } = model.settings;
  const inspect = cluster.loadBalancer && inspects.get(cluster.loadBalancer.name);
  // k3d's LoadbalancerGenerateConfig (pkg/client/loadbalancer.go): each port it publishes times the servers.
  const published = Object.keys(inspect?.HostConfig.PortBindings ?? {}).length;
  const generated = DEFAULT_WORKER_CONNECTIONS + published * cluster.servers.length;
  const usual = workerConnections === DEFAULT_WORKER_CONNECTIONS || workerConnections === generated;
  return [
    ...(usual ? [] : [`settings.workerConnections=${workerConnections}`]),
    ...(defaultProxyTimeout ? [`settings.defaultProxyTimeout=${defaultProxyTimeout}`] : []),
  ];
}

/** As docker's `--gpus` takes it. */
function gpusOf(inspect: ContainerInspect | undefined): { gpus?: string } {
  const request = inspect?.HostConfig.DeviceRequests?.[0] as { Count?: number; DeviceIDs?: string[] } | undefined;
  if (!request) return {};
  if (request.DeviceIDs?.length) return { gpus: `device=${request.DeviceIDs.join(',')}` };
  return { gpus: request.Count === -1 ? 'all' : String(request.Count ?? 0) };
}

function memoryOf(
  nodes: Node[],
  field: 'serversMemory' | 'agentsMemory',
  inspects: ClusterReading['inspects'],
  notes: string[],
): Partial<ClusterSpec> {
  const limits = new Set(nodes.map(node => inspects.get(node.name)?.HostConfig.Memory || 0));
  const [limit = 0] = limits;
  if (limits.size > 1) {
    const what = field === 'serversMemory' ? 'servers' : 'agents';
    notes.push(`its ${what} have different memory limits; here all have that of ${nodes[0]!.name}`);
  }
  return limit > 0 ? { [field]: formatMemory(limit) } : {};
}

function notesOn(reading: ClusterReading, spec: ClusterSpec, refs: NodeRef[]): string[] {
  const { cluster, inspects, images } = reading;
  const notes: string[] = [];
  if (spec.token === undefined && cluster.token) {
    notes.push('its token is left out: what is made from this gets a fresh one (export it with --with-token)');
  }
  if (cluster.servers.length === 0) notes.push('it has no server left');
  if (!cluster.loadBalancer && spec.loadBalancer && cluster.network?.name !== 'host') {
    notes.push(`its load balancer ${loadBalancerName(cluster.name)} is gone, and with it which ports it published`);
  }
  if (reading.modelProblem) {
    notes.push(`which nodes its ports lead to is not known, so they lead to all: ${reading.modelProblem}`);
  }
  for (const ref of refs) {
    const inspect = inspects.get(ref.name);
    if (!inspect) {
      notes.push(`${ref.name} is gone meanwhile`);
      continue;
    }
    if (ref.role === 'loadbalancer') continue;
    const image = imageReference(inspect, images.get(inspect.Image));
    if (image !== spec.image) notes.push(`${ref.name} runs ${image}; here all nodes run ${spec.image}`);
    const usual = nodeName(cluster.name, ref.role, ref.index);
    if (ref.name !== usual) notes.push(`${ref.name} becomes ${usual}`);
    const more = Object.keys(inspect.NetworkSettings.Networks ?? {}).filter(name => name !== cluster.network?.name);
    if (more.length > 0) notes.push(`${ref.name} is also in ${more.join(', ')}`);
  }
  notes.push('files that were put into its nodes (files:) are known to nobody but the nodes');
  return notes;
}

import type { ClusterSpec } from '../../config/cluster-spec.ts';
import type { PortMapping } from '../../config/ports.ts';
import type { ContainerCreate, PortBindings } from '../../docker/types.ts';
import type { ClusterLayout, NodeLayout } from '../cluster/layout.ts';
import { LB_SCRIPT_PATH } from '../loadbalancer/script.ts';
import { API_PORT, clusterUrl, KUBECONFIG_IN_NODE, loadBalancerName } from '../names.ts';
import { VERSION_LABELS } from '../version-labels.ts';
import { ENTRYPOINT_PATH } from './entrypoint.ts';

/** What all containers of a cluster have in common. */
export interface ClusterContext {
  spec: ClusterSpec;
  layout: ClusterLayout;
  network: { name: string; id: string; range: string; external: boolean };
  entrypoint: boolean;
  staticIPs: Map<string, string>;
  /** Host under which this machine reaches the published API. */
  reachable: string;
}

/** Docker's body for a server or agent. Field by field what k3d 5.9 makes (pkg/runtimes/docker/translate.go, recordings/create). */
export function k3sContainer(node: NodeLayout, image: string, context: ClusterContext): ContainerCreate {
  const { spec, layout, entrypoint } = context;
  const isServer = node.role === 'server';
  const init = isServer && layout.servers.length > 1 && node.index === 0;
  const url = clusterUrl(spec.name);
  return {
    ...common(node, image, context),
    Env: [
      ...node.env,
      `K3S_TOKEN=${layout.token}`,
      ...(isServer && (init || layout.servers.length === 1) ? [] : [`K3S_URL=${url}`]),
      `K3S_KUBECONFIG_OUTPUT=${KUBECONFIG_IN_NODE}`,
    ],
    Cmd: [
      node.role,
      ...node.args,
      ...(init ? ['--cluster-init'] : []),
      ...nodeLabelArgs(node),
      ...(isServer ? tlsNames(context).flatMap(name => ['--tls-san', name]) : []),
    ],
    ...(entrypoint ? { Entrypoint: [ENTRYPOINT_PATH] } : {}),
    Labels: {
      ...clusterLabels(node.role, context),
      ...(isServer ? serverLabels(node, context) : {}),
      ...node.runtimeLabels,
    },
  };
}

/** Docker's body for the load balancer. It starts through our own script; see engine/loadbalancer/script.ts. */
export function loadBalancerContainer(node: NodeLayout, image: string, context: ClusterContext): ContainerCreate {
  const args = [...node.args, ...nodeLabelArgs(node)];
  return {
    ...common(node, image, context),
    // Arguments for k3s whose filter means this node too: k3d hands them over, and they mean nothing here either.
    ...(args.length > 0 ? { Cmd: args } : {}),
    Env: [...node.env, `K3S_KUBECONFIG_OUTPUT=${KUBECONFIG_IN_NODE}`],
    Entrypoint: ['/bin/sh', LB_SCRIPT_PATH],
    // nginx' image says QUIT, on which nginx waits for its clients to go.
    StopSignal: 'SIGTERM',
    Labels: { ...clusterLabels(node.role, context), ...node.runtimeLabels },
  };
}

function nodeLabelArgs({ k3sNodeLabels }: NodeLayout): string[] {
  return k3sNodeLabels.flatMap(({ key, value }) => ['--node-label', `${key}=${value}`]);
}

function common(node: NodeLayout, image: string, context: ClusterContext): ContainerCreate {
  const { spec, layout, network } = context;
  const bindings = portBindings(node, context);
  const staticIP = context.staticIPs.get(node.name);
  const isK3s = node.role !== 'loadbalancer';
  return {
    Hostname: node.name,
    Image: image,
    ...(Object.keys(bindings).length > 0
      ? { ExposedPorts: Object.fromEntries(Object.keys(bindings).map(port => [port, {}])) }
      : {}),
    HostConfig: {
      Binds: node.binds,
      NetworkMode: layout.hostNetwork ? 'host' : 'bridge',
      ...(Object.keys(bindings).length > 0 ? { PortBindings: bindings } : {}),
      RestartPolicy: { Name: 'unless-stopped' },
      Privileged: true,
      UsernsMode: 'host',
      Tmpfs: { '/run': '', '/var/run': '' },
      Init: true,
      ...(node.memory > 0 ? { Memory: node.memory } : {}),
      ...(spec.runtimeUlimits.length > 0
        ? { Ulimits: spec.runtimeUlimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })) }
        : {}),
      ...(spec.hostPidMode && isK3s ? { PidMode: 'host' } : {}),
      ...(layout.gpus.length > 0 && isK3s ? { DeviceRequests: layout.gpus } : {}),
    },
    NetworkingConfig: {
      EndpointsConfig: { [network.name]: staticIP ? { IPAMConfig: { IPv4Address: staticIP } } : {} },
    },
  };
}

/** k3d writes the API's port without a protocol (`6443`), all others with one. */
function portBindings(node: NodeLayout, { layout }: ClusterContext): PortBindings {
  const bindings: PortBindings = {};
  for (const mapping of node.ports) {
    const port = `${mapping.containerPort}/${mapping.protocol}`;
    bindings[port] = [...(bindings[port] ?? []), hostBinding(mapping)];
  }
  const publishesApi = layout.loadBalancer ? node.role === 'loadbalancer' : node.role === 'server' && node.index === 0;
  // On the host network too, as k3d has it: Docker keeps it in mind and publishes nothing.
  if (publishesApi) {
    bindings[String(API_PORT)] = [{ HostIp: layout.api.hostIP, HostPort: String(layout.api.port) }];
  }
  return bindings;
}

function hostBinding({ hostIP, hostPort, hostPortEnd }: PortMapping): { HostIp: string; HostPort: string } {
  const port = hostPort === undefined ? '' : hostPortEnd === undefined ? `${hostPort}` : `${hostPort}-${hostPortEnd}`;
  return { HostIp: hostIP, HostPort: port };
}

/**
 * Names the API's certificate must hold: the published host, the load balancer inside the network, and a remote
 * engine's own address. Loopback is in every certificate of k3s.
 */
function tlsNames({ spec, layout, reachable }: ClusterContext): string[] {
  const names = [layout.api.host, ...(layout.loadBalancer ? [loadBalancerName(spec.name)] : [])];
  return [...new Set([...names, ...(reachable === '127.0.0.1' || reachable === 'localhost' ? [] : [reachable])])];
}

function clusterLabels(role: string, context: ClusterContext): Record<string, string> {
  const { spec, layout, network } = context;
  return {
    app: 'k3d',
    'k3d.cluster': spec.name,
    ...(layout.imageVolume ? { 'k3d.cluster.imageVolume': layout.imageVolume } : {}),
    'k3d.cluster.network': network.name,
    'k3d.cluster.network.external': String(network.external),
    'k3d.cluster.network.id': network.id,
    'k3d.cluster.network.iprange': network.range,
    'k3d.cluster.token': layout.token,
    'k3d.cluster.url': clusterUrl(spec.name),
    'k3d.role': role,
    'k3d.server.loadbalancer': layout.loadBalancer?.name ?? '',
    ...VERSION_LABELS,
    ...(spec.hostAliases.length > 0 ? { 'k3d.cluster.start.hostaliases': JSON.stringify(spec.hostAliases) } : {}),
  };
}

function serverLabels(node: NodeLayout, { layout, staticIPs }: ClusterContext): Record<string, string> {
  const staticIP = staticIPs.get(node.name);
  return {
    'k3d.server.api.host': layout.api.host,
    'k3d.server.api.hostIP': layout.api.hostIP,
    'k3d.server.api.port': String(layout.api.port),
    ...(layout.servers.length > 1 ? { 'k3d.server.init': String(node.index === 0) } : {}),
    ...(staticIP ? { 'k3d.node.staticIP': staticIP } : {}),
  };
}

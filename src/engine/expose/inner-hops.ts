import { commandLine, shellWord } from '../../config/command-line.ts';
import type { Service, ServicePort } from '../../kubernetes/traffic.ts';
import {
  endpointsOf,
  type Ground,
  type Index,
  kubectl,
  nodesOf,
  portLabel,
  refOf,
  SHOWN,
  shortName,
  vantageOf,
} from './context.ts';
import type { Hop, Part } from './model.ts';

/** The hops from a Service to its pods. */
export function innerHops(
  ground: Ground,
  index: Index,
  service: Service,
  port: ServicePort,
  entry: readonly string[],
): Hop[] {
  const { cluster } = ground;
  const endpoints = endpointsOf(index, service, port);
  const ready = endpoints.filter(endpoint => endpoint.ready);
  const from = vantageOf(cluster, entry);
  const tcp = port.protocol === 'tcp';
  const reachable = tcp && from !== undefined && service.clusterIP !== '';
  const number = portLabel(port);
  const ref = refOf(service);
  const where = service.headless ? 'headless' : service.clusterIP;
  const serviceHop: Hop = {
    kind: 'service',
    title: 'Service',
    text: `${ref}  ${where}${where === '' ? '' : ':'}${number}`.replace('headless:', 'headless, port '),
    short: `${service.name}:${number}`,
    parts: [
      { label: ref, ...(reachable && { target: { how: 'connect', from, host: service.clusterIP, port: port.port } }) },
    ],
  };
  const endpointsHop: Hop = {
    kind: 'endpoints',
    title: 'endpoints',
    text: endpoints.length === 0 ? 'none' : `${ready.length} of ${endpoints.length} ready`,
    short: endpoints.length === 0 ? 'none' : `${ready.length} of ${endpoints.length} ready`,
    parts: endpoints
      .slice(0, SHOWN)
      .map(({ address: at, ready: is, pod }) => ({ label: pod || at, ...(is ? {} : { fault: 'not ready' }) })),
    ...(ready.length === 0 && {
      fault: noEndpoints(ground, service, endpoints),
    }),
  };
  const pods = ready.slice(0, SHOWN).map(
    ({ address: at, pod, node, port: own }): Part => ({
      label: `${pod || 'endpoint'} ${at}:${own}${node === '' ? '' : ` on ${shortName(node, cluster)}`}`,
      ...(tcp && from !== undefined && { target: { how: 'connect', from, host: at, port: own } }),
    }),
  );
  const podsHop: Hop = {
    kind: 'pods',
    title: ready.length === 1 ? 'pod' : 'pods',
    short:
      ready.length === 0
        ? 'none'
        : `${ready.length === 1 ? ready[0]!.pod || ready[0]!.address : `${ready.length} pods`} :${ready[0]!.port}`,
    text: pods.length === 1 ? pods[0]!.label : pods.length === 0 ? '' : `${ready.length} pods, port ${ready[0]!.port}`,
    parts: pods,
  };
  return [serviceHop, endpointsHop, podsHop];
}

function noEndpoints({ cluster }: Ground, service: Service, endpoints: readonly { pod: string; node: string }[]) {
  const pods = endpoints.map(({ pod }) => pod);
  const on = nodesOf(cluster).filter(({ name }) => endpoints.some(({ node }) => node === name));
  const [down] = on;
  if (down !== undefined && on.every(({ running }) => !running)) {
    const where = on.length === 1 ? `${down.name}, which is ${down.state}` : `${on.length} nodes that do not run`;
    const remedy = {
      text: 'start it',
      command: commandLine`k3dui node start ${down.name}`,
      act: { kind: 'start', node: down.name } as const,
    };
    return { why: `its pods are on ${where}`, remedy };
  }
  const { namespace, name, selector } = service;
  const line = kubectl(cluster, namespace);
  const [pod] = pods.filter(one => one !== '');
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  if (pods.length > 0) {
    return {
      why: pods.length === 1 ? `${pod ?? 'its endpoint'} is not ready` : `none of its ${pods.length} pods is ready`,
      remedy: {
        text: 'look at why',
        command:
          pod === undefined ? `${line} get endpoints ${shellWord(name)}` : `${line} describe pod ${shellWord(pod)}`,
      },
    };
  }
  if (labels.length === 0) {
    return {
      why: `Service ${name} has no endpoints and selects no pods`,
      remedy: { text: 'give it a selector, or endpoints', command: `${line} edit service ${shellWord(name)}` },
    };
  }
  return {
    why: `no pod matches ${labels.join(',')}`,
    remedy: {
      text: 'see whether its Deployment has replicas, and the labels its pods have',
      command: `${line} get deployments,pods --show-labels`,
    },
  };
}

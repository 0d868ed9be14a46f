import { commandLine } from '../../config/command-line.ts';
import type { BalancerPod, EndpointSlice, IngressClass, Service, ServicePort } from '../../kubernetes/traffic.ts';
import type { Cluster, Node } from '../model.ts';
import { contextName } from '../names.ts';
import type { PortRow } from '../ports/table.ts';
import type { Vantage } from './model.ts';
import type { Traffic } from './traffic.ts';

/** What of Docker's the ways into one cluster depend on. */
export interface Ground {
  cluster: Cluster;
  /** Every path of the host into the cluster: `portTable`. */
  rows: readonly PortRow[];
  /** The load balancer's configuration was read, so that a listener that it does not have is none. */
  listenersKnown: boolean;
  /** Host ports that any cluster has, for the proposal of a free one. */
  taken: ReadonlySet<number>;
  /** Name or address by which this machine reaches a published port. */
  hostOf(hostIP: string, port: number): string;
}

/** Traffic's objects by how they are looked for. */
export interface Index {
  traffic: Traffic;
  /** By `namespace/service`. */
  slices: ReadonlyMap<string, readonly EndpointSlice[]>;
  balancers: ReadonlyMap<string, readonly BalancerPod[]>;
  /** Services of type LoadBalancer, by the ports that they want of the nodes. */
  wanting: ReadonlyMap<number, readonly Service[]>;
  controllers: readonly Service[];
  classes: readonly IngressClass[];
}

export const refOf = ({ namespace, name }: { namespace: string; name: string }) => `${namespace}/${name}`;

function groupBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

export function indexOf(traffic: Traffic): Index {
  const services = [...traffic.services.values()];
  const wanted = services
    .filter(({ type }) => type === 'LoadBalancer')
    .flatMap(service => service.ports.map(({ port }) => ({ port, service })));
  const wanting = new Map<number, Service[]>();
  for (const { port, service } of wanted) {
    const others = wanting.get(port);
    if (others) others.push(service);
    else wanting.set(port, [service]);
  }
  return {
    traffic,
    slices: groupBy(traffic.slices.values(), slice => `${slice.namespace}/${slice.service}`),
    balancers: groupBy(traffic.balancers.values(), pod => refOf(pod.service)),
    wanting,
    controllers: services.filter(isController),
    classes: [...traffic.ingressClasses.values()],
  };
}

/** Names by which Ingress controllers go, in their Services, labels, classes and controllers' names. */
const CONTROLLERS = ['traefik', 'nginx', 'haproxy', 'contour', 'envoy', 'kong', 'ambassador', 'istio', 'apisix'];
const CONTROLLER_LABELS = ['app.kubernetes.io/name', 'app', 'k8s-app', 'app.kubernetes.io/component'];

/** What kind of Ingress controller a text is about: `traefik`; '' for none. */
export const controllerWord = (text: string): string =>
  CONTROLLERS.find(word => text.toLowerCase().includes(word)) ?? '';

/** What a Service says of itself. */
export const controllerText = ({ name, labels }: Service): string =>
  [name, ...CONTROLLER_LABELS.map(label => labels[label] ?? '')].join(' ');

/** A Service from outside on 80 or 443 whose name or labels say that an Ingress controller is behind it. */
export function isController(service: Service): boolean {
  if (service.type !== 'LoadBalancer' && service.type !== 'NodePort') return false;
  if (!service.ports.some(({ port }) => port === 80 || port === 443)) return false;
  const said = controllerText(service);
  // Many a web server is an nginx; as a controller it calls itself so.
  return /ingress/i.test(said) || !['', 'nginx'].includes(controllerWord(said));
}

/** Endpoints of one port of a Service, with the number that the pods listen on. */
export function endpointsOf({ slices }: Index, service: Service, port: ServicePort) {
  return (slices.get(refOf(service)) ?? []).flatMap(slice => {
    const own = slice.ports.find(one => one.protocol === port.protocol && one.name === port.name) ?? slice.ports[0];
    return slice.endpoints.map(endpoint => ({ ...endpoint, port: own?.port ?? Number(port.targetPort) }));
  });
}

export const nodesOf = ({ servers, agents }: Cluster): Node[] => [...servers, ...agents];

/** A running node from within which the cluster's own network is tried; the given ones first. */
export function vantageOf(cluster: Cluster, preferred: readonly string[] = []): Vantage | undefined {
  const running = nodesOf(cluster).filter(node => node.running);
  const found = preferred.map(name => running.find(node => node.name === name)).find(node => node !== undefined);
  const node = found ?? running[0];
  return node && { id: node.id, name: node.name };
}

/** Name of a node without what all nodes of its cluster begin with. */
export const shortName = (node: string, { name }: Cluster): string =>
  node.startsWith(`k3d-${name}-`) ? node.slice(`k3d-${name}-`.length) : node;

/** The beginning of a kubectl line for an object. */
export const kubectl = ({ name }: Cluster, namespace: string): string =>
  commandLine`kubectl --context ${contextName(name)} -n ${namespace}`;

/** So many of several parts are tried. */
export const SHOWN = 4;

export const portLabel = ({ port, protocol }: ServicePort): string =>
  protocol === 'tcp' ? String(port) : `${port}/${protocol}`;

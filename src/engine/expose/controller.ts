import { shellWord } from '../../config/command-line.ts';
import type { Ingress, Route, Service, ServicePort } from '../../kubernetes/traffic.ts';
import {
  controllerText,
  controllerWord,
  endpointsOf,
  type Ground,
  type Index,
  kubectl,
  portLabel,
  refOf,
  SHOWN,
  shortName,
  vantageOf,
} from './context.ts';
import { innerHops } from './inner-hops.ts';
import type { Fault, Hop, HttpRequest, Part } from './model.ts';
import { outerHops } from './outer-hops.ts';
import { isHostName, isPlainPath } from './urls.ts';
import type { Way } from './ways.ts';

/** Who carries an Ingress out, or why nobody does. */
export interface FoundController {
  service: Service | undefined;
  /** What it goes by: `traefik`. */
  word: string;
  fault?: Fault;
}

/**
 * The Service through which an Ingress is reached: that of its class' controller, told by the names that both go by; of
 * an Ingress without a class that of the default class, else the only one, else traefik, which takes such Ingresses.
 */
export function controllerOf(
  { controllers, classes }: Index,
  { className }: Pick<Ingress, 'className'>,
): FoundController {
  const known = classes.find(one => (className === '' ? one.isDefault : one.name === className));
  const word = controllerWord(`${known?.controller ?? ''} ${className}`);
  const named = controllers.filter(service => controllerWord(controllerText(service)) === word && word !== '');
  if (named[0] !== undefined) return { service: named[0], word };
  const [first] = controllers;
  // A class that is named like nothing we know is the only controller's, if it exists.
  if (className === '' || (word === '' && known !== undefined && controllers.length === 1)) {
    const usual = controllers.find(service => controllerText(service).includes('traefik')) ?? first;
    if (usual !== undefined) return { service: usual, word: controllerWord(controllerText(usual)) };
  }
  if (controllers.length === 0) {
    return {
      service: undefined,
      word,
      fault: {
        why: 'the cluster has no Ingress controller that is reached from outside',
        remedy: {
          text: 'k3s installs traefik soon after its start, unless --disable traefik was given: see how far it is',
        },
      },
    };
  }
  const others = controllers.map(service => controllerWord(controllerText(service)) || service.name).join(', ');
  return {
    service: undefined,
    word,
    fault: {
      why:
        className === ''
          ? 'no Ingress controller takes Ingresses without a class'
          : `no Ingress controller serves class '${className}'`,
      remedy: { text: `install it, or use the class of one that is there: ${others}` },
    },
  };
}

interface RouteParts {
  ingress: Ingress;
  route: Route;
  found: FoundController;
  /** Of the controller's Service. */
  port: ServicePort | undefined;
  way: Way | undefined;
  backend: Service | undefined;
  backendPort: ServicePort | undefined;
}

/** The hops of an Ingress' route: to its controller, through its rule, to the Service and its pods. */
export function routeHops(ground: Ground, index: Index, parts: RouteParts): Hop[] {
  const { found, port, way, backend, backendPort, route } = parts;
  const entry = (way?.row?.upstreams ?? []).filter(({ running }) => running).map(({ node }) => node);
  const inner =
    backend && backendPort
      ? innerHops(ground, index, backend, backendPort, entry)
      : [missingService(ground, route, backend), ...EMPTY_END];
  const rule = ruleHop(ground, parts, entry);
  if (found.service === undefined || port === undefined) {
    const fault = found.fault ? withLook(ground, index, found.fault) : noPort(found, route);
    return [{ kind: 'controller', title: 'controller', text: '', short: 'none', parts: [], fault }, rule, ...inner];
  }
  const outer = outerHops(ground, index, found.service, port, way);
  return [...outer, ...controllerHops(ground, index, found, port, entry), rule, ...inner];
}

const noPort = ({ service }: FoundController, { secure }: Route): Fault => ({
  why: `${service?.name} has no port ${secure ? 443 : 80}`,
  remedy: { text: 'give its Service that port' },
});

/** Where there is no controller at all, its pods tell whether one is on its way. */
function withLook({ cluster }: Ground, { controllers }: Index, fault: Fault): Fault {
  if (controllers.length > 0 || !fault.remedy) return fault;
  return { ...fault, remedy: { ...fault.remedy, command: `${kubectl(cluster, 'kube-system')} get pods` } };
}

const EMPTY_END: Hop[] = [
  { kind: 'endpoints', title: 'endpoints', text: '', short: 'none', parts: [] },
  { kind: 'pods', title: 'pods', text: '', short: 'none', parts: [] },
];

function controllerHops(
  ground: Ground,
  index: Index,
  { service, word }: FoundController,
  port: ServicePort,
  entry: string[],
): Hop[] {
  const { cluster } = ground;
  const from = vantageOf(cluster, entry);
  const own = service!;
  const endpoints = endpointsOf(index, own, port);
  const ready = endpoints.filter(endpoint => endpoint.ready);
  const parts = ready.slice(0, SHOWN).map(
    ({ address, pod, node, port: number }): Part => ({
      label: `${pod || 'endpoint'} ${address}:${number}${node === '' ? '' : ` on ${shortName(node, cluster)}`}`,
      ...(from && { target: { how: 'connect', from, host: address, port: number } }),
    }),
  );
  const command = `${kubectl(cluster, own.namespace)} get pods -o wide`;
  const why = endpoints.length === 0 ? 'it has no pods' : `none of its ${endpoints.length} pods is ready`;
  const reachable = from !== undefined && own.clusterIP !== '';
  return [
    {
      kind: 'controller-service',
      title: 'Service',
      text: `${refOf(own)}  ${own.clusterIP}:${portLabel(port)}`,
      short: `${own.name}:${portLabel(port)}`,
      parts: [
        {
          label: refOf(own),
          ...(reachable && { target: { how: 'connect', from, host: own.clusterIP, port: port.port } }),
        },
      ],
    },
    {
      kind: 'controller',
      title: word || 'controller',
      short:
        ready.length === 0 ? 'none' : `${ready.length === 1 ? '1 pod' : `${ready.length} pods`} :${ready[0]!.port}`,
      text:
        parts.length === 1 ? parts[0]!.label : parts.length === 0 ? '' : `${ready.length} pods, port ${ready[0]!.port}`,
      parts,
      ...(ready.length === 0 && { fault: { why, remedy: { text: 'look at its pods', command } } }),
    },
  ];
}

function ruleHop({ cluster }: Ground, parts: RouteParts, entry: string[]): Hop {
  const { ingress, route, found, port, backend, backendPort } = parts;
  const from = vantageOf(cluster, entry);
  const text = `${route.host || 'any host'}${route.path} → ${route.service.name}:${route.service.port}`;
  const short = `${route.host || '*'}${route.path === '/' ? '' : route.path}`;
  const hop: Hop = { kind: 'route', title: ingress.kind, text, short, parts: [] };
  const askable = (route.host === '' || isHostName(route.host)) && isPlainPath(route.path);
  // What speaks TLS is asked for from this machine alone: what nodes have speaks none.
  if (!from || !port || !found.service?.clusterIP || route.secure || !askable) return hop;
  const request = (service: Service, number: number): HttpRequest => ({
    address: service.clusterIP,
    port: number,
    secure: false,
    host: route.host || service.clusterIP,
    path: route.path,
  });
  const app = backend && backendPort && backend.clusterIP !== '' ? request(backend, backendPort.port) : undefined;
  const label = `${ingress.namespace}/${ingress.name}`;
  return {
    ...hop,
    parts: [{ label, target: { how: 'route', from, request: request(found.service, port.port), app } }],
  };
}

/** An Ingress may name a Service, or a port of one, that is not there. */
function missingService({ cluster }: Ground, { service }: Route, there: Service | undefined): Hop {
  const { namespace, name, port } = service;
  const line = kubectl(cluster, namespace);
  const fault: Fault =
    there === undefined
      ? {
          why: `there is no Service ${name} in namespace ${namespace}`,
          remedy: { text: 'make it, or name another in the Ingress', command: `${line} get services` },
        }
      : {
          why: `Service ${name} has no port ${port || 'named'}`,
          remedy: {
            text: `it has ${there.ports.map(portLabel).join(', ') || 'none'}: name one of these in the Ingress`,
            command: `${line} get service ${shellWord(name)}`,
          },
        };
  return {
    kind: 'service',
    title: 'Service',
    text: `${namespace}/${name}:${port}`,
    short: `${name}:${port}`,
    parts: [],
    fault,
  };
}

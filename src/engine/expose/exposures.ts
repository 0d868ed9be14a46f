import type { Ingress, Route, Service, ServicePort } from '../../kubernetes/traffic.ts';
import { type Ground, type Index, indexOf, isController, portLabel, refOf } from './context.ts';
import { controllerOf, routeHops } from './controller.ts';
import { innerHops } from './inner-hops.ts';
import { dependsOn, KeptWays, routesDependOn } from './kept.ts';
import type { Exposure, Hop } from './model.ts';
import { outerHops } from './outer-hops.ts';
import type { Traffic } from './traffic.ts';
import { ingressUrl, isSecurePort, speaksHttp, urlHop, wayUrl } from './urls.ts';
import { type Way, waysTo } from './ways.ts';

/**
 * Every way into a cluster: each port of each Service, each host name and path of each Ingress, with all its hops from
 * this machine to the pods and what is missing as far as Docker and Kubernetes say. Pure. What works stands as its
 * objects do: Ingresses first, then Services by how far out they are meant to be.
 * @param kept of the picture before: what nothing changed for are the same objects again
 */
export function exposures(ground: Ground, traffic: Traffic, kept = new KeptWays()): Exposure[] {
  const index = indexOf(traffic);
  const services = [...traffic.services.values()].flatMap(service =>
    kept.of(service, dependsOn(ground, index, service), () => ofService(ground, index, service)),
  );
  const ingresses = [...traffic.ingresses.values(), ...traffic.ingressRoutes.values()].flatMap(ingress =>
    kept.of(ingress, routesDependOn(ground, index, ingress), () =>
      ingress.routes.map(route => ofRoute(ground, index, ingress, route)),
    ),
  );
  const through = new Map(ingresses.toReversed().map(one => [targetKey(one), one]));
  return [...ingresses, ...services.map(one => viaIngress(one, through))].sort(inOrder);
}

const RANK: Record<Exposure['kind'], number> = {
  Ingress: 0,
  IngressRoute: 0,
  LoadBalancer: 1,
  NodePort: 2,
  ClusterIP: 3,
  ExternalName: 4,
};
/** What every cluster has comes last: people look for their own. */
const system = ({ namespace, name }: Exposure) =>
  namespace === 'kube-system' || (namespace === 'default' && name === 'kubernetes') ? 1 : 0;

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function inOrder(a: Exposure, b: Exposure): number {
  return (
    system(a) - system(b) ||
    RANK[a.kind] - RANK[b.kind] ||
    compare(a.namespace, b.namespace) ||
    compare(a.name, b.name) ||
    compare(a.host, b.host) ||
    compare(a.path, b.path) ||
    Number.parseInt(a.port, 10) - Number.parseInt(b.port, 10) ||
    compare(a.id, b.id)
  );
}

const targetKey = ({ service }: Exposure) => (service ? `${refOf(service)}:${service.port}` : '');

/** A Service that only an Ingress leads to: its way is the Ingress'. */
function viaIngress(own: Exposure, through: ReadonlyMap<string, Exposure>): Exposure {
  const ingress = own.inside ? through.get(targetKey(own)) : undefined;
  if (ingress === undefined || own.service === undefined) return own;
  const { hops, urls, host } = ingress;
  return { ...own, hops, urls, host, inside: false, note: `through Ingress ${ingress.name}` };
}

function ofService(ground: Ground, index: Index, service: Service): Exposure[] {
  if (service.type === 'ExternalName') return [externalName(ground, service)];
  return service.ports.map(port => ofPort(ground, index, service, port));
}

function ofPort(ground: Ground, index: Index, service: Service, port: ServicePort): Exposure {
  const { cluster } = ground;
  const ways = waysTo(ground, service, port);
  const [way] = ways;
  const entry = (way?.row?.upstreams ?? []).filter(({ running }) => running).map(({ node }) => node);
  const inside = way === undefined;
  const hops = [
    ...urlHops(ground, way, service, port),
    ...outerHops(ground, index, service, port, way),
    ...innerHops(ground, index, service, port, entry),
  ];
  return {
    id: `${cluster.name}/service/${refOf(service)}/${port.port}/${port.protocol}`,
    cluster: cluster.name,
    kind: service.type as Exposure['kind'],
    namespace: service.namespace,
    name: service.name,
    port: portLabel(port),
    host: '',
    path: '',
    urls: ways.flatMap(({ row }) => (row && row.hostPort > 0 ? [wayUrl(ground, row, port)] : [])),
    hops,
    inside,
    note: isController(service) ? 'Ingress controller' : '',
    service: target(service, port),
  };
}

const target = ({ namespace, name, selector }: Service, { port }: ServicePort) => ({ namespace, name, port, selector });

function urlHops(ground: Ground, way: Way | undefined, service: Service, port: ServicePort): Hop[] {
  if (way?.row === undefined || port.protocol !== 'tcp') return [];
  const url = wayUrl(ground, way.row, port);
  const address = ground.hostOf(way.row.hostIP, way.row.hostPort);
  // The API answers those it knows, and a controller those who name a host: that the port holds is what can be told.
  const web = way.via !== 'api' && speaksHttp(port) && !isController(service);
  return [
    urlHop(url, address, way.row.hostPort, web ? { host: address, path: '/', secure: isSecurePort(port) } : undefined),
  ];
}

function externalName({ cluster }: Ground, service: Service): Exposure {
  return {
    id: `${cluster.name}/service/${refOf(service)}/external`,
    cluster: cluster.name,
    kind: 'ExternalName',
    namespace: service.namespace,
    name: service.name,
    port: '',
    host: '',
    path: '',
    urls: [],
    hops: [],
    inside: true,
    note: 'another name for something outside',
    service: undefined,
  };
}

function ofRoute(ground: Ground, index: Index, ingress: Ingress, route: Route): Exposure {
  const { cluster } = ground;
  const { namespace, name, kind, className } = ingress;
  const found = controllerOf(index, ingress);
  const wanted = route.secure ? 443 : 80;
  const port = found.service?.ports.find(one => one.port === wanted);
  const ways = found.service && port ? waysTo(ground, found.service, port) : [];
  const [way] = ways;
  const backend = index.traffic.services.get(`${route.service.namespace}/${route.service.name}`);
  const backendPort = backend && portNamed(backend, route.service.port);
  const url = way?.row && way.row.hostPort > 0 ? ingressUrl(ground, way.row, route) : undefined;
  const hops = [
    ...(way?.row && url !== undefined
      ? [
          urlHop(url, ground.hostOf(way.row.hostIP, way.row.hostPort), way.row.hostPort, {
            host: route.host,
            path: route.path,
            secure: route.secure,
          }),
        ]
      : []),
    ...routeHops(ground, index, { ingress, route, found, port, way, backend, backendPort }),
  ];
  return {
    id: `${cluster.name}/${kind}/${namespace}/${name}/${route.host}${route.path}`,
    cluster: cluster.name,
    kind,
    namespace,
    name,
    port: `${route.service.name}:${route.service.port}`,
    host: route.host,
    path: route.path,
    urls: ways.flatMap(({ row }) => (row && row.hostPort > 0 ? [ingressUrl(ground, row, route)] : [])),
    hops,
    inside: false,
    note: className,
    service: backend && backendPort && target(backend, backendPort),
  };
}

/** The port of a Service that a number or a name means. */
export function portNamed({ ports }: Service, wanted: string): ServicePort | undefined {
  return ports.find(({ port, name }) =>
    /^\d+$/.test(wanted) ? port === Number(wanted) : name === wanted && name !== '',
  );
}

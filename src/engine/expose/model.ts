/** A step on the way from this machine to a pod. */
export type HopKind =
  | 'url'
  | 'host'
  | 'listener'
  | 'nodes'
  | 'svclb'
  | 'nodeport'
  | 'controller-service'
  | 'controller'
  | 'route'
  | 'service'
  | 'endpoints'
  | 'pods';

/** A container from within which something is tried. */
export interface Vantage {
  id: string;
  name: string;
}

/** An HTTP request, told apart by its Host header. */
export interface HttpRequest {
  /** Name or address to connect to. */
  address: string;
  port: number;
  secure: boolean;
  /** Host header. */
  host: string;
  path: string;
}

/** How a part of the way is tried. */
export type Target =
  /** The name, asked of this machine's own resolver. */
  | { how: 'resolve'; host: string; address: string }
  /** A connection from this machine (without `from`) or from within a container. */
  | { how: 'connect'; from?: Vantage; host: string; port: number }
  /** A connection from this machine that must not be closed at once, as a proxy does that finds nobody. */
  | { how: 'hold'; host: string; port: number }
  /** A request from this machine. */
  | { how: 'request'; request: HttpRequest }
  /** A request from within a node to the Ingress controller; `app` is asked to tell whose a 404 is. */
  | { how: 'route'; from: Vantage; request: HttpRequest; app: HttpRequest | undefined };

/** One of several that share a hop: a node behind a listener, a pod behind a Service. */
export interface Part {
  label: string;
  /** What is wrong with it as far as Docker and Kubernetes say; others may do its work. */
  fault?: string;
  /** Absent: nothing can be tried. */
  target?: Target;
}

/** What is to be done about a break. */
export interface Remedy {
  /** In words. */
  text: string;
  /** The line that does it. */
  command?: string;
  /** What k3dui can do itself: publish a port of the nodes, make an Ingress, start a container. */
  act?:
    | { kind: 'port'; listener: number; protocol: string; hostPort: number }
    | { kind: 'ingress' }
    | { kind: 'start'; node: string };
}

export interface Fault {
  why: string;
  remedy?: Remedy;
}

export interface Hop {
  kind: HopKind;
  /** `load balancer`, `Service` */
  title: string;
  /** What exactly: `80/tcp of k3d-demo-serverlb`; '' when there is none. */
  text: string;
  /** The same in a word or two, for a picture: `80/tcp`. */
  short: string;
  parts: Part[];
  /** Nothing gets through here, as far as Docker and Kubernetes say. */
  fault?: Fault;
}

export type ExposureKind = 'LoadBalancer' | 'NodePort' | 'ClusterIP' | 'ExternalName' | 'Ingress' | 'IngressRoute';

/** One way into a cluster: a port of a Service, or a host name and path of an Ingress. */
export interface Exposure {
  /** The same in every picture. */
  id: string;
  cluster: string;
  kind: ExposureKind;
  namespace: string;
  name: string;
  /** `80/tcp`; of an Ingress what it leads to: `shop:80`. */
  port: string;
  /** Of an Ingress; '' for any. */
  host: string;
  path: string;
  /** Where it is to be found from this machine; empty when nothing leads to it. */
  urls: string[];
  /** From the outside in. */
  hops: Hop[];
  /** Nobody asked for it to be reached from outside: that nothing leads there is no fault. */
  inside: boolean;
  /** The Ingress class, or for a Service that it is the Ingress controller's own. */
  note: string;
  /** The Service that it is, or that an Ingress leads to; undefined where there is none. */
  service: { namespace: string; name: string; port: number; selector: Record<string, string> } | undefined;
}

/** The hop at which it breaks: of several faults the one nearest to the pods, without which no other matters. */
export function brokenHop({ hops }: Pick<Exposure, 'hops'>): number {
  return hops.findLastIndex(hop => hop.fault !== undefined);
}

/** The one thing that is missing, as far as Docker and Kubernetes say. */
export function missingStep(exposure: Exposure): Fault | undefined {
  return exposure.hops[brokenHop(exposure)]?.fault;
}

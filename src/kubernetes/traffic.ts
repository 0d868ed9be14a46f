import type { Watched } from './watch.ts';

/** A port of a Service. */
export interface ServicePort {
  name: string;
  port: number;
  /** Number or name of the pods' port; '' where the API said nothing. */
  targetPort: string;
  /** 0: none. */
  nodePort: number;
  /** Lower case. */
  protocol: string;
}

/** A Service, as far as it matters for who wants to reach it. */
export interface Service {
  namespace: string;
  name: string;
  /** `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`. */
  type: string;
  /** '' for a headless one and one that has none yet. */
  clusterIP: string;
  headless: boolean;
  ports: ServicePort[];
  /** Empty: its endpoints are made by somebody else. */
  selector: Record<string, string>;
  labels: Record<string, string>;
  /** Addresses that a load balancer gave it. */
  addresses: string[];
  /** Traffic from outside stays on the node where it arrives. */
  local: boolean;
}

/** One way from an Ingress controller to a Service. */
export interface Route {
  /** '' : any host. */
  host: string;
  path: string;
  service: { namespace: string; name: string /** Number or name. */; port: string };
  secure: boolean;
}

/** An Ingress, or traefik's own IngressRoute. */
export interface Ingress {
  kind: 'Ingress' | 'IngressRoute';
  namespace: string;
  name: string;
  /** '' : none is named. */
  className: string;
  routes: Route[];
  annotations: Record<string, string>;
}

export interface IngressClass {
  name: string;
  /** `traefik.io/ingress-controller` */
  controller: string;
  isDefault: boolean;
}

/** Where a Service's traffic goes. */
export interface Endpoint {
  address: string;
  ready: boolean;
  node: string;
  /** '' : no pod. */
  pod: string;
}

/** Some of a Service's endpoints, with the ports they have in common. */
export interface EndpointSlice {
  namespace: string;
  name: string;
  service: string;
  ports: { name: string; port: number; protocol: string }[];
  endpoints: Endpoint[];
}

/** A pod of k3s' service load balancer (klipper): it holds a Service's ports on its node. */
export interface BalancerPod {
  namespace: string;
  name: string;
  service: { namespace: string; name: string };
  node: string;
  ip: string;
  ready: boolean;
  /** Why it is not: the scheduler's words, or what its container waits for; '' when it is ready. */
  problem: string;
}

/** The kinds that are followed, and what each object of them says. */
export interface TrafficKinds {
  services: Service;
  ingresses: Ingress;
  ingressRoutes: Ingress;
  ingressClasses: IngressClass;
  slices: EndpointSlice;
  balancers: BalancerPod;
}

/** k3s pkg/servicelb/controller.go, later pkg/cloudprovider/servicelb.go: on the pods of every svclb DaemonSet. */
export const SERVICE_NAME = 'svccontroller.k3s.cattle.io/svcname';

/** Clusters before Kubernetes 1.19 and 1.21 serve some of these by their older name. */
export const TRAFFIC: { [Kind in keyof TrafficKinds]: Watched } = {
  services: { what: 'Services', paths: ['/api/v1/services'] },
  ingresses: {
    what: 'Ingresses',
    paths: ['/apis/networking.k8s.io/v1/ingresses', '/apis/networking.k8s.io/v1beta1/ingresses'],
  },
  ingressRoutes: {
    what: 'IngressRoutes',
    paths: ['/apis/traefik.io/v1alpha1/ingressroutes', '/apis/traefik.containo.us/v1alpha1/ingressroutes'],
  },
  ingressClasses: {
    what: 'IngressClasses',
    paths: ['/apis/networking.k8s.io/v1/ingressclasses', '/apis/networking.k8s.io/v1beta1/ingressclasses'],
  },
  slices: {
    what: 'EndpointSlices',
    paths: [
      '/apis/discovery.k8s.io/v1/endpointslices',
      '/apis/discovery.k8s.io/v1beta1/endpointslices',
      '/api/v1/endpoints',
    ],
  },
  // Of all the pods there are only these: a cluster's others can be many, and are asked for when one is looked at.
  balancers: { what: 'svclb pods', paths: ['/api/v1/pods'], labelSelector: SERVICE_NAME },
};

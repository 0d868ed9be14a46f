import type { BalancerPod, EndpointSlice, Ingress, Service } from '../../kubernetes/traffic.ts';
import { type Ground, type Index, refOf } from './context.ts';
import type { Exposure } from './model.ts';

/**
 * The ways of each Service and Ingress as they were made last. Of a thousand, one that changes is made anew: what is told
 * of a cluster are the same objects but for those that changed.
 */
export class KeptWays {
  readonly #kept = new WeakMap<object, { on: readonly unknown[]; ways: Exposure[] }>();

  /** @param on all that the ways depend on besides the object itself, to be compared one by one */
  of(object: Service | Ingress, on: readonly unknown[], make: () => Exposure[]): Exposure[] {
    const old = this.#kept.get(object);
    if (old && old.on.length === on.length && old.on.every((one, at) => one === on[at])) return old.ways;
    const ways = make();
    this.#kept.set(object, { on, ways });
    return ways;
  }
}

/** All that the ways of a Service depend on. */
export function dependsOn(ground: Ground, index: Index, service: Service): unknown[] {
  // Most Services are on no port of the nodes: whatever Docker publishes is nothing to them.
  const { type, namespace, name } = service;
  const outside = type !== 'ClusterIP' || (namespace === 'default' && name === 'kubernetes');
  return [outside ? ground : ground.cluster, ...behind(index, service)];
}

/** All that the ways of an Ingress depend on: the controllers and what is behind them, and the Services it leads to. */
export function routesDependOn(ground: Ground, index: Index, { routes }: Ingress): unknown[] {
  const { services, ingressClasses } = index.traffic;
  const backends = routes.map(({ service }) => services.get(refOf(service)));
  return [
    ground,
    ingressClasses,
    ...[...index.controllers, ...backends].flatMap(service => [service, ...(service ? behind(index, service) : [])]),
  ];
}

const NO_SLICES: readonly EndpointSlice[] = [];
const NO_PODS: readonly BalancerPod[] = [];

function behind(index: Index, service: Service): unknown[] {
  const { traffic } = index;
  const slices = index.slices.get(refOf(service)) ?? NO_SLICES;
  const pods = index.balancers.get(refOf(service)) ?? NO_PODS;
  // Where svclb lacks, that may be because of any other Service that has the port.
  const lacking = service.type === 'LoadBalancer' && !(pods.length > 0 && pods.every(({ ready }) => ready));
  return [slices.length, ...slices, ...pods, ...(lacking ? [traffic.services, traffic.balancers] : [])];
}

import type { Service } from '../../kubernetes/traffic.ts';
import type { PortRow } from '../ports/table.ts';
import { controllerText, controllerWord, type Index, isController, refOf } from './context.ts';
import { controllerOf } from './controller.ts';

/**
 * What is behind a port of the nodes: `shop/web`, or of an Ingress controller what it leads to:
 * `traefik → shop/web (shop.localhost) and 2 more`; '' where no Service has that port.
 */
export function reachedThrough(
  index: Index,
  { listenerPort, protocol, kind }: Pick<PortRow, 'listenerPort' | 'protocol' | 'kind'>,
): string {
  if (kind === 'api') return '';
  const service = serviceOn(index, listenerPort, protocol);
  if (service === undefined) return '';
  if (!isController(service)) return refOf(service);
  const word = controllerWord(controllerText(service)) || service.name;
  const secure = service.ports.some(
    ({ port, nodePort }) => port === 443 && (port === listenerPort || nodePort === listenerPort),
  );
  const { ingresses, ingressRoutes } = index.traffic;
  const routes = [...ingresses.values(), ...ingressRoutes.values()]
    .filter(ingress => controllerOf(index, ingress).service === service)
    .flatMap(ingress => ingress.routes.filter(route => route.secure === secure));
  const [first] = routes;
  if (first === undefined) return secure ? `${word}, no Ingress with TLS` : `${word}, no Ingress yet`;
  const more = routes.length > 1 ? ` and ${routes.length - 1} more` : '';
  return `${word} → ${refOf(first.service)} (${first.host || 'any host'})${more}`;
}

/** The Service that has a port of the nodes: of several that want it the one whose svclb pods run. */
function serviceOn({ traffic, balancers }: Index, port: number, protocol: string): Service | undefined {
  const wanting = [...traffic.services.values()].filter(({ type, ports }) =>
    ports.some(
      one => one.protocol === protocol && ((type === 'LoadBalancer' && one.port === port) || one.nodePort === port),
    ),
  );
  return wanting.find(service => balancers.get(refOf(service))?.some(pod => pod.ready)) ?? wanting[0];
}

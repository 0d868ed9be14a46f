import type { KubernetesService } from '../src/kubernetes/services.ts';
import type { PortTarget, Targets } from './port-actions.ts';

/** Names by which Ingress controllers go. */
const INGRESS = /traefik|ingress|nginx|haproxy|contour|envoy|kong/i;

/**
 * What answers on a port of the nodes: k3s puts a LoadBalancer service's own ports on every node, and every kube-proxy a
 * NodePort's. The Ingress controller comes first; a ClusterIP service cannot be reached through a node.
 */
export function targetsOf(services: readonly KubernetesService[]): Targets {
  const targets: PortTarget[] = [];
  let inside = 0;
  for (const { name, namespace, type, ports } of services) {
    if (type !== 'LoadBalancer' && type !== 'NodePort') {
      if (name !== 'kubernetes') inside++;
      continue;
    }
    const ingress = type === 'LoadBalancer' && INGRESS.test(name) ? ', the Ingress controller' : '';
    for (const { name: portName, port, nodePort, protocol } of ports) {
      const own = type === 'LoadBalancer' ? port : nodePort;
      if (own === 0) continue;
      const label = portName === '' ? '' : ` (${portName})`;
      targets.push({ port: own, protocol, what: `${name} in ${namespace}${ingress}${label}` });
    }
  }
  const rank = (target: PortTarget) => (target.what.includes('the Ingress controller') ? 0 : 1);
  return { targets: targets.sort((a, b) => rank(a) - rank(b) || a.port - b.port), inside };
}

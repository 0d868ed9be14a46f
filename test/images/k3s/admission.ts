import { isRecord, type KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import type { Store } from './store.ts';

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

function freeAddress(store: Store): string {
  const taken = new Set(store.list('services').map(s => record(s.spec).clusterIP));
  for (let host = 100; ; host++) {
    const address = `10.43.${host >> 8}.${host & 0xff}`;
    if (!taken.has(address)) return address;
  }
}

function withNodePorts(store: Store, ports: unknown): unknown {
  if (!Array.isArray(ports)) return ports;
  const taken = new Set(
    store
      .list('services')
      .flatMap(s => (record(s.spec).ports as { nodePort?: number }[] | undefined) ?? [])
      .map(p => p.nodePort),
  );
  let next = 30000;
  return ports.map(port => {
    if (!isRecord(port) || port.nodePort !== undefined) return port;
    while (taken.has(next)) next++;
    return { ...port, nodePort: next++ };
  });
}

/** Where the nodes are: all of them are what k3s' own load balancer gives to a Service of type LoadBalancer. */
export function nodeAddresses(nodes: KubeObject[]): string[] {
  return nodes.flatMap(node => {
    const addresses = record(node.status).addresses;
    const all = Array.isArray(addresses) ? addresses.filter(isRecord) : [];
    return all.filter(a => a.type === 'InternalIP').map(a => String(a.address));
  });
}

/** Fills in what the real API server would: a Service's address and ports, a namespace's and a pod's phase. */
export function admit(store: Store, resource: Resource, object: KubeObject): KubeObject {
  if (resource.plural === 'namespaces')
    return { ...object, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
  if (resource.plural === 'pods') return { ...object, status: { phase: 'Pending', ...record(object.status) } };
  if (resource.plural !== 'services') return object;
  const given = record(object.spec);
  const clusterIP = given.clusterIP ?? freeAddress(store);
  const spec: Record<string, unknown> = {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    ...given,
    clusterIP,
    clusterIPs: [clusterIP],
  };
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') spec.ports = withNodePorts(store, spec.ports);
  const ingress =
    spec.type === 'LoadBalancer' ? { ingress: nodeAddresses(store.list('nodes')).map(ip => ({ ip })) } : {};
  return { ...object, spec, status: { loadBalancer: ingress } };
}

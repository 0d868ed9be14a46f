import { fields } from '../record.ts';
import { list, number, text, texts } from './fields.ts';
import {
  type BalancerPod,
  type Endpoint,
  type EndpointSlice,
  type Ingress,
  type IngressClass,
  SERVICE_NAME,
  type Service,
  type TrafficKinds,
} from './traffic.ts';
import type { RawObject } from './watch.ts';

/** Since k3s v1.24, whose svclb live in kube-system; before that they are where the Service is. */
const SERVICE_NAMESPACE = 'svccontroller.k3s.cattle.io/svcnamespace';

/** Reads an object of each kind. Never throws: what is missing is empty. */
export const READ: { [Kind in keyof TrafficKinds]: (object: RawObject) => TrafficKinds[Kind] } = {
  services: readService,
  ingresses: readIngress,
  ingressRoutes: readIngressRoute,
  ingressClasses: readIngressClass,
  slices: readSlice,
  balancers: readBalancerPod,
};

const named = ({ metadata }: RawObject) => ({ namespace: text(metadata?.namespace), name: text(metadata?.name) });

function readService(object: RawObject): Service {
  const spec = fields(object.spec);
  const clusterIP = text(spec.clusterIP);
  const ingress = list(fields(fields(object.status).loadBalancer).ingress);
  return {
    ...named(object),
    type: text(spec.type) || 'ClusterIP',
    clusterIP: clusterIP === 'None' ? '' : clusterIP,
    headless: clusterIP === 'None',
    ports: list(spec.ports).map(port => ({
      name: text(port.name),
      port: number(port.port),
      targetPort: text(port.targetPort),
      nodePort: number(port.nodePort),
      protocol: (text(port.protocol) || 'TCP').toLowerCase(),
    })),
    selector: texts(spec.selector),
    labels: texts(object.metadata?.labels),
    addresses: ingress.map(({ ip, hostname }) => text(ip) || text(hostname)).filter(address => address !== ''),
    local: spec.externalTrafficPolicy === 'Local',
  };
}

/** Class names were an annotation before they were a field. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

function readIngress(object: RawObject): Ingress {
  const { namespace, name } = named(object);
  const spec = fields(object.spec);
  const annotations = texts(object.metadata?.annotations);
  const secured = list(spec.tls).flatMap(({ hosts }) => (Array.isArray(hosts) ? hosts.map(text) : []));
  const backend = (value: unknown) => {
    // v1beta1 has serviceName and servicePort.
    const { service, serviceName, servicePort } = fields(value);
    const { name: to, port } = fields(service);
    const { number: portNumber, name: portName } = fields(port);
    return {
      namespace,
      name: text(to) || text(serviceName),
      port: text(portNumber) || text(portName) || text(servicePort),
    };
  };
  const routes = list(spec.rules).flatMap(rule => {
    const host = text(rule.host);
    return list(fields(rule.http).paths).map(path => ({
      host,
      path: text(path.path) || '/',
      service: backend(path.backend),
      secure: secured.includes(host),
    }));
  });
  const fallback = spec.defaultBackend ?? spec.backend;
  if (fallback !== undefined) routes.push({ host: '', path: '/', service: backend(fallback), secure: false });
  return {
    kind: 'Ingress',
    namespace,
    name,
    className: text(spec.ingressClassName) || (annotations[CLASS_ANNOTATION] ?? ''),
    routes: routes.filter(route => route.service.name !== ''),
    annotations,
  };
}

/** `Host(`a.b`) && PathPrefix(`/x`)`; of a rule with several hosts the first counts. */
function readIngressRoute(object: RawObject): Ingress {
  const { namespace, name } = named(object);
  const spec = fields(object.spec);
  const secure = spec.tls !== undefined && spec.tls !== null;
  const routes = list(spec.routes).flatMap(route => {
    const match = text(route.match);
    const host = /Host\(\s*[`"']([^`"']+)/.exec(match)?.[1] ?? '';
    const path = /Path(?:Prefix)?\(\s*[`"']([^`"']+)/.exec(match)?.[1] ?? '/';
    const [service] = list(route.services).filter(one => !one.kind || one.kind === 'Service');
    if (service === undefined) return [];
    const to = { namespace: text(service.namespace) || namespace, name: text(service.name), port: text(service.port) };
    return [{ host, path, service: to, secure }];
  });
  return { kind: 'IngressRoute', namespace, name, className: 'traefik', routes, annotations: {} };
}

function readIngressClass(object: RawObject): IngressClass {
  const annotations = texts(object.metadata?.annotations);
  return {
    name: text(object.metadata?.name),
    controller: text(fields(object.spec).controller),
    isDefault: annotations['ingressclass.kubernetes.io/is-default-class'] === 'true',
  };
}

/** An EndpointSlice, or an Endpoints object, whose first subset stands for it. */
function readSlice(object: RawObject): EndpointSlice {
  const { namespace, name } = named(object);
  const labels = texts(object.metadata?.labels);
  if (object.endpoints === undefined && object.subsets !== undefined) {
    const [subset = {}] = list(object.subsets);
    const endpoints = [...subsetEndpoints(subset.addresses, true), ...subsetEndpoints(subset.notReadyAddresses, false)];
    return { namespace, name, service: name, ports: slicePorts(subset.ports), endpoints };
  }
  return {
    namespace,
    name,
    service: labels['kubernetes.io/service-name'] ?? name,
    ports: slicePorts(object.ports),
    endpoints: list(object.endpoints).flatMap(({ addresses, conditions, nodeName, topology, targetRef }) =>
      (Array.isArray(addresses) ? addresses.slice(0, 1) : []).map(address => ({
        address: text(address),
        // Nothing said means ready.
        ready: fields(conditions).ready !== false,
        // v1beta1 has the node's name among its labels.
        node: text(nodeName) || text(fields(topology)['kubernetes.io/hostname']),
        pod: podOf(targetRef),
      })),
    ),
  };
}

const slicePorts = (value: unknown): EndpointSlice['ports'] =>
  list(value).map(port => ({
    name: text(port.name),
    port: number(port.port),
    protocol: (text(port.protocol) || 'TCP').toLowerCase(),
  }));

const podOf = (reference: unknown): string => (fields(reference).kind === 'Pod' ? text(fields(reference).name) : '');

const subsetEndpoints = (value: unknown, ready: boolean): Endpoint[] =>
  list(value).map(one => ({ address: text(one.ip), ready, node: text(one.nodeName), pod: podOf(one.targetRef) }));

function readBalancerPod(object: RawObject): BalancerPod {
  const { namespace, name } = named(object);
  const labels = texts(object.metadata?.labels);
  const status = fields(object.status);
  const ready = list(status.conditions).some(({ type, status: is }) => type === 'Ready' && is === 'True');
  return {
    namespace,
    name,
    service: { namespace: labels[SERVICE_NAMESPACE] ?? namespace, name: labels[SERVICE_NAME] ?? '' },
    node: text(fields(object.spec).nodeName) || affinityNode(object),
    ip: text(status.podIP),
    ready,
    problem: ready ? '' : podProblem(object),
  };
}

/** The node for which a DaemonSet made a pod that found no room there yet. */
function affinityNode(object: RawObject): string {
  const affinity = fields(fields(fields(object.spec).affinity).nodeAffinity);
  const terms = list(fields(affinity.requiredDuringSchedulingIgnoredDuringExecution).nodeSelectorTerms);
  const [match] = terms.flatMap(term => list(term.matchFields)).filter(field => field.key === 'metadata.name');
  return Array.isArray(match?.values) ? text(match.values[0]) : '';
}

/** Why a pod is not ready, in Kubernetes' words: `ImagePullBackOff`, `0/1 nodes are available: …`. */
function podProblem(object: RawObject): string {
  const status = fields(object.status);
  if (object.metadata?.deletionTimestamp !== undefined) return 'is being deleted';
  const unscheduled = list(status.conditions).find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  if (unscheduled) return text(unscheduled.message) || text(unscheduled.reason) || 'no node takes it';
  for (const container of [...list(status.initContainerStatuses), ...list(status.containerStatuses)]) {
    const { waiting, terminated } = fields(container.state);
    const reason = text(fields(waiting).reason) || text(fields(terminated).reason);
    if (container.ready !== true && reason !== '' && reason !== 'Completed') return reason;
  }
  return `is ${text(status.phase) || 'Pending'}, not ready`;
}

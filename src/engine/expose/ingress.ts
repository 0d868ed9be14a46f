import type { Problem } from '../cluster/problems.ts';
import { controllerText, controllerWord, indexOf } from './context.ts';
import { controllerOf } from './controller.ts';
import { portNamed } from './exposures.ts';
import type { Traffic } from './traffic.ts';
import { isHostName, isPlainPath } from './urls.ts';

/** A host name for a Service, as somebody wants it. */
export interface IngressRequest {
  namespace: string;
  service: string;
  /** Port of the Service. */
  port: number;
  host: string;
  path: string;
  /** Ingress class; undefined: the controller's own, as far as it has one. */
  className?: string;
  /** Host port to publish for it where none leads to the controller yet; undefined: a free one. */
  hostPort?: number;
}

/** Which host port was added for an Ingress, so that it can go with it: `8080:80`. */
export const PORT_ANNOTATION = 'k3dui/port-added';

/** `shop.localhost`, or one that no Ingress has yet. */
export function proposeHost(
  { namespace, service }: Pick<IngressRequest, 'namespace' | 'service'>,
  traffic: Traffic,
): string {
  const taken = new Set(
    [...traffic.ingresses.values(), ...traffic.ingressRoutes.values()].flatMap(one =>
      one.routes.map(({ host }) => host),
    ),
  );
  const free = [`${service}.localhost`, `${service}.${namespace}.localhost`].find(host => !taken.has(host));
  if (free !== undefined) return free;
  for (let at = 2; ; at++) if (!taken.has(`${service}-${at}.localhost`)) return `${service}-${at}.localhost`;
}

/** Name of the new Ingress: the Service's, or with a number. */
export function proposeName(
  { namespace, service }: Pick<IngressRequest, 'namespace' | 'service'>,
  traffic: Traffic,
): string {
  const taken = (name: string) => traffic.ingresses.has(`${namespace}/${name}`);
  if (!taken(service)) return service;
  for (let at = 2; ; at++) if (!taken(`${service}-${at}`)) return `${service}-${at}`;
}

/** What is wrong with it, or should be known. Pure; to be called as it is typed. */
export function checkIngress(
  { namespace, service, port, host, path, className }: IngressRequest,
  traffic: Traffic,
): Problem[] {
  const problems: Problem[] = [];
  const fail = (field: string, message: string, hint?: string) =>
    problems.push({ field, code: 'INGRESS_INVALID', message, hint, severity: 'error' });
  const wanted = traffic.services.get(`${namespace}/${service}`);
  if (wanted === undefined) fail('service', `there is no Service ${namespace}/${service}`);
  else if (portNamed(wanted, String(port)) === undefined) {
    const has = wanted.ports.map(one => one.port).join(', ') || 'none';
    fail('service', `Service ${service} has no port ${port}`, `it has ${has}`);
  } else if (portNamed(wanted, String(port))?.protocol !== 'tcp') {
    fail('service', `port ${port} of ${service} is not TCP: an Ingress is for HTTP`);
  }
  if (host === '') fail('host', 'a host name is missing', `for example ${service}.localhost`);
  else if (!isHostName(host) || /^[\d.]+$/.test(host)) {
    fail('host', `'${host}' is no host name`, 'letters, digits, hyphens and dots: myapp.localhost');
  }
  if (!isPlainPath(path)) fail('path', `'${path}' is no path`, 'it begins with /');
  const owner = [...traffic.ingresses.values(), ...traffic.ingressRoutes.values()].find(one =>
    one.routes.some(route => route.host === host && route.path === path),
  );
  if (owner) {
    fail(
      'host',
      `${host}${path} belongs to ${owner.kind} ${owner.namespace}/${owner.name} already`,
      'choose another host name or path',
    );
  }
  const found = controllerOf(indexOf(traffic), { className: className ?? classFor(traffic) ?? '' });
  if (found.fault) fail('class', found.fault.why, found.fault.remedy?.text);
  return problems;
}

/** The class that has the controller take an Ingress up; undefined where it takes those without one. */
export function classFor(traffic: Traffic): string | undefined {
  const { service } = controllerOf(indexOf(traffic), { className: '' });
  if (service === undefined) return undefined;
  const word = controllerWord(controllerText(service));
  return [...traffic.ingressClasses.values()].find(one => controllerWord(`${one.controller} ${one.name}`) === word)
    ?.name;
}

/** The Ingress as the API takes it. */
export function ingressManifest(
  request: IngressRequest,
  name: string,
  className: string | undefined,
  portAdded?: string,
) {
  const { namespace, service, port, host, path } = request;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'k3dui' },
      ...(portAdded !== undefined && { annotations: { [PORT_ANNOTATION]: portAdded } }),
    },
    spec: {
      ...(className !== undefined && { ingressClassName: className }),
      rules: [
        {
          host,
          http: {
            paths: [{ path, pathType: 'Prefix', backend: { service: { name: service, port: { number: port } } } }],
          },
        },
      ],
    },
  };
}

/** Below which the Ingresses of a namespace are. */
export const ingressPath = (namespace: string, name = ''): string =>
  `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/ingresses${name === '' ? '' : `/${encodeURIComponent(name)}`}`;

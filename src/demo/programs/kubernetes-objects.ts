import { randomBytes, randomUUID } from 'node:crypto';

/** A Kubernetes object as far as the simulation needs to know it. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [other: string]: unknown;
  };
  [other: string]: unknown;
}

/** Resource name → group and version, kind, whether it lives in a namespace. */
export const RESOURCES: Record<string, [groupVersion: string, kind: string, namespaced: boolean]> = {
  nodes: ['v1', 'Node', false],
  namespaces: ['v1', 'Namespace', false],
  pods: ['v1', 'Pod', true],
  services: ['v1', 'Service', true],
  events: ['v1', 'Event', true],
  configmaps: ['v1', 'ConfigMap', true],
  secrets: ['v1', 'Secret', true],
  serviceaccounts: ['v1', 'ServiceAccount', true],
  persistentvolumeclaims: ['v1', 'PersistentVolumeClaim', true],
  persistentvolumes: ['v1', 'PersistentVolume', false],
  endpoints: ['v1', 'Endpoints', true],
  deployments: ['apps/v1', 'Deployment', true],
  daemonsets: ['apps/v1', 'DaemonSet', true],
  statefulsets: ['apps/v1', 'StatefulSet', true],
  replicasets: ['apps/v1', 'ReplicaSet', true],
  jobs: ['batch/v1', 'Job', true],
  ingresses: ['networking.k8s.io/v1', 'Ingress', true],
  ingressclasses: ['networking.k8s.io/v1', 'IngressClass', false],
  endpointslices: ['discovery.k8s.io/v1', 'EndpointSlice', true],
};

export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: string;
  object: KubeObject;
}

/** So many changes can be told to who comes back after a while. */
const REMEMBERED = 500;

/** Objects by resource, with versions and watchers. */
export class KubeStore {
  /** The last changes, oldest first, with the version that each made. */
  readonly history: (Change & { version: number })[] = [];
  #objects = new Map<string, Map<string, KubeObject>>();
  #watchers = new Set<(change: Change) => void>();
  #untold: Change[] = [];
  version = 300;

  list(resource: string, namespace?: string): KubeObject[] {
    const all = [...(this.#objects.get(resource)?.values() ?? [])];
    return namespace ? all.filter(object => object.metadata.namespace === namespace) : all;
  }

  get(resource: string, name: string, namespace?: string): KubeObject | undefined {
    return this.#objects.get(resource)?.get(key(name, namespace));
  }

  /** Adds it, or replaces the one of that name; its identity and age stay. */
  put(resource: string, object: KubeObject): KubeObject {
    const map = this.#objects.get(resource) ?? new Map<string, KubeObject>();
    this.#objects.set(resource, map);
    const at = key(object.metadata.name, object.metadata.namespace);
    const old = map.get(at);
    this.version++;
    object.metadata = {
      ...object.metadata,
      uid: old?.metadata.uid ?? randomUUID(),
      creationTimestamp: old?.metadata.creationTimestamp ?? object.metadata.creationTimestamp ?? now(),
      resourceVersion: String(this.version),
    };
    map.set(at, object);
    this.#tell({ type: old ? 'MODIFIED' : 'ADDED', resource, object });
    return object;
  }

  delete(resource: string, name: string, namespace?: string): KubeObject | undefined {
    const object = this.get(resource, name, namespace);
    if (!object) return undefined;
    this.#objects.get(resource)?.delete(key(name, namespace));
    this.version++;
    this.#tell({ type: 'DELETED', resource, object });
    return object;
  }

  watch(watcher: (change: Change) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #tell(change: Change): void {
    this.history.push({ ...change, version: this.version });
    if (this.history.length > REMEMBERED) this.history.shift();
    // What a watcher changes in turn is told after this, to everybody in the same order.
    this.#untold.push(change);
    if (this.#untold.length > 1) return;
    for (let next = this.#untold[0]; next; this.#untold.shift(), next = this.#untold[0]) {
      for (const watcher of this.#watchers) watcher(next);
    }
  }
}

const key = (name: string, namespace = '') => `${namespace}/${name}`;

/** Kubernetes' time stamps have whole seconds. */
export const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

export const randomSuffix = (length: number): string =>
  [...randomBytes(length)].map(byte => 'bcdfghjklmnpqrstvwxz2456789'[byte % 27]).join('');

export function makeObject(
  resource: string,
  name: string,
  namespace: string | undefined,
  rest: object = {},
): KubeObject {
  const [apiVersion, kind] = RESOURCES[resource]!;
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) }, ...rest };
}

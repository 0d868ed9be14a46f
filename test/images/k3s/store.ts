import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { type KubeObject, StatusError, stamp } from './objects.ts';
import { readIfThere, writeFile } from './paths.ts';
import type { Resource } from './resources.ts';

/** What happened to an object; `resource` is the plural, `key` is `namespace/name`. */
export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: string;
  key: string;
  object: KubeObject;
  revision: number;
}

/** All of a cluster's state: what etcd holds in the real one. */
export interface Snapshot {
  revision: number;
  objects: Record<string, KubeObject[]>;
}

/** Names in the store that are no Kubernetes kinds: the cluster's own notes. */
export const notes = '_notes';
const forgotten = new Set(['leases', 'events']);

const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
const same = (a: KubeObject, b: KubeObject): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Kubernetes objects in memory, written to a file soon after each change, with a change stream to watch. */
export class Store {
  revision = 1;
  readonly changes = new EventEmitter<{ change: [Change] }>().setMaxListeners(0);
  readonly history: Change[] = [];
  readonly #kinds = new Map<string, Map<string, KubeObject>>();
  readonly #file: string | undefined;
  #saving: NodeJS.Timeout | undefined;

  constructor(file?: string) {
    this.#file = file;
    const saved = file === undefined ? undefined : readIfThere(file);
    if (saved !== undefined) this.load(JSON.parse(saved) as Snapshot);
  }

  /** Replaces everything by a snapshot. */
  load(snapshot: Snapshot): void {
    this.#kinds.clear();
    this.revision = snapshot.revision;
    for (const [resource, objects] of Object.entries(snapshot.objects))
      this.#kinds.set(resource, new Map(objects.map(object => [keyOf(object), object])));
    this.#saveSoon();
  }

  snapshot(keepAll = true): Snapshot {
    const kinds = [...this.#kinds].filter(([resource]) => keepAll || !forgotten.has(resource));
    return { revision: this.revision, objects: Object.fromEntries(kinds.map(([r, map]) => [r, [...map.values()]])) };
  }

  list(resource: string, namespace?: string): KubeObject[] {
    const all = [...(this.#kinds.get(resource)?.values() ?? [])];
    return namespace === undefined ? all : all.filter(object => object.metadata.namespace === namespace);
  }

  get(resource: string, name: string, namespace = ''): KubeObject | undefined {
    return this.#kinds.get(resource)?.get(`${namespace}/${name}`);
  }

  /** Stores an object as given, new or changed; a write that changes nothing makes no event. */
  put(resource: string, object: KubeObject): KubeObject {
    const old = this.get(resource, object.metadata.name, object.metadata.namespace);
    if (old && same(old, object)) return old;
    const stored = structuredClone(object);
    stored.metadata.uid ??= old?.metadata.uid ?? randomUUID();
    stored.metadata.creationTimestamp ??= old?.metadata.creationTimestamp ?? stamp();
    stored.metadata.resourceVersion = String(++this.revision);
    this.#record(old ? 'MODIFIED' : 'ADDED', resource, stored);
    return stored;
  }

  remove(resource: string, name: string, namespace = ''): KubeObject | undefined {
    const old = this.get(resource, name, namespace);
    if (!old) return undefined;
    const last = structuredClone(old);
    last.metadata.resourceVersion = String(++this.revision);
    this.#record('DELETED', resource, last);
    return last;
  }

  /** Takes over a change made elsewhere (by the leader), with its revision. */
  follow(change: Change): void {
    this.revision = change.revision;
    this.#record(change.type, change.resource, change.object);
  }

  #record(type: Change['type'], resource: string, object: KubeObject): void {
    const kind = this.#kinds.get(resource) ?? new Map<string, KubeObject>();
    this.#kinds.set(resource, kind);
    const key = keyOf(object);
    if (type === 'DELETED') kind.delete(key);
    else kind.set(key, object);
    const change = { type, resource, key, object, revision: this.revision };
    this.history.push(change);
    if (this.history.length > 2000) this.history.splice(0, 1000);
    if (!forgotten.has(resource)) this.#saveSoon();
    this.changes.emit('change', change);
  }

  #saveSoon(): void {
    if (this.#file === undefined) return;
    this.#saving ??= setTimeout(() => this.save(), 50);
  }

  /** Writes what is not in the file yet. */
  save(): void {
    if (this.#saving === undefined) return;
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (this.#file !== undefined) writeFile(this.#file, JSON.stringify(this.snapshot(false)));
  }
}

/** The object, or Kubernetes' own words for not having it. */
export function need(store: Store, resource: Resource, name: string, namespace?: string): KubeObject {
  const found = store.get(resource.plural, name, namespace);
  if (found) return found;
  const what = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
  throw new StatusError(404, 'NotFound', `${what} "${name}" not found`, {
    name,
    group: resource.group,
    kind: resource.plural,
  });
}

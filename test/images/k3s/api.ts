import type { IncomingMessage, ServerResponse } from 'node:http';
import { admit } from './admission.ts';
import { discovery } from './discovery.ts';
import { readBody, sendJson, sendText } from './http.ts';
import { isRecord, type KubeObject, StatusError } from './objects.ts';
import { applyPatch, mergePatch } from './patch.ts';
import { findResource, groupVersion, type Resource } from './resources.ts';
import { selector } from './selectors.ts';
import { need, type Store } from './store.ts';
import { asTable } from './table.ts';
import { watch } from './watch.ts';

/** What a Kubernetes path means. */
interface Target {
  resource: Resource;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
}

function parseTarget(path: string): Target | undefined {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const root = parts.shift();
  const group = root === 'apis' ? (parts.shift() ?? '') : '';
  if (root !== 'api' && root !== 'apis') return undefined;
  const version = parts.shift() ?? '';
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && findResource(group, version, parts[2] ?? '');
  const namespace = inNamespace ? parts[1] : undefined;
  if (inNamespace) parts.splice(0, 2);
  const [plural = '', name, subresource] = parts;
  const resource = findResource(group, version, plural);
  return resource && { resource, namespace, name, subresource };
}

async function readObject(req: IncomingMessage): Promise<unknown> {
  const type = req.headers['content-type'] ?? 'application/json';
  const text = await readBody(req);
  if (type.includes('protobuf'))
    throw new StatusError(415, 'UnsupportedMediaType', 'the stand-in speaks JSON and YAML only');
  if (text === '') return {};
  try {
    if (type.includes('yaml')) return (await import('js-yaml')).load(text);
    return JSON.parse(text);
  } catch (cause) {
    throw new StatusError(400, 'BadRequest', `the object provided is unrecognized: ${String(cause)}`);
  }
}

function asObject(value: unknown, target: Target): KubeObject {
  if (!isRecord(value) || !isRecord(value.metadata))
    throw new StatusError(400, 'BadRequest', 'the body is no object with metadata');
  const object = value as KubeObject;
  const { resource, namespace } = target;
  const metadata = {
    ...object.metadata,
    ...(resource.namespaced && { namespace: namespace ?? object.metadata.namespace ?? 'default' }),
  };
  if (!metadata.name && metadata.generateName)
    metadata.name = metadata.generateName + Math.random().toString(36).slice(2, 7);
  return { ...object, apiVersion: groupVersion(resource), kind: resource.kind, metadata };
}

function typed(object: KubeObject, resource: Resource): KubeObject {
  return { ...object, apiVersion: groupVersion(resource), kind: resource.kind };
}

const wantsTable = (req: IncomingMessage): boolean => (req.headers.accept ?? '').includes('as=Table');

function list(req: IncomingMessage, res: ServerResponse, store: Store, target: Target, query: URLSearchParams): void {
  const { resource, namespace } = target;
  const items = store.list(resource.plural, namespace).filter(selector(query));
  const resourceVersion = String(store.revision);
  const plain = {
    kind: `${resource.kind}List`,
    apiVersion: groupVersion(resource),
    metadata: { resourceVersion },
    items,
  };
  sendJson(res, 200, wantsTable(req) ? asTable(resource.plural, items, resourceVersion) : plain);
}

function create(store: Store, target: Target, body: unknown, dryRun: boolean): KubeObject {
  const { resource } = target;
  const object = asObject(body, target);
  const { name, namespace } = object.metadata;
  if (namespace !== undefined && !store.get('namespaces', namespace))
    throw new StatusError(404, 'NotFound', `namespaces "${namespace}" not found`, {
      name: namespace,
      kind: 'namespaces',
    });
  if (store.get(resource.plural, name, namespace))
    throw new StatusError(409, 'AlreadyExists', `${resource.plural} "${name}" already exists`, {
      name,
      kind: resource.plural,
    });
  const admitted = admit(store, resource, object);
  return dryRun ? admitted : store.put(resource.plural, admitted);
}

async function change(req: IncomingMessage, store: Store, target: Target, dryRun: boolean): Promise<KubeObject> {
  const { resource, namespace, name = '' } = target;
  const type = req.headers['content-type'] ?? '';
  const body = await readObject(req);
  const old = store.get(resource.plural, name, namespace);
  if (type.startsWith('application/apply-patch') && !old) return create(store, target, body, dryRun);
  const found = need(store, resource, name, namespace);
  const merge = type.startsWith('application/apply-patch')
    ? mergePatch
    : (a: unknown, b: unknown) => applyPatch(type, a, b);
  const wanted = asObject(req.method === 'PUT' ? body : merge(found, body), target);
  const given = wanted.metadata.resourceVersion;
  if (given !== undefined && given !== found.metadata.resourceVersion)
    throw new StatusError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${resource.plural} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    );
  const { uid, creationTimestamp, resourceVersion } = found.metadata;
  const next = { ...wanted, metadata: { ...wanted.metadata, name, uid, creationTimestamp, resourceVersion } };
  return dryRun ? next : store.put(resource.plural, next);
}

/** Removes an object and what belongs to it. */
export function remove(store: Store, resource: Resource, name: string, namespace?: string): KubeObject {
  const found = need(store, resource, name, namespace);
  store.remove(resource.plural, name, namespace);
  if (resource.plural === 'namespaces') {
    for (const [plural, objects] of Object.entries(store.snapshot().objects))
      for (const o of objects) if (o.metadata.namespace === name) store.remove(plural, o.metadata.name, name);
  }
  return found;
}

async function one(
  req: IncomingMessage,
  res: ServerResponse,
  store: Store,
  target: Target,
  dryRun: boolean,
): Promise<void> {
  const { resource, namespace, name = '' } = target;
  if (target.subresource === 'log') return sendText(res, 200, '');
  if (target.subresource === 'eviction') {
    remove(store, resource, name, namespace);
    return sendJson(res, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
  }
  if (req.method === 'PUT' || req.method === 'PATCH')
    return sendJson(res, 200, await change(req, store, target, dryRun));
  if (req.method === 'DELETE') {
    const gone = dryRun ? need(store, resource, name, namespace) : remove(store, resource, name, namespace);
    const details = { name, kind: resource.plural, uid: gone.metadata.uid };
    return sendJson(res, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
  }
  if (req.method !== 'GET') throw new StatusError(405, 'MethodNotAllowed', `${req.method} is not supported here`);
  const object = need(store, resource, name, namespace);
  const version = object.metadata.resourceVersion ?? '';
  sendJson(res, 200, wantsTable(req) ? asTable(resource.plural, [object], version) : typed(object, resource));
}

/** Answers everything below /api, /apis and /openapi. @throws StatusError */
export async function serveKubernetes(
  req: IncomingMessage,
  res: ServerResponse,
  url: URL,
  store: Store,
): Promise<void> {
  const query = url.searchParams;
  const found = req.method === 'GET' ? discovery(url.pathname) : undefined;
  if (found !== undefined) return sendJson(res, 200, found);
  const target = parseTarget(url.pathname);
  if (!target) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource');
  const dryRun = query.get('dryRun') === 'All';
  if (target.name !== undefined && !(query.get('watch') ?? '').match(/^(1|true)$/))
    return one(req, res, store, target, dryRun);
  if (req.method === 'POST') return sendJson(res, 201, create(store, target, await readObject(req), dryRun));
  if (req.method === 'DELETE') {
    const items = store.list(target.resource.plural, target.namespace).filter(selector(query));
    for (const o of items) remove(store, target.resource, o.metadata.name, o.metadata.namespace);
    return sendJson(res, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
  }
  if (req.method !== 'GET') throw new StatusError(405, 'MethodNotAllowed', `${req.method} is not supported here`);
  if ((query.get('watch') ?? '').match(/^(1|true)$/)) return watch(res, store, target, query, wantsTable(req));
  list(req, res, store, target, query);
}

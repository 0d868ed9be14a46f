import type { IncomingMessage, ServerResponse } from 'node:http';
import { load } from 'js-yaml';
import type { Container } from '../types.ts';
import { k3sVersion } from './k3s-version.ts';
import type { KubeCluster } from './kubernetes-cluster.ts';
import { type Change, type KubeObject, RESOURCES } from './kubernetes-objects.ts';
import { status } from './kubernetes-status.ts';
import { rollOut } from './kubernetes-troubles.ts';

/** Kinds that controllers of the network make or complete. */
const NETWORKED: ReadonlySet<string> = new Set([
  'services',
  'endpointslices',
  'ingresses',
  'daemonsets',
  'deployments',
]);

/** One request to a simulated cluster's API. */
export async function answerKube(
  cluster: KubeCluster,
  server: Container,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const url = new URL(req.url ?? '/', 'https://cluster');
  const up = cluster.answers(server);
  const text = (code: number, body: string) => {
    res.writeHead(code, { 'Content-Type': 'text/plain; charset=utf-8' });
    res.end(body);
  };
  const json = (code: number, body: object) => {
    res.writeHead(code, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify(body));
  };
  if (url.pathname === '/ping') return text(200, 'pong');
  if (url.pathname === '/cacerts') return text(200, cluster.serverCa.cert);
  if (/^\/(readyz|livez|healthz)/.test(url.pathname)) {
    if (!up) return text(500, '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n');
    return text(
      200,
      url.searchParams.has('verbose') ? '[+]ping ok\n[+]log ok\n[+]etcd ok\nreadyz check passed\n' : 'ok',
    );
  }
  if (!up) return status(res, 503, 'ServiceUnavailable', 'apiserver not ready');
  const { gitVersion, major, minor } = k3sVersion(server);
  if (url.pathname === '/version') {
    return json(200, {
      major,
      minor,
      gitVersion,
      gitCommit: 'demo',
      gitTreeState: 'clean',
      buildDate: '2025-01-01T00:00:00Z',
      goVersion: 'go1.24.6',
      compiler: 'gc',
      platform: 'linux/amd64',
    });
  }
  const found = discovery(url.pathname);
  if (found) return json(200, found);
  const target = parsePath(url.pathname);
  if (!target) return status(res, 404, 'NotFound', 'the server could not find the requested resource');
  if (NETWORKED.has(target.resource)) void cluster.network;
  if (target.groupVersion === 'metrics.k8s.io/v1beta1') return json(200, metrics(cluster, target.resource));
  const known = RESOURCES[target.resource];
  if (!known || known[0] !== target.groupVersion)
    return status(res, 404, 'NotFound', 'the server could not find the requested resource');
  if (req.method === 'GET' && !target.name)
    return url.searchParams.get('watch') ? watch(cluster, target, url, res) : list(cluster, target, url, res);
  const missing = () => status(res, 404, 'NotFound', `${target.resource} "${target.name}" not found`);
  const old = target.name ? cluster.store.get(target.resource, target.name, target.namespace) : undefined;
  switch (req.method) {
    case 'GET':
      if (old && target.sub === 'log')
        return text(200, `${new Date().toISOString()} ${target.name} serving on :8080\n`);
      return old ? json(200, old) : missing();
    case 'DELETE':
      if (!old) return missing();
      cluster.store.delete(target.resource, target.name, target.namespace);
      if (target.resource === 'nodes') cluster.deleteNode(target.name);
      return status(res, 200, '', '');
    case 'POST':
    case 'PUT':
    case 'PATCH':
      return write(cluster, target, req, res, old);
    default:
      return status(res, 405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }
}

interface Target {
  groupVersion: string;
  resource: string;
  namespace: string | undefined;
  name: string;
  sub: string;
}

function parsePath(path: string): Target | undefined {
  const match = /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))\/(.+)$/.exec(path);
  if (!match) return undefined;
  const parts = match[3]!.split('/').map(decodeURIComponent);
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2;
  const [resource = '', name = '', sub = ''] = inNamespace ? parts.slice(2) : parts;
  return { groupVersion: match[1] ?? match[2]!, resource, namespace: inNamespace ? parts[1] : undefined, name, sub };
}

function list(
  cluster: KubeCluster,
  { resource, namespace, groupVersion }: Target,
  url: URL,
  res: ServerResponse,
): void {
  const items = cluster.store.list(resource, namespace).filter(selected(url));
  res.writeHead(200, { 'Content-Type': 'application/json' });
  res.end(
    JSON.stringify({
      kind: `${RESOURCES[resource]![1]}List`,
      apiVersion: groupVersion,
      metadata: { resourceVersion: String(cluster.store.version) },
      items,
    }),
  );
}

/** What a request's selectors leave. */
function selected(url: URL): (object: KubeObject) => boolean {
  const labels = (url.searchParams.get('labelSelector') ?? '').split(',').filter(Boolean);
  const fields = (url.searchParams.get('fieldSelector') ?? '').split(',').filter(Boolean);
  return object =>
    labels.every(label => {
      const [key = '', value] = label.split(/==?/);
      const has = object.metadata.labels?.[key];
      return has !== undefined && (value === undefined || has === value);
    }) && fields.every(field => fieldValue(object, field.split(/==?/)[0]!) === field.split(/==?/)[1]);
}

const fieldValue = (object: KubeObject, path: string): string =>
  String(
    path.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], object) ?? '',
  );

/** Streams changes from the version that the client knows; one that is forgotten is told to be so. */
function watch(cluster: KubeCluster, { resource, namespace }: Target, url: URL, res: ServerResponse): void {
  const { store } = cluster;
  res.writeHead(200, { 'Content-Type': 'application/json' });
  res.flushHeaders();
  const since = Number(url.searchParams.get('resourceVersion') ?? store.version);
  const [oldest] = store.history;
  if (since < store.version && oldest && since < oldest.version - 1) {
    const object = {
      kind: 'Status',
      status: 'Failure',
      message: 'too old resource version',
      reason: 'Expired',
      code: 410,
    };
    res.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    return;
  }
  const matches = selected(url);
  const pass = (change: Change) => {
    if (change.resource !== resource || (namespace && change.object.metadata.namespace !== namespace)) return;
    if (matches(change.object)) res.write(`${JSON.stringify({ type: change.type, object: change.object })}\n`);
  };
  for (const change of store.history) if (change.version > since) pass(change);
  const stop = store.watch(pass);
  res.once('close', stop);
}

async function write(
  cluster: KubeCluster,
  target: Target,
  req: IncomingMessage,
  res: ServerResponse,
  old: KubeObject | undefined,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  // YAML takes JSON too; server-side apply sends YAML.
  const body = load(Buffer.concat(chunks).toString('utf8')) as KubeObject;
  const name = target.name || body?.metadata?.name || '';
  const apply = /apply-patch/.test(req.headers['content-type'] ?? '');
  if (req.method === 'POST' && cluster.store.get(target.resource, name, target.namespace)) {
    return status(res, 409, 'AlreadyExists', `${target.resource} "${name}" already exists`);
  }
  if (req.method === 'PATCH' && !old && !apply)
    return status(res, 404, 'NotFound', `${target.resource} "${name}" not found`);
  const strategic = /strategic-merge/.test(req.headers['content-type'] ?? '');
  const object = req.method === 'PATCH' && old ? (merge(old, body, strategic) as KubeObject) : body;
  const [apiVersion, kind, namespaced] = RESOURCES[target.resource]!;
  const namespace = target.namespace ?? object.metadata?.namespace;
  const metadata = { ...object.metadata, name, ...(namespaced && namespace ? { namespace } : {}) };
  const stored = cluster.store.put(target.resource, { ...object, apiVersion, kind, metadata });
  if (target.resource === 'deployments') rollOut(cluster, stored);
  res.writeHead(old ? 200 : 201, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify(stored));
}

/** A JSON merge patch; a strategic one merges lists of named things by their names. */
function merge(old: unknown, patch: unknown, strategic = false): unknown {
  if (strategic && Array.isArray(patch) && Array.isArray(old)) return mergeNamed(old, patch);
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(old as Record<string, unknown>) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value, strategic);
  }
  return result;
}

function mergeNamed(old: unknown[], patch: unknown[]): unknown[] {
  const nameOf = (item: unknown) => (item as { name?: string } | null)?.name;
  const merged = old.map(item => {
    const change = patch.find(one => nameOf(one) !== undefined && nameOf(one) === nameOf(item));
    return change === undefined ? item : merge(item, change, true);
  });
  return [...merged, ...patch.filter(one => !old.some(item => nameOf(item) === nameOf(one)))];
}

function discovery(path: string): object | undefined {
  const groups = [...new Set(Object.values(RESOURCES).map(([groupVersion]) => groupVersion))].filter(
    group => group !== 'v1',
  );
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis') {
    const shape = (groupVersion: string) => ({ groupVersion, version: groupVersion.split('/')[1] });
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map(group => ({
        name: group.split('/')[0],
        versions: [shape(group)],
        preferredVersion: shape(group),
      })),
    };
  }
  const groupVersion = path === '/api/v1' ? 'v1' : groups.find(group => path === `/apis/${group}`);
  if (!groupVersion) return undefined;
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
  const resources = Object.entries(RESOURCES).filter(([, [group]]) => group === groupVersion);
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: resources.map(([name, [, kind, namespaced]]) => ({
      name,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs,
    })),
  };
}

function metrics(cluster: KubeCluster, resource: string): object {
  const wave = (text: string, base: number) => Math.round(base * (1 + 0.3 * Math.sin(Date.now() / 7000 + text.length)));
  const usage = (name: string, cpu: number, memory: number) => ({
    cpu: `${wave(name, cpu)}m`,
    memory: `${wave(name, memory)}Mi`,
  });
  const timestamp = new Date().toISOString();
  const items = cluster.store.list(resource).map(({ metadata: { name, namespace } }) =>
    resource === 'nodes'
      ? { metadata: { name }, timestamp, window: '10s', usage: usage(name, 180, 900) }
      : {
          metadata: { name, namespace },
          timestamp,
          window: '10s',
          containers: [{ name, usage: usage(name, 6, 40) }],
        },
  );
  return {
    kind: resource === 'nodes' ? 'NodeMetricsList' : 'PodMetricsList',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: {},
    items,
  };
}

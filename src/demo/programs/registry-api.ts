import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Container } from '../types.ts';
import { type RegistryStore, SCHEMA_2, storeOf } from './registry-store.ts';

type Answer = { status: number; headers?: Record<string, string>; body?: string };

const API = { 'Docker-Distribution-Api-Version': 'registry/2.0', 'X-Content-Type-Options': 'nosniff' };
const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };

/** Answers as docker-registry 2.8 does, to what a browser of it, containerd and Docker ask. */
export async function answerRegistry(container: Container, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const { pathname, searchParams } = new URL(req.url ?? '/', 'http://registry');
  const question = { method: req.method ?? 'GET', path: pathname, query: searchParams, body: Buffer.concat(chunks) };
  const answer = answerTo(container, question, req.headers['content-type'] ?? '');
  const body = answer.body ?? '';
  res.writeHead(answer.status, { ...API, 'Content-Length': Buffer.byteLength(body), ...answer.headers });
  res.end(req.method === 'HEAD' ? undefined : body);
}

interface Question {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Buffer;
}

function answerTo(container: Container, question: Question, type: string): Answer {
  const { method, path, query, body } = question;
  const store = storeOf(container);
  const env = container.config.Env ?? [];
  if (/^\/v2\/?$/.test(path)) return json(200, {});
  if (path === '/v2/_catalog')
    return page([...store.repositories.keys()].sort(), path, query, names => ({ repositories: names }));
  const [, name = '', kind = '', rest = ''] = /^\/v2\/(.+)\/(tags|manifests|blobs)\/(.*)$/.exec(path) ?? [];
  if (kind === 'tags' && rest === 'list') {
    const tags = store.repositories.get(name);
    if (!tags) return error(404, 'NAME_UNKNOWN', 'repository name not known to registry', { name });
    return page([...tags.keys()].sort(), path, query, found => ({ name, tags: found }));
  }
  const writes = method === 'PUT' || method === 'POST';
  if (writes && env.some(line => line.startsWith('REGISTRY_PROXY_REMOTEURL='))) return unsupported();
  if (kind === 'manifests') return manifests(store, method, name, rest, body, type, env);
  if (kind === 'blobs') return blobs(store, method, name, rest, query, body);
  return error(404, 'NOT_FOUND', 'not found', {});
}

function manifests(
  store: RegistryStore,
  method: string,
  name: string,
  reference: string,
  body: Buffer,
  type: string,
  env: string[],
): Answer {
  if (method === 'PUT') {
    const { digest } = store.put(name, reference, type || SCHEMA_2, body.toString('utf8'));
    return { status: 201, headers: { 'Docker-Content-Digest': digest } };
  }
  const found = store.manifest(name, reference);
  if (method === 'DELETE') {
    if (!env.includes('REGISTRY_STORAGE_DELETE_ENABLED=true')) return unsupported();
    if (!reference.includes(':'))
      return error(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', {});
    return store.remove(name, reference) ? { status: 202 } : unknownManifest(name, reference);
  }
  if (!found) return unknownManifest(name, reference);
  return {
    status: 200,
    headers: { 'Content-Type': found.type, 'Docker-Content-Digest': found.digest, Etag: `"${found.digest}"` },
    body: found.text,
  };
}

function blobs(
  store: RegistryStore,
  method: string,
  name: string,
  rest: string,
  query: URLSearchParams,
  body: Buffer,
): Answer {
  if (rest.startsWith('uploads/')) {
    if (method === 'POST') {
      return { status: 202, headers: { Location: `/v2/${name}/blobs/uploads/${store.blobs.size}?_state=demo` } };
    }
    const digest = store.addBlob(body.toString('utf8'));
    if (digest !== query.get('digest'))
      return error(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', {});
    return { status: 201, headers: { 'Docker-Content-Digest': digest } };
  }
  const blob = store.blobs.get(rest);
  if (!blob) return error(404, 'BLOB_UNKNOWN', 'blob unknown to registry', rest);
  return { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: blob.text ?? '' };
}

/** Some of the names, and where the next are. */
function page(names: string[], path: string, query: URLSearchParams, shape: (names: string[]) => object): Answer {
  const last = query.get('last') ?? '';
  const count = Number(query.get('n')) || names.length;
  const left = names.filter(name => last === '' || name > last);
  const some = left.slice(0, count);
  const answer = json(200, shape(some));
  if (some.length === left.length) return answer;
  const next = `<${path}?last=${encodeURIComponent(some.at(-1)!)}&n=${count}>; rel="next"`;
  return { ...answer, headers: { ...answer.headers, Link: next } };
}

const json = (status: number, body: object): Answer => ({ status, headers: JSON_TYPE, body: JSON.stringify(body) });

const error = (status: number, code: string, message: string, detail: unknown): Answer =>
  json(status, { errors: [{ code, message, detail }] });

const unsupported = (): Answer => error(405, 'UNSUPPORTED', 'The operation is unsupported.', null);

const unknownManifest = (name: string, reference: string): Answer =>
  error(404, 'MANIFEST_UNKNOWN', 'manifest unknown', { name, reference });

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { type KubeObject, StatusError } from './objects.ts';

/** How to reach an API server and as whom. */
export interface Access {
  /** Such as `https://k3d-c-server-0:6443`. */
  url: string;
  ca?: string;
  cert?: string;
  key?: string;
  /** `user:password` for HTTP basic authentication. */
  basic?: string;
}

export interface Answer {
  status: number;
  text: string;
}

/** The options of an HTTPS request; a server is trusted by its authority alone, under whatever name it was reached. */
export function requestOptions(access: Access, method: string, headers: OutgoingHttpHeaders = {}): RequestOptions {
  const { ca, cert, key, basic } = access;
  return {
    method,
    headers: { accept: 'application/json', ...headers },
    checkServerIdentity: () => undefined,
    ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
    ...(cert !== undefined && { cert, key }),
    ...(basic !== undefined && { auth: basic }),
  };
}

/** One HTTPS request. @throws the socket's error, or a timeout after `milliseconds`. */
export function ask(
  access: Access,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  milliseconds = 5000,
): Promise<Answer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const all = payload === undefined ? headers : { 'content-type': 'application/json', ...headers };
  return new Promise((resolve, reject) => {
    // A signal and not req.setTimeout, which waits for a connection: the name of a stopped container may take long to not resolve.
    const signal = AbortSignal.timeout(milliseconds);
    const req = httpsRequest(new URL(path, access.url), { ...requestOptions(access, method, all), signal }, res => {
      readBody(res).then(text => resolve({ status: res.statusCode ?? 0, text }), reject);
    });
    req.on('error', cause =>
      reject(signal.aborted ? new Error(`no answer from ${access.url} within ${milliseconds} ms`) : cause),
    );
    req.end(payload);
  });
}

/** Asks for an object. @throws StatusError with the server's own words when it refuses. */
export async function askObject(
  access: Access,
  method: string,
  path: string,
  body?: unknown,
  type?: string,
): Promise<KubeObject> {
  const answer = await ask(access, method, path, body, type === undefined ? {} : { 'content-type': type });
  const parsed = JSON.parse(answer.text) as KubeObject & { message?: string; reason?: string };
  if (answer.status >= 400) throw new StatusError(answer.status, parsed.reason ?? '', parsed.message ?? answer.text);
  return parsed;
}

/** The whole body as text. */
export async function readBody(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  res.end(`${JSON.stringify(body)}\n`);
}

export function sendText(res: ServerResponse, status: number, body: string): void {
  res.writeHead(status, { 'content-type': 'text/plain' });
  res.end(body);
}

import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Duplex, pipeline, type Readable } from 'node:stream';
import { EngineRefusal } from './errors.ts';
import { abortError, unlessAborted, withinLimit } from './signals.ts';
import type { Wire } from './wire.ts';

/** The newest API that this client was written against. */
const MAXIMUM_API = '1.47';

/** Milliseconds that the very first answer may take; ssh has to log in. */
const NEGOTIATION_LIMIT = 15_000;

export interface Request {
  method: string;
  /** With its query, without the version. */
  path: string;
  headers?: http.OutgoingHttpHeaders;
  /** A string is sent as JSON. */
  body?: string | Buffer | Readable;
  /** Ask for the raw connection; the answer's stream is then a Duplex whose ends close one by one. */
  hijack?: boolean;
  /** Leave out the version: for what must work before it is known. */
  unversioned?: boolean;
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  stream: Readable | Duplex;
}

/** The request as dockerode describes it. */
interface DialOptions {
  path: string;
  method: string;
  options?: Record<string, unknown>;
  headers?: http.OutgoingHttpHeaders;
  authconfig?: unknown;
  abortSignal?: AbortSignal;
  file?: Buffer | Readable;
  isStream?: boolean;
  hijack?: boolean;
  statusCodes: Record<number, boolean | string>;
}

/**
 * The HTTP side under dockerode, in place of docker-modem, which leaves promises unsettled when a connection dies in
 * the middle of an answer, reads DOCKER_HOST by itself, formats every request for a debug log that nobody reads, and
 * brings an ssh client along. The API version is negotiated before the first call and again after the link was lost.
 */
export class Modem {
  /** dockerode makes its promises with this. */
  Promise = Promise;
  readonly #wire: Wire;
  readonly #pinned: string | undefined;
  readonly #open = new Set<Readable>();
  readonly #unanswered = new Set<http.ClientRequest>();
  #version: Promise<string> | undefined;

  /** `pinned`: an API version that the person insists on (DOCKER_API_VERSION). */
  constructor(wire: Wire, pinned?: string) {
    this.#wire = wire;
    this.#pinned = pinned;
  }

  /**
   * Sends a request and gives the answer as soon as its head is there. Throws EngineRefusal for a status from 400 on,
   * and whatever Node throws when the engine cannot be reached.
   */
  async open(request: Request): Promise<Answer> {
    const prefix = request.unversioned ? '' : `/v${await this.apiVersion(request.signal)}`;
    const path = this.#wire.basePath + prefix + request.path;
    try {
      const answer = await this.#send({ ...request, path }).catch(error => this.#again(error, { ...request, path }));
      if (answer.status >= 400) throw new EngineRefusal(answer.status, reason(await readAll(answer.stream)));
      return answer;
    } catch (error) {
      // The engine that comes back may be another one.
      if (!(error instanceof EngineRefusal) && !request.signal?.aborted) this.#version = undefined;
      throw error;
    }
  }

  /** Sends a request and reads the whole answer: parsed when it is JSON, else undefined. */
  async json(request: Request): Promise<unknown> {
    const { stream } = await this.open(request);
    const text = (await readAll(stream)).toString();
    return parseJson(text);
  }

  /** The version spoken: the engine's own, at most ours, and never below the oldest that the engine takes. */
  apiVersion(signal?: AbortSignal): Promise<string> {
    if (this.#pinned !== undefined) return Promise.resolve(this.#pinned);
    if (this.#version === undefined) {
      // Shared by all callers that wait for it, hence not ended by the signal of one of them.
      const negotiation = this.#negotiate();
      this.#version = negotiation;
      negotiation.catch(() => {
        if (this.#version === negotiation) this.#version = undefined;
      });
    }
    return unlessAborted(this.#version, signal);
  }

  async #negotiate(): Promise<string> {
    const { headers, stream } = await withinLimit(NEGOTIATION_LIMIT, signal =>
      this.open({ method: 'GET', path: '/_ping', unversioned: true, signal }),
    );
    await readAll(stream);
    const theirs = String(headers['api-version'] ?? '');
    if (!/^\d+\.\d+$/.test(theirs)) return '1.24';
    if (compareVersions(theirs, MAXIMUM_API) <= 0) return theirs;
    const version = (await this.json({ method: 'GET', path: '/version', unversioned: true })) as {
      MinAPIVersion?: string;
    };
    const oldest = version?.MinAPIVersion ?? '';
    return /^\d+\.\d+$/.test(oldest) && compareVersions(oldest, MAXIMUM_API) > 0 ? oldest : MAXIMUM_API;
  }

  /** Fails everything under way: the engine has stopped answering, which no connection notices by itself. */
  abandon(error: Error): void {
    for (const message of this.#unanswered) message.destroy(error);
    for (const stream of this.#open) stream.destroy(error);
  }

  /** Ends all streams and idle connections. */
  close(): void {
    for (const stream of this.#open) stream.destroy();
    this.#wire.agent.destroy();
  }

  /** A kept connection may have been closed by the other side just now: reading again does no harm. */
  #again(error: unknown, request: Request): Promise<Answer> {
    const { reused, code = '' } = error as { reused?: boolean; code?: string };
    if (!reused || !['ECONNRESET', 'EPIPE'].includes(code) || request.method !== 'GET' || request.signal?.aborted)
      throw error;
    return this.#send(request);
  }

  #send(request: Request): Promise<Answer> {
    const { options, agent, secure } = this.#wire;
    const { body, hijack, signal } = request;
    const headers: http.OutgoingHttpHeaders = { ...request.headers };
    if (typeof body === 'string') headers['Content-Type'] ??= 'application/json';
    if (typeof body === 'string' || Buffer.isBuffer(body)) headers['Content-Length'] = Buffer.byteLength(body);
    else if (body === undefined && request.method === 'POST') headers['Content-Length'] = 0;
    if (hijack) Object.assign(headers, { Connection: 'Upgrade', Upgrade: 'tcp' });
    return new Promise((resolve, reject) => {
      const message = (secure ? https : http).request({
        ...options,
        agent,
        method: request.method,
        path: request.path,
        headers,
      });
      this.#unanswered.add(message);
      message.once('close', () => this.#unanswered.delete(message));
      const abort = () => message.destroy(abortError(signal));
      signal?.addEventListener('abort', abort, { once: true });
      const answer = (response: IncomingMessage, stream: Readable) => {
        this.#unanswered.delete(message);
        this.#open.add(stream);
        const onAbort = () => stream.destroy(abortError(signal));
        signal?.removeEventListener('abort', abort);
        signal?.addEventListener('abort', onAbort, { once: true });
        stream.once('close', () => {
          this.#open.delete(stream);
          signal?.removeEventListener('abort', onAbort);
        });
        // Readers hear of it by their own means; without a listener a late reset would end the process.
        stream.on('error', () => {});
        resolve({ status: response.statusCode ?? 0, headers: response.headers, stream });
      };
      message.on('error', error => {
        signal?.removeEventListener('abort', abort);
        reject(Object.assign(error, { reused: message.reusedSocket }));
      });
      message.on('upgrade', (response, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        answer(response, socket);
      });
      message.on('response', response => {
        // An engine behind a proxy may hijack without saying 101.
        answer(response, hijack && response.statusCode === 200 ? rawConnection(response) : response);
      });
      if (signal?.aborted) abort();
      else if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) message.end(body);
      else pipeline(body, message, error => error && message.destroy(error));
    });
  }

  /** What dockerode calls. */
  dial(options: DialOptions, callback: (error: unknown, data?: unknown) => void): void {
    this.#dial(options).then(
      data => callback(null, data),
      error => callback(error, null),
    );
  }

  async #dial(dial: DialOptions): Promise<unknown> {
    const { _query, _body, abortSignal: _signal, ...plain } = dial.options ?? {};
    const queried = dial.path.endsWith('?');
    const query = queried ? toQuery((_query as Record<string, unknown>) ?? plain) : '';
    const body = dial.method === 'POST' ? (_body ?? (queried ? undefined : plain)) : undefined;
    const request: Request = {
      method: dial.method,
      path: queried ? (query ? dial.path + query : dial.path.slice(0, -1)) : dial.path,
      headers: dial.headers,
      body: dial.file ?? (body === undefined ? undefined : JSON.stringify(body)),
      hijack: dial.hijack,
      signal: dial.abortSignal,
    };
    if (dial.file !== undefined) request.headers = { 'Content-Type': 'application/x-tar', ...dial.headers };
    const answer = await this.open(request);
    if (dial.isStream && dial.statusCodes[answer.status] === true) return answer.stream;
    const text = (await readAll(answer.stream)).toString();
    // Docker says 304 where there is nothing to do; the caller decides what that means.
    if (answer.status === 304) throw new EngineRefusal(304, 'not modified');
    return parseJson(text) ?? text;
  }
}

/** A query string from plain values; objects go in as JSON, what is undefined is left out. */
export function toQuery(values: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue;
    query.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return query.toString();
}

/** Reads a stream to its end; throws when it is cut. */
export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Compares API versions: `1.9` is before `1.41`. */
export function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}

function rawConnection(response: IncomingMessage): Duplex {
  return Duplex.from({ readable: response, writable: response.socket });
}

function reason(body: Buffer): string {
  const text = body.toString();
  const message = (parseJson(text) as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message : text.slice(0, 1000);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

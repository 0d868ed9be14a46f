import http from 'node:http';
import https from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Access } from './access.ts';

export interface ApiRequest {
  method?: string;
  /** Absolute path with its query. */
  path: string;
  headers?: http.OutgoingHttpHeaders;
  body?: string;
  signal?: AbortSignal;
  /** Milliseconds until the answer must be there. */
  limit: number;
  /** Do not use a kept connection, nor keep this one. */
  fresh?: boolean;
}

export interface ApiAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** Milliseconds that a kept connection stays open without anything to do; the API itself would keep it for minutes. */
const IDLE = 30_000;

/** One cluster's API over Node's own HTTPS: small, quick to load, and its calls end when they should. */
export class Api {
  readonly #access: Access;
  readonly #idle: number;
  #kept: http.Agent | undefined;
  #context: SecureContext | undefined;

  /** @param idle milliseconds that a connection is kept without use: whoever asks once need not close anything */
  constructor(access: Access, idle = IDLE) {
    this.#access = access;
    this.#idle = idle;
  }

  /** Sends a request and reads the answer, whatever its status. Throws what Node throws, and on abort an AbortError. */
  async send(request: ApiRequest): Promise<ApiAnswer> {
    const { method = 'GET', path, body, signal, limit, fresh } = request;
    const { server, token } = this.#access;
    const url = new URL(server + path);
    if (!fresh) this.#kept ??= this.#agent(true);
    const agent = fresh ? this.#agent(false) : this.#kept;
    const headers: http.OutgoingHttpHeaders = { accept: 'application/json', ...request.headers };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-length'] = Buffer.byteLength(body);
    const once = () =>
      new Promise<ApiAnswer>((resolve, reject) => {
        const fail = (error: Error) => {
          clearTimeout(timer);
          reject(Object.assign(error, { reused: message.reusedSocket }));
        };
        const answer = (response: http.IncomingMessage) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', fail);
          response.on('end', () => {
            clearTimeout(timer);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
          });
        };
        const module = url.protocol === 'http:' ? http : https;
        // Throws at once for what no header may hold, such as a token of two lines.
        const message = module.request(url, { method, headers, agent, signal }, answer);
        const late = () => message.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
        const timer = setTimeout(late, limit);
        message.on('error', fail);
        message.end(body);
      });
    return once().catch(error => {
      // The other side may have closed a kept connection just now; reading again does no harm.
      if (error.reused && method === 'GET' && !signal?.aborted && error.code !== 'ETIMEDOUT') return once();
      throw error;
    });
  }

  /**
   * Sends a GET whose answer goes on until the other side or the signal ends it, over a connection that nothing else uses
   * meanwhile, and hands over each line of it. Gives the answer when it ended; of one that is no 2xx, with the body and no
   * lines. Throws what Node throws.
   * @param silence milliseconds without a word after which it is given up
   */
  async follow(
    path: string,
    { onOpen, onLine }: { onOpen: () => void; onLine: (line: string) => void },
    silence: number,
    signal: AbortSignal,
  ): Promise<ApiAnswer> {
    signal.throwIfAborted();
    const { server, token } = this.#access;
    const headers: http.OutgoingHttpHeaders = { accept: 'application/json' };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const module = server.startsWith('http:') ? http : https;
    const once = (agent: http.Agent) =>
      new Promise<ApiAnswer>((resolve, reject) => {
        let stale = false;
        const message = module.request(
          new URL(server + path),
          { headers, agent, signal, timeout: silence },
          response => {
            stale = false;
            const { statusCode: status = 0 } = response;
            const chunks: Buffer[] = [];
            const decoder = new TextDecoder();
            let rest = '';
            if (status < 300) onOpen();
            response.on('data', (chunk: Buffer) => {
              if (status >= 300) return void chunks.push(chunk);
              const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
              rest = lines.pop() ?? '';
              try {
                for (const line of lines) if (line !== '') onLine(line);
              } catch (error) {
                reject(error);
                message.destroy();
              }
            });
            response.on('error', reject);
            response.on('end', () => resolve({ status, headers: response.headers, body: Buffer.concat(chunks) }));
          },
        );
        message.on('socket', () => {
          stale = message.reusedSocket;
        });
        message.on('timeout', () => {
          stale = false;
          message.destroy(Object.assign(new Error('silent for long'), { code: 'ETIMEDOUT' }));
        });
        message.on('error', error => reject(Object.assign(error, { stale })));
        message.end();
      });
    // The connection that a list came over is free now: a handshake less.
    this.#kept ??= this.#agent(true);
    return once(this.#kept).catch(error => {
      // The other side may have closed it just now.
      if (error.stale && !signal.aborted) return once(this.#agent(false));
      throw error;
    });
  }

  /** Closes the connections that were kept. */
  close(): void {
    this.#kept?.destroy();
    this.#kept = undefined;
  }

  #agent(keepAlive: boolean): http.Agent {
    const { server, ca, cert, key, verify, serverName } = this.#access;
    // Of an agent with a time limit it is the unused connections that end by it.
    const timeout = keepAlive ? { timeout: this.#idle } : {};
    if (server.startsWith('http:')) return new http.Agent({ keepAlive, ...timeout });
    // Reading the certificates takes milliseconds: once, not at every try of an API that does not answer yet.
    this.#context ??= createSecureContext({ ca, cert, key });
    return new https.Agent({
      keepAlive,
      ...timeout,
      secureContext: this.#context,
      rejectUnauthorized: verify,
      servername: serverName,
    });
  }
}

import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as plain } from 'node:http';
import { Agent as SecureAgent, request as secure } from 'node:https';
import { unreachable } from './errors.ts';
import type { Call, Credentials } from './registry.ts';

/** No answer of a registry that is of interest here is longer. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Milliseconds without a byte; a mirror may first have to ask far away. */
const SILENCE_LIMIT = 30_000;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Ask {
  method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Path and query, or a whole address of the same registry. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Requests to one registry over kept connections, with credentials as soon as it asks for them. */
export class Http {
  readonly url: string;
  readonly #credentials: Credentials | undefined;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #secureAgent = new SecureAgent({ keepAlive: true, maxSockets: 8 });
  #authorization: string | undefined;

  constructor(url: string, credentials?: Credentials) {
    this.url = url.replace(/\/+$/, '');
    this.#credentials = credentials;
  }

  /** The answer, whatever its status. Throws REGISTRY_UNREACHABLE, CANCELLED. */
  async send(ask: Ask, call: Call = {}): Promise<Answer> {
    const answer = await this.#once(ask, call);
    if (answer.status !== 401) return answer;
    const challenge = answer.headers['www-authenticate'] ?? '';
    const authorization = await this.#authorize(challenge, call);
    if (authorization === undefined || authorization === this.#authorization) return answer;
    this.#authorization = authorization;
    return this.#once(ask, call);
  }

  close(): void {
    this.#agent.destroy();
    this.#secureAgent.destroy();
  }

  async #once(ask: Ask, { signal }: Call): Promise<Answer> {
    const address = new URL(ask.path, `${this.url}/`);
    // Credentials go to nobody else, wherever an answer may lead.
    const own = address.origin === new URL(this.url).origin;
    const headers = { ...ask.headers, ...(own && this.#authorization ? { authorization: this.#authorization } : {}) };
    try {
      return await this.#request(address, ask, headers, signal);
    } catch (error) {
      // A kept connection that the registry ended just then.
      if ((error as { code?: string }).code === 'ECONNRESET' && ask.method !== 'POST' && !signal?.aborted) {
        return this.#request(address, ask, headers, signal).catch(again =>
          Promise.reject(unreachable(this.url, again)),
        );
      }
      throw unreachable(this.url, error);
    }
  }

  #request(address: URL, ask: Ask, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<Answer> {
    const { method = 'GET', body } = ask;
    const isSecure = address.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const options = { method, headers, signal, timeout: SILENCE_LIMIT };
      const request = isSecure
        ? secure(address, { ...options, agent: this.#secureAgent })
        : plain(address, { ...options, agent: this.#agent });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${SILENCE_LIMIT / 1000} s`)));
      request.on('error', reject);
      request.on('response', response => readBody(response).then(resolve, reject));
      request.end(body);
    });
  }

  /** The header that answers the challenge. */
  async #authorize(challenge: string, call: Call): Promise<string | undefined> {
    const basic = this.#credentials && `Basic ${encode(this.#credentials)}`;
    if (!/^bearer\s/i.test(challenge)) return basic;
    const realm = tokenAddress(challenge, this.url);
    if (realm === undefined) return undefined;
    const answer = await this.#request(realm, { path: '' }, basic ? { authorization: basic } : {}, call.signal).catch(
      error => Promise.reject(unreachable(realm.origin, error)),
    );
    if (answer.status !== 200) return undefined;
    const { token, access_token: other } = parsed(realm, answer.body);
    return token || other ? `Bearer ${token ?? other}` : undefined;
  }
}

/**
 * Where the registry's challenge says that tokens are given out; undefined when it says nothing of use. Throws
 * REGISTRY_UNREACHABLE when our credentials would go there unencrypted, though not to the registry itself.
 */
export function tokenAddress(challenge: string, registry: string): URL | undefined {
  const parts = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(match => [match[1], match[2]]));
  if (!parts.realm || !URL.canParse(parts.realm)) return undefined;
  const realm = new URL(parts.realm);
  if (realm.protocol !== 'https:' && !registry.startsWith('http:')) {
    throw unreachable(registry, new Error('it gives out tokens over an unencrypted connection'));
  }
  for (const name of ['service', 'scope'] as const) if (parts[name]) realm.searchParams.set(name, parts[name]);
  return realm;
}

function parsed(realm: URL, body: string): { token?: string; access_token?: string } {
  try {
    return (JSON.parse(body) as { token?: string; access_token?: string } | null) ?? {};
  } catch {
    throw unreachable(realm.origin, new Error('its answer is no JSON'));
  }
}

async function readBody(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) {
      response.destroy();
      throw new Error('its answer is too long to be true');
    }
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') };
}

const encode = ({ username, password }: Credentials): string =>
  Buffer.from(`${username}:${password}`).toString('base64');

import type { ImageReference } from '../config/image.ts';
import { isAbort, K3duiError } from '../errors.ts';

/** Most that one page of tags may hold, in bytes; Docker Hub's pages are far smaller. */
const PAGE_LIMIT = 8 << 20;
/** A registry whose pages never end is left there. */
const MOST_PAGES = 200;
const PAGE_MILLISECONDS = 20_000;

/**
 * All tags of a repository, in the registry's order, read without credentials: over HTTPS, or HTTP where the registry
 * is this machine itself, as Docker does it. Asks for a token where the registry wants one, and follows its pages.
 * Throws REGISTRY_UNREACHABLE, REPOSITORY_UNKNOWN. OCI distribution specification, "listing tags"; Docker Registry v2
 * token authentication.
 */
export async function remoteTags(
  image: Pick<ImageReference, 'registry' | 'repository'>,
  signal?: AbortSignal,
): Promise<string[]> {
  const base = baseUrl(image.registry);
  const tags: string[] = [];
  let page: URL | undefined = new URL(`/v2/${image.repository}/tags/list?n=1000`, base);
  let authorization: string | undefined;
  for (let pages = 0; page && pages < MOST_PAGES; pages++) {
    let answer = await get(page, authorization, signal);
    if (answer.status === 401 && authorization === undefined) {
      authorization = await anonymousToken(answer, image.repository, base, signal);
      answer = await get(page, authorization, signal);
    }
    if (answer.status === 404) throw unknown(`${image.registry}/${image.repository}`);
    if (!answer.ok) throw unreachable(base, `it answers ${answer.status}`);
    const { tags: some } = (await json(answer, base)) as { tags?: unknown };
    if (Array.isArray(some)) tags.push(...some.filter(isTag));
    page = nextPage(answer, page);
  }
  return tags;
}

/** Docker Hub answers under another name than it is known by. */
function baseUrl(registry: string): URL {
  const host = registry === 'docker.io' ? 'index.docker.io' : registry;
  const here = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);
  return new URL(`${here ? 'http' : 'https'}://${host}/`);
}

/** What comes after `Link: </v2/…>; rel="next"`, on the same registry only. */
function nextPage(answer: Response, page: URL): URL | undefined {
  const link = /<([^>]*)>\s*;\s*rel="?next"?/.exec(answer.headers.get('link') ?? '')?.[1];
  if (link === undefined || !URL.canParse(link, page.href)) return undefined;
  const next = new URL(link, page);
  return next.host === page.host && next.protocol === page.protocol ? next : undefined;
}

/** A token for whoever asks, from where the registry's challenge says. */
async function anonymousToken(
  answer: Response,
  repository: string,
  base: URL,
  signal: AbortSignal | undefined,
): Promise<string> {
  const challenge = answer.headers.get('www-authenticate') ?? '';
  const field = (name: string) => new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(challenge)?.[1];
  const realm = field('realm');
  if (!/^bearer\b/i.test(challenge) || !realm || !URL.canParse(realm)) {
    throw unreachable(base, 'it wants a user name and a password');
  }
  const url = new URL(realm);
  if (url.protocol !== 'https:' && url.protocol !== base.protocol) {
    throw unreachable(base, 'it gives out tokens over an unencrypted connection');
  }
  const service = field('service');
  if (service) url.searchParams.set('service', service);
  url.searchParams.set('scope', field('scope') ?? `repository:${repository}:pull`);
  const given = await get(url, undefined, signal);
  if (!given.ok) throw unreachable(url, `it gives no token (${given.status})`);
  const { token, access_token } = (await json(given, url)) as { token?: unknown; access_token?: unknown };
  const text = token ?? access_token;
  if (typeof text !== 'string' || /[\r\n]/.test(text)) throw unreachable(url, 'it gives no token');
  return `Bearer ${text}`;
}

async function get(url: URL, authorization: string | undefined, signal: AbortSignal | undefined): Promise<Response> {
  const limit = AbortSignal.timeout(PAGE_MILLISECONDS);
  try {
    return await fetch(url, {
      headers: { accept: 'application/json', ...(authorization && { authorization }) },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (cause) {
    if (signal?.aborted && isAbort(cause)) throw cause;
    const why = limit.aborted ? `no answer within ${PAGE_MILLISECONDS / 1000} seconds` : reason(cause);
    throw unreachable(url, why, cause);
  }
}

async function json(answer: Response, url: URL): Promise<object> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > PAGE_LIMIT) throw unreachable(url, 'its answer is too long');
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw unreachable(url, 'its answer is no JSON');
}

/** A tag in the grammar of image references; anything else a registry says is left out. */
function isTag(value: unknown): value is string {
  return typeof value === 'string' && /^\w[\w.-]{0,127}$/.test(value);
}

/** `fetch failed` says nothing; what is underneath does. */
function reason(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: unknown };
  const under = cause as { message?: string; code?: string } | undefined;
  return under?.message || under?.code || message || 'no connection';
}

function unreachable(url: URL, why: string, cause?: unknown): K3duiError {
  return new K3duiError({
    code: 'REGISTRY_UNREACHABLE',
    message: `the registry at ${url.host} cannot be read: ${why}`,
    hint: 'where there is no way to it, name a copy: --from registry.example.com/rancher/k3s',
    cause,
  });
}

function unknown(repository: string): K3duiError {
  return new K3duiError({
    code: 'REPOSITORY_UNKNOWN',
    message: `there is no repository '${repository}'`,
    hint: 'look at the name after --from',
  });
}

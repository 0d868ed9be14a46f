import { createHash } from 'node:crypto';
import { isMissing, notARegistry, refused } from './errors.ts';
import { type Answer, type Ask, Http } from './http.ts';
import { bytesOf, MANIFEST_TYPES, readConfig, readManifest, sizeOf } from './manifest.ts';
import type { Blob, Call, Credentials, Manifest, PlatformImage, RegistryApi, RepositoryPage } from './registry.ts';

/** Names asked for at once. */
const PAGE = 100;
/** More tags of one repository, and more platforms of one image, no honest registry has. */
const MOST_TAGS = 100_000;
const MOST_PLATFORMS = 100;
const ACCEPT = { accept: MANIFEST_TYPES.join(', ') };
const SCHEMA_2 = 'application/vnd.docker.distribution.manifest.v2+json';
const EMPTY_CONFIG = 'application/vnd.docker.container.image.v1+json';

/** Opens a registry's HTTP API; nothing is asked yet. @param url `http://127.0.0.1:5000` */
export function openRegistry(url: string, credentials?: Credentials): RegistryApi {
  return new Client(new Http(url, credentials));
}

/** In which `v10` follows `v9`. */
const natural = new Intl.Collator('en', { numeric: true });

type WithConfig = PlatformImage & { config?: Blob };

class Client implements RegistryApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  get url(): string {
    return this.#http.url;
  }

  async ping(call?: Call): Promise<void> {
    await this.#ask('answer', { path: '/v2/' }, call);
  }

  async repositories(page: { after?: string; count?: number } = {}, call?: Call): Promise<RepositoryPage> {
    const query = new URLSearchParams({ n: String(page.count ?? PAGE), ...(page.after ? { last: page.after } : {}) });
    const answer = await this.#ask('list its repositories', { path: `/v2/_catalog?${query}` }, call);
    const names = this.#parse(answer.body, text => namesIn(text, 'repositories'));
    const last = nextPage(answer) ? names.at(-1) : undefined;
    // A page that ends where it began would be asked for for ever.
    const next = last === page.after ? undefined : last;
    return { names, ...(next !== undefined && { next }) };
  }

  async tags(repository: string, call?: Call): Promise<string[]> {
    const all = new Set<string>();
    let path: string | undefined = `/v2/${repository}/tags/list?n=${PAGE}`;
    while (path !== undefined) {
      const answer: Answer = await this.#http.send({ path }, call);
      if (answer.status !== 200) {
        if (isMissing(answer)) break;
        throw refused(this.url, `list the tags of ${repository}`, answer);
      }
      const before = all.size;
      for (const tag of this.#parse(answer.body, text => namesIn(text, 'tags'))) all.add(tag);
      // Pages that tell nothing new would go on for ever, others until memory ends.
      path = all.size > before && all.size < MOST_TAGS ? nextPage(answer) : undefined;
    }
    // Registries promise an order of names, and give that of their disk.
    return [...all].sort(natural.compare);
  }

  async digest(repository: string, reference: string, call?: Call): Promise<string | undefined> {
    const path = manifestPath(repository, reference);
    const answer = await this.#http.send({ method: 'HEAD', path, headers: ACCEPT }, call);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refused(this.url, `find ${repository}:${reference}`, answer);
    return headerOf(answer, 'docker-content-digest') ?? (await this.#raw(repository, reference, call))?.digest;
  }

  async manifest(repository: string, reference: string, call?: Call): Promise<Manifest | undefined> {
    const found = await this.#raw(repository, reference, call);
    if (!found) return undefined;
    const { digest, mediaType, text } = found;
    const raw = this.#parse(text, readManifest);
    if (raw.kind !== 'index') {
      const image = await this.#image(repository, digest, '', raw, call);
      const kind = raw.kind === 'image' && raw.artifact ? 'artifact' : 'image';
      return { digest, mediaType, kind, size: sizeOf([image]), images: [image] };
    }
    const images = await Promise.all(
      raw.children.slice(0, MOST_PLATFORMS).map(async child => {
        const inside = await this.#raw(repository, child.digest, call);
        // A mirror has only what was asked of it.
        if (!inside) return { platform: child.platform, digest: child.digest, size: undefined, layers: [] };
        const read = this.#parse(inside.text, readManifest);
        if (read.kind === 'index')
          return { platform: child.platform, digest: child.digest, size: undefined, layers: [] };
        return this.#image(repository, child.digest, child.platform, read, call);
      }),
    );
    const known = images.filter(image => image.size !== undefined);
    return { digest, mediaType, kind: 'index', size: known.length > 0 ? sizeOf(known) : undefined, images };
  }

  async deleteTag(repository: string, tag: string, call?: Call): Promise<void> {
    const digest = await this.digest(repository, tag, call);
    if (digest === undefined) return;
    const doing = `delete ${repository}:${tag}`;
    const others = (await this.tags(repository, call)).filter(other => other !== tag);
    const same = await anyOf(others, async other => (await this.digest(repository, other, call)) === digest);
    // Deleting a manifest takes all its tags along, so a tag that is not alone is first led elsewhere.
    const doomed = same ? await this.#leadElsewhere(repository, tag, doing, call) : digest;
    const path = manifestPath(repository, doomed);
    const answer = await this.#http.send({ method: 'DELETE', path }, call);
    if (answer.status >= 300 && !isMissing(answer)) throw refused(this.url, doing, answer);
  }

  close(): void {
    this.#http.close();
  }

  /** Gives the tag an empty image of its own. Gives that image's digest. */
  async #leadElsewhere(repository: string, tag: string, doing: string, call?: Call): Promise<string> {
    const config = JSON.stringify({
      architecture: 'none',
      os: 'none',
      comment: `${tag} is being deleted ${Date.now()}`,
    });
    const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
    const begun = await this.#ask(doing, { method: 'POST', path: `/v2/${repository}/blobs/uploads/`, body: '' }, call);
    const where = new URL(headerOf(begun, 'location') ?? '', `${this.url}/`);
    where.searchParams.set('digest', digest);
    await this.#ask(
      doing,
      {
        method: 'PUT',
        // The registry may name itself as others reach it.
        path: where.pathname + where.search,
        headers: { 'content-type': 'application/octet-stream' },
        body: config,
      },
      call,
    );
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: SCHEMA_2,
      config: { mediaType: EMPTY_CONFIG, size: Buffer.byteLength(config), digest },
      layers: [],
    });
    const put = { method: 'PUT' as const, path: manifestPath(repository, tag), headers: { 'content-type': SCHEMA_2 } };
    const answer = await this.#ask(doing, { ...put, body: manifest }, call);
    return headerOf(answer, 'docker-content-digest') ?? `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
  }

  async #image(
    repository: string,
    digest: string,
    platform: string,
    raw: Exclude<ReturnType<typeof readManifest>, { kind: 'index' }>,
    call?: Call,
  ): Promise<WithConfig> {
    const { layers } = raw;
    if (raw.kind === 'schema1') {
      const { architecture, created } = raw;
      return { platform: `linux/${architecture}`, digest, size: undefined, layers, created };
    }
    const { config, artifact } = raw;
    const size = bytesOf([...layers, config]);
    if (artifact) return { platform, digest, size, layers, config };
    const answer = await this.#http.send({ path: `/v2/${repository}/blobs/${config.digest}` }, call);
    const read = answer.status === 200 ? readConfig(answer.body) : { platform: '', created: undefined };
    return { platform: platform || read.platform, digest, size, layers, config, created: read.created };
  }

  async #raw(
    repository: string,
    reference: string,
    call?: Call,
  ): Promise<{ digest: string; mediaType: string; text: string } | undefined> {
    const answer = await this.#http.send({ path: manifestPath(repository, reference), headers: ACCEPT }, call);
    if (isMissing(answer)) return undefined;
    if (answer.status !== 200) throw refused(this.url, `show ${repository}:${reference}`, answer);
    const digest =
      headerOf(answer, 'docker-content-digest') ?? `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
    return { digest, mediaType: (headerOf(answer, 'content-type') ?? '').split(';')[0]!, text: answer.body };
  }

  /** What an answer holds. Throws REGISTRY_REFUSED for what no registry would say. */
  #parse<T>(body: string, read: (text: string) => T = text => JSON.parse(text) as T): T {
    try {
      return read(body);
    } catch (cause) {
      throw notARegistry(this.url, cause);
    }
  }

  /** An answer with a status that says yes. */
  async #ask(doing: string, ask: Ask, call?: Call): Promise<Answer> {
    const answer = await this.#http.send(ask, call);
    if (answer.status >= 300) throw refused(this.url, doing, answer);
    return answer;
  }
}

function manifestPath(repository: string, reference: string): string {
  return `/v2/${repository}/manifests/${reference}`;
}

/** Path of the next page, from `Link: </v2/_catalog?last=x&n=100>; rel="next"`. */
function nextPage(answer: Answer): string | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headerOf(answer, 'link') ?? '')?.[1];
  if (link === undefined || !URL.canParse(link, 'http://registry')) return undefined;
  const { pathname, search } = new URL(link, 'http://registry');
  // Two slashes in front would lead to another host.
  return pathname.replace(/^\/+/, '/') + search;
}

/** The names under that key; none where it is null or missing. Throws where it is anything but a list of names. */
function namesIn(body: string, key: 'repositories' | 'tags'): string[] {
  const names = (JSON.parse(body) as Record<string, unknown> | null)?.[key] ?? [];
  if (!Array.isArray(names) || names.some(name => typeof name !== 'string'))
    throw new Error(`${key} is no list of names`);
  return names;
}

function headerOf({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Whether one of them is so; asks a few at a time, and no more once one is. */
async function anyOf<T>(items: readonly T[], question: (item: T) => Promise<boolean>): Promise<boolean> {
  const AT_ONCE = 8;
  for (let i = 0; i < items.length; i += AT_ONCE) {
    if ((await Promise.all(items.slice(i, i + AT_ONCE).map(question))).some(Boolean)) return true;
  }
  return false;
}

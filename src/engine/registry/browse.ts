import { toK3duiError } from '../../errors.ts';
import { openRegistry } from '../../registry/client.ts';
import type { Call, Manifest } from '../../registry/registry.ts';

export interface RepositoryRow {
  repository: string;
  /** In the registry's order; none when the last was deleted. */
  tags: string[];
}

export interface TagRow {
  repository: string;
  tag: string;
  /** undefined: not read yet, or gone meanwhile. */
  manifest?: Manifest;
  /** Why it could not be read. */
  error?: string;
}

/** Questions asked of a registry at once. */
const AT_ONCE = 8;

/** What is in a registry. Each method throws what the registry's API throws; close it after use. */
export class RegistryBrowser {
  readonly #api: ReturnType<typeof openRegistry>;

  /** @param url as `requireUrl` gives it */
  constructor(url: string) {
    this.#api = openRegistry(url);
  }

  /** All repositories with their tags, a page at a time. */
  async *repositories(call: Call = {}): AsyncGenerator<RepositoryRow[]> {
    const begun = new Set<string>();
    let after: string | undefined;
    for (;;) {
      const page = await this.#api.repositories({ after }, call);
      yield await inTurns(page.names, async repository => ({
        repository,
        tags: await this.#api.tags(repository, call),
      }));
      after = page.next;
      // A registry that goes round in circles has told everything.
      if (after === undefined || begun.has(after)) return;
      begun.add(after);
    }
  }

  tags(repository: string, call: Call = {}): Promise<string[]> {
    return this.#api.tags(repository, call);
  }

  /** What these tags stand for, some at a time, in order; one that cannot be read says why. */
  async *manifests(repository: string, tags: readonly string[], call: Call = {}): AsyncGenerator<TagRow[]> {
    for (let i = 0; i < tags.length; i += AT_ONCE) {
      yield await Promise.all(
        tags.slice(i, i + AT_ONCE).map(async (tag): Promise<TagRow> => {
          try {
            const manifest = await this.#api.manifest(repository, tag, call);
            return { repository, tag, ...(manifest && { manifest }) };
          } catch (error) {
            call.signal?.throwIfAborted();
            return { repository, tag, error: toK3duiError(error).message };
          }
        }),
      );
    }
  }

  close(): void {
    this.#api.close();
  }
}

async function inTurns<From, To>(items: readonly From[], work: (item: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(work))));
  }
  return results;
}

/** `linux/amd64, linux/arm64`; of an artifact that it is no image. */
export function platformsText({ kind, images }: Manifest): string {
  if (kind === 'artifact') return 'no image';
  return [...new Set(images.map(({ platform }) => platform))].filter(platform => platform !== '').join(', ');
}

/** Unix time in seconds of the newest of its images; undefined when none tells. */
export function createdOf({ images }: Manifest): number | undefined {
  const times = images.flatMap(({ created }) => (created === undefined ? [] : [created]));
  return times.length > 0 ? Math.max(...times) : undefined;
}

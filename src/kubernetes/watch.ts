import { setTimeout as sleep } from 'node:timers/promises';
import { type K3duiError, toK3duiError } from '../errors.ts';
import type { Api } from './api.ts';
import { mapKubernetesError, refused } from './errors.ts';

/** An object as the API sends it. */
export interface RawObject {
  metadata?: { name?: string; namespace?: string; resourceVersion?: string; [other: string]: unknown };
  [field: string]: unknown;
}

/** One kind of object to follow. */
export interface Watched {
  /** For messages: `Services`. */
  what: string;
  /** Below which all of them are listed, newest version first; the first that the cluster serves is taken. */
  paths: readonly string[];
  labelSelector?: string;
}

export interface WatchHandlers {
  /** All there are: at the beginning, and whenever what happened meanwhile can no longer be learnt. */
  listed(objects: readonly RawObject[]): void;
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: RawObject): void;
  /** It is followed from now on, for the first time or again. */
  following(): void;
  /** It cannot be followed now; it is tried again. */
  failed(error: K3duiError): void;
}

/** Milliseconds. */
const LIST_LIMIT = 15_000;
/** The API ends a watch after this many seconds; one that is silent for longer than that is dead. */
const WATCH_SECONDS = 240;
const SILENCE = 300_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
/** A kind that the cluster does not know may come with what somebody installs. */
const UNKNOWN_PAUSE = 60_000;

/** The place in the stream is too old to go on from. */
class Expired extends Error {}

/**
 * Lists all objects of a kind, then follows their changes until the signal ends it; goes on where it was after a lost
 * connection, and lists anew where that is no longer possible. A kind that the cluster does not serve is an empty list.
 * Never throws.
 */
export async function watchAll(
  api: Api,
  server: string,
  watched: Watched,
  handlers: WatchHandlers,
  signal: AbortSignal,
) {
  const doing = `follow the ${watched.what}`;
  let pause = FIRST_PAUSE;
  let place: { path: string; version: string } | undefined;
  while (!signal.aborted) {
    try {
      place ??= await list(api, watched, handlers, signal);
      if (place === undefined) {
        await wait(UNKNOWN_PAUSE, signal);
        continue;
      }
      const began = performance.now();
      await follow(api, watched, place, handlers, signal);
      // It ended as it should: at once again, from where it was; but not over and over.
      if (performance.now() - began < FIRST_PAUSE) await wait(FIRST_PAUSE, signal);
      pause = FIRST_PAUSE;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Expired) {
        place = undefined;
        continue;
      }
      handlers.failed(toK3duiError(mapKubernetesError(error, doing, server, signal)));
      await wait(pause, signal);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  }
}

const wait = (milliseconds: number, signal: AbortSignal) => sleep(milliseconds, undefined, { signal }).catch(() => {});

async function list(api: Api, { what, paths, labelSelector }: Watched, handlers: WatchHandlers, signal: AbortSignal) {
  const query = labelSelector === undefined ? '' : `?labelSelector=${encodeURIComponent(labelSelector)}`;
  for (const path of paths) {
    const answer = await api.send({ path: path + query, signal, limit: LIST_LIMIT });
    if (answer.status === 404) continue;
    if (answer.status >= 300) throw refused(answer, `list the ${what}`);
    const { metadata, items } = JSON.parse(answer.body.toString()) as RawObject & { items?: RawObject[] };
    if (signal.aborted) return undefined;
    handlers.listed(items ?? []);
    return { path, version: metadata?.resourceVersion ?? '' };
  }
  handlers.listed([]);
  return undefined;
}

/** Follows one stream to its end; moves the place on with each event. Throws Expired. */
async function follow(
  api: Api,
  { what, labelSelector }: Watched,
  place: { path: string; version: string },
  handlers: WatchHandlers,
  signal: AbortSignal,
): Promise<void> {
  const query = new URLSearchParams({
    watch: '1',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(WATCH_SECONDS),
    resourceVersion: place.version,
    ...(labelSelector === undefined ? {} : { labelSelector }),
  });
  let expired = false;
  const onLine = (line: string) => {
    const { type, object } = JSON.parse(line) as { type?: string; object?: RawObject };
    if (type === 'ERROR') {
      expired = true;
      return;
    }
    if (object === undefined || signal.aborted || expired) return;
    place.version = object.metadata?.resourceVersion ?? place.version;
    if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') handlers.changed(type, object);
  };
  const answer = await api.follow(
    `${place.path}?${query}`,
    { onOpen: () => handlers.following(), onLine },
    SILENCE,
    signal,
  );
  if (expired || answer.status === 410) throw new Expired();
  if (answer.status >= 300) throw refused(answer, `follow the ${what}`);
}

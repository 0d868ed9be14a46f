import { createHash } from 'node:crypto';
import { digest as digestOf } from '../ids.ts';
import type { Container } from '../types.ts';

export const SCHEMA_2 = 'application/vnd.docker.distribution.manifest.v2+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** What is to be put into a registry: an image as it would be after a push. */
export interface PushedImage {
  platforms: string[];
  /** Bytes of all layers, compressed. */
  size: number;
  /** Unix milliseconds. */
  created: number;
  /** What tells images apart that have the same name. */
  salt: string;
}

/** What a registry holds, by digest; layers are sizes only. Lives as long as the container does. */
export class RegistryStore {
  /** Repository → tag → digest of the manifest. */
  readonly repositories = new Map<string, Map<string, string>>();
  /** `REPOSITORY DIGEST` → manifest. */
  readonly manifests = new Map<string, { type: string; text: string }>();
  /** Bytes of each blob, and its text where it is a configuration. */
  readonly blobs = new Map<string, { size: number; text?: string }>();

  /** Puts an image in under a tag; gives its digest. */
  push(repository: string, tag: string, { platforms, size, created, salt }: PushedImage): string {
    const children = platforms.map((platform, i) => {
      const [os = 'linux', architecture = 'amd64', variant] = platform.split('/');
      const shares = [0.7, 0.25, 0.05].map((share, layer): Descriptor => {
        const name = digestOf(`layer ${layer} ${layer === 0 ? platform : `${salt} ${platform}`}`);
        const bytes = Math.round(size * share);
        this.blobs.set(name, { size: bytes });
        return { mediaType: LAYER, digest: name, size: bytes };
      });
      const config = this.#text(
        JSON.stringify({ os, architecture, variant, created: new Date(created + i).toISOString(), salt }),
      );
      const manifest = {
        schemaVersion: 2,
        mediaType: SCHEMA_2,
        config: { mediaType: CONFIG, ...config },
        layers: shares,
      };
      const text = JSON.stringify(manifest);
      return { platform: { os, architecture, variant }, ...this.put(repository, undefined, SCHEMA_2, text) };
    });
    const [only] = children;
    if (children.length === 1 && only) {
      this.#tag(repository, tag, only.digest);
      return only.digest;
    }
    const manifests = children.map(({ platform, digest, size: bytes }) => {
      return { mediaType: SCHEMA_2, digest, size: bytes, platform };
    });
    return this.put(repository, tag, INDEX, JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests })).digest;
  }

  /** Keeps a manifest as it comes. */
  put(repository: string, tag: string | undefined, type: string, text: string): { digest: string; size: number } {
    const digest = sha256(text);
    this.manifests.set(`${repository} ${digest}`, { type, text });
    if (!this.repositories.has(repository)) this.repositories.set(repository, new Map());
    if (tag !== undefined) this.#tag(repository, tag, digest);
    return { digest, size: Buffer.byteLength(text) };
  }

  /** By tag or digest. */
  manifest(repository: string, reference: string): { digest: string; type: string; text: string } | undefined {
    const digest = reference.includes(':') ? reference : this.repositories.get(repository)?.get(reference);
    const found = digest && this.manifests.get(`${repository} ${digest}`);
    return found ? { digest: digest!, ...found } : undefined;
  }

  /** Removes a manifest with all its tags; false when there is none. */
  remove(repository: string, digest: string): boolean {
    const tags = this.repositories.get(repository) ?? new Map<string, string>();
    for (const [tag, of] of [...tags]) if (of === digest) tags.delete(tag);
    return this.manifests.delete(`${repository} ${digest}`);
  }

  addBlob(body: string): string {
    return this.#text(body).digest;
  }

  /** Drops what nothing leads to; gives how many blobs and manifests there were of it. */
  collect(untagged: boolean): { marked: number; blobs: number; manifests: number } {
    const live = new Set<string>();
    const follow = (repository: string, digest: string): void => {
      const found = this.manifests.get(`${repository} ${digest}`);
      if (!found || live.has(`${repository} ${digest}`)) return;
      live.add(`${repository} ${digest}`);
      const {
        config,
        layers = [],
        manifests = [],
      } = JSON.parse(found.text) as {
        config?: Descriptor;
        layers?: Descriptor[];
        manifests?: Descriptor[];
      };
      for (const blob of [...layers, ...(config ? [config] : [])]) live.add(blob.digest);
      for (const child of manifests) follow(repository, child.digest);
    };
    for (const [repository, tags] of this.repositories) for (const digest of tags.values()) follow(repository, digest);
    if (!untagged) for (const key of this.manifests.keys()) follow(...(key.split(' ') as [string, string]));
    const deadManifests = [...this.manifests.keys()].filter(key => !live.has(key));
    const deadBlobs = [...this.blobs.keys()].filter(digest => !live.has(digest));
    for (const key of deadManifests) this.manifests.delete(key);
    for (const digest of deadBlobs) this.blobs.delete(digest);
    return { marked: live.size, blobs: deadBlobs.length, manifests: deadManifests.length };
  }

  #tag(repository: string, tag: string, digest: string): void {
    this.repositories.get(repository)?.set(tag, digest);
  }

  #text(text: string): { digest: string; size: number } {
    const digest = sha256(text);
    this.blobs.set(digest, { size: Buffer.byteLength(text), text });
    return { digest, size: Buffer.byteLength(text) };
  }
}

/** The store of a registry's container. */
export function storeOf({ memory }: Pick<Container, 'memory'>): RegistryStore {
  const known = memory.get('registry') as RegistryStore | undefined;
  const store = known ?? new RegistryStore();
  memory.set('registry', store);
  return store;
}

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

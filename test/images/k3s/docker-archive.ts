import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { fullName, type Image } from './image-store.ts';

interface ManifestEntry {
  Config: string;
  RepoTags: string[] | null;
  Layers: string[];
}

const digest = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Blobs larger than this are only measured, not kept: they are layers. */
const keepBelow = 4 * 1024 * 1024;

/**
 * Reads what `docker save` writes: images with names, ids and sizes. Layers pass through unkept.
 * @throws Error when the stream is no tar or no image archive, in containerd's words.
 */
export async function readArchive(input: Readable): Promise<Image[]> {
  const sizes = new Map<string, number>();
  const kept = new Map<string, Buffer>();
  const tar = extract();
  input.on('error', cause => tar.destroy(cause));
  input.pipe(tar);
  try {
    for await (const entry of tar) {
      const { name, size = 0, type } = entry.header;
      if (type !== 'file') {
        entry.resume();
        continue;
      }
      sizes.set(name, size);
      if (size > keepBelow) {
        entry.resume();
        continue;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      kept.set(name, Buffer.concat(chunks));
    }
  } catch (cause) {
    throw new Error(`ctr: archive/tar: invalid tar header (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  const manifest = kept.get('manifest.json');
  if (!manifest) throw new Error('ctr: unrecognized image format');
  return (JSON.parse(manifest.toString('utf8')) as ManifestEntry[]).map(entry => {
    const config = kept.get(entry.Config);
    if (!config) throw new Error(`ctr: content of ${entry.Config} not found in the archive`);
    const layers = entry.Layers.reduce((sum, layer) => sum + (sizes.get(layer) ?? 0), 0);
    const target = digest(Buffer.from(JSON.stringify(entry)));
    return {
      id: digest(config),
      repoTags: (entry.RepoTags ?? []).map(fullName),
      repoDigests: [],
      size: layers + config.length,
      target,
    };
  });
}

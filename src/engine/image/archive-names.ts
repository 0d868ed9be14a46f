import { type FileHandle, open } from 'node:fs/promises';
import { ArchiveContents } from './archive.ts';
import { compressionOf } from './source.ts';
import { TarReader, type TarSource } from './tar.ts';

/** Larger files in an archive are layers; manifests and configurations are not. */
const LARGEST = 4 * 1024 * 1024;
/** What is read at once: the headers of small files and what is in them. */
const PIECE = 64 * 1024;

/** A file that is read where somebody looks; the rest is passed over. */
class Looked implements TarSource {
  readonly #file: FileHandle;
  #at = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(PIECE), 0, PIECE, this.#at);
      if (bytesRead === 0) return;
      this.#at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

/**
 * The names of the images in an archive, without reading its layers: they are read once, when they are imported.
 * undefined where that cannot be told before: the archive is compressed, or broken, which the import will say.
 */
export async function archiveNames(path: string): Promise<string[] | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead < 4 || compressionOf(buffer) !== 'none') return undefined;
    const contents = new ArchiveContents(path);
    const tar = new TarReader(new Looked(file), path);
    for (let entry = await tar.next(); entry !== undefined; entry = await tar.next()) {
      if (entry.type === 'link') contents.link(entry.name, entry.target);
      if (entry.type !== 'file') continue;
      if (await isLayer(tar, entry.size)) {
        contents.layers.set(entry.name, { as: '', size: entry.size, digest: '', compression: 'none' });
        continue;
      }
      contents.files.set(entry.name, await whole(tar));
    }
    return [...new Set(contents.images().flatMap(({ names }) => names))];
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** By its size; one of middling size by whether it begins as JSON does. */
async function isLayer(tar: TarReader, size: number): Promise<boolean> {
  return size > LARGEST || (size > PIECE && !/[[{]/.test(String.fromCharCode((await tar.peek()) ?? 0)));
}

async function whole(tar: TarReader): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of tar.body()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

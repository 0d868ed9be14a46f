import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import type { ContainerFile, DatedFile } from './docker.ts';
import { readAll } from './modem.ts';

/** One archive with all files, to be unpacked at `/`; the engine makes missing folders (root, 0755). */
export async function packFiles(files: ContainerFile[], now = new Date()): Promise<Buffer> {
  const archive = pack();
  for (const file of files) {
    // No entries for the folders: they would change mode and owner of those that exist.
    const name = posix.normalize(file.path).replace(/^\/+/, '');
    archive.entry({ name, mode: file.mode, mtime: now, uid: 0, gid: 0 }, Buffer.from(file.content));
  }
  archive.finalize();
  return readAll(archive as unknown as Readable);
}

export type ArchivedPath =
  | ({ type: 'file' } & DatedFile)
  | { type: 'link'; target: string }
  | { type: 'other'; kind: string };

/** What the first entry of an archive is; undefined when the archive is empty. Throws when the stream is cut. */
export async function unpackFirst(stream: Readable): Promise<ArchivedPath | undefined> {
  const entries = extract();
  stream.once('error', error => entries.destroy(error));
  stream.pipe(entries);
  try {
    for await (const entry of entries) {
      const { type, linkname, mtime: written } = entry.header;
      if (type === 'symlink' || type === 'link') return { type: 'link', target: linkname ?? '' };
      if (type !== 'file' && type !== 'contiguous-file') return { type: 'other', kind: type ?? 'unknown' };
      return { type: 'file', content: await readAll(entry as unknown as Readable), written };
    }
    return undefined;
  } finally {
    stream.destroy();
  }
}

/** Where a symbolic link in a container leads. */
export function linkTarget(path: string, target: string): string {
  return posix.resolve(posix.dirname(path), target);
}

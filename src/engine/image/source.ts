import { createReadStream } from 'node:fs';
import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Docker } from '../../docker/docker.ts';
import { K3duiError } from '../../errors.ts';

/** Where images come from. Plain data, for plans. */
export type ImageSource =
  /** From Docker's own store, all in one stream. */
  { from: 'docker'; images: string[] } | { from: 'file'; path: string } | { from: 'stdin' };

/** How errors call it. */
export function describeSource(source: ImageSource): string {
  if (source.from === 'file') return source.path;
  if (source.from === 'stdin') return 'standard input';
  return source.images.length === 1 ? `the archive of ${source.images[0]}` : "Docker's archive";
}

/** The archive's bytes, unpacked when it is compressed. `stdin`: what standard input is, where there is one. */
export async function* openSource(
  source: ImageSource,
  docker: Docker,
  stdin: AsyncIterable<Buffer> | undefined,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  if (source.from === 'docker') {
    yield* docker.saveImages(source.images, { signal });
    return;
  }
  if (source.from === 'stdin' && stdin === undefined) {
    throw new K3duiError({ code: 'NO_STDIN', message: 'there is no standard input to read from here' });
  }
  const raw = source.from === 'stdin' ? stdin! : fileBytes(source.path, signal);
  yield* unpacked(raw, describeSource(source));
}

async function* fileBytes(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024, signal })) yield piece as Buffer;
  } catch (cause) {
    signal.throwIfAborted();
    const { message } = cause as Error;
    throw new K3duiError({ code: 'FILE_UNREADABLE', message: `cannot read ${path}: ${message}`, cause });
  }
}

/** The same bytes, or what they unpack to when they begin as gzip or zstd do. */
async function* unpacked(raw: AsyncIterable<Buffer>, what: string): AsyncGenerator<Buffer> {
  const pieces = raw[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done) return;
  const whole = (async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => pieces };
  })();
  const compression = compressionOf(first.value);
  if (compression === 'none') {
    yield* whole;
    return;
  }
  const decompress = decompressor(compression, what);
  pipeline(Readable.from(whole), decompress, () => {});
  try {
    for await (const piece of decompress) yield piece as Buffer;
  } catch (cause) {
    throw new K3duiError({
      code: 'ARCHIVE_CUT',
      message: `${what} cannot be unpacked: ${(cause as Error).message}`,
      hint: 'it is damaged or cut short: write it again',
      cause,
    });
  }
}

/** How bytes are compressed, by what they begin with. */
export function compressionOf(bytes: Buffer): 'none' | 'gzip' | 'zstd' {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  return bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : 'none';
}

function decompressor(compression: 'gzip' | 'zstd', what: string): Transform {
  if (compression === 'gzip') return zlib.createGunzip();
  // Node knows zstd from 22.15 on.
  if (typeof zlib.createZstdDecompress === 'function') return zlib.createZstdDecompress();
  throw new K3duiError({
    code: 'ARCHIVE_INVALID',
    message: `${what} is compressed with zstd, which Node ${process.version} cannot unpack`,
    hint: `unpack it first: zstd -d ${what}`,
  });
}

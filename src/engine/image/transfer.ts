import { createHash } from 'node:crypto';
import { isLatest, withTag } from '../../config/image.ts';
import type { Docker } from '../../docker/docker.ts';
import { unlessAborted } from '../../docker/signals.ts';
import { K3duiError, toK3duiError } from '../../errors.ts';
import { ArchiveContents, type ArchivedLayer, digestOf } from './archive.ts';
import { readStoredLayers, type StoredLayer } from './content.ts';
import { digestInName, LayerNames } from './layer-names.ts';
import { layoutEnd, type NamedImage, tarFile } from './layout.ts';
import { NodeSink } from './sink.ts';
import { compressionOf, describeSource, type ImageSource, openSource } from './source.ts';
import { TAR_END, type TarEntry, TarReader, tarHeader, tarPadding } from './tar.ts';
import { youngGarbage } from './young-garbage.ts';

/** What is to go where. Plain data, for plans. */
export interface TransferRequest {
  source: ImageSource;
  /** Containers of the nodes. */
  nodes: string[];
  /** Names that images get instead of their own, both in full. */
  rename: Record<string, string>;
  /** Images called `:latest` get this tag instead, whichever they turn out to be. */
  retag?: string;
  /** Of each image that Docker is asked for: digests of its layers, lowest first. */
  layers: string[][];
  /** At once, instead of when a container first needs it. */
  unpack?: boolean;
}

/** What a node got. */
export interface Received {
  /** Name in full → id. */
  images: Map<string, string>;
  /** Bytes. */
  sent: number;
  /** Bytes of layers that it had already. */
  known: number;
}

export interface TransferOptions {
  stdin?: AsyncIterable<Buffer>;
  /** Told for each node how many bytes of its share are dealt with. */
  onProgress?: (node: string, bytes: number) => void;
  /** Milliseconds that a node may take nothing before it is given up. */
  stallLimit?: number;
}

/** Files up to this size are kept until it is known what they are; above `MANIFEST_LIMIT` nothing is a manifest. */
const SMALL = 64 * 1024;
const MANIFEST_LIMIT = 4 * 1024 * 1024;
/** Small files in one archive, in bytes: some hundred images. */
const KEPT_LIMIT = 64 * 1024 * 1024;
const STALL_LIMIT = 60_000;

/** A layer was taken for another that the node has; its name could not tell them apart. */
class Misjudged extends Error {}

/** One node's side of a transfer. */
class Receiver {
  readonly sink: NodeSink;
  readonly stored: Map<string, StoredLayer>;
  /** Files not sent because the node has what is in them. */
  readonly skipped = new Set<string>();
  known = 0;
  stalled = false;

  constructor(sink: NodeSink, stored: Map<string, StoredLayer>) {
    this.sink = sink;
    this.stored = stored;
  }

  /** Whether it has what this file is, whichever of the candidates that be. */
  has(candidates: string[]): boolean {
    return candidates.length > 0 && candidates.every(digest => this.stored.has(digest));
  }
}

/**
 * Streams images into the containerd of several nodes: the source is read once, each piece goes to all nodes that need it
 * as fast as the slowest takes it, nothing is put on a disk in between. A node that fails does not stop the others.
 * @returns for each node what it got, or why not
 * Throws when the source fails: ARCHIVE_INVALID, ARCHIVE_CUT, ARCHIVE_NO_IMAGE, NOT_FOUND; and CANCELLED. No import is
 * left running then.
 */
export async function transferImages(
  docker: Docker,
  request: TransferRequest,
  signal: AbortSignal,
  options: TransferOptions = {},
): Promise<Map<string, Received | K3duiError>> {
  try {
    return await attempt(docker, request, signal, options, true);
  } catch (error) {
    if (!(error instanceof Misjudged)) throw error;
    return attempt(docker, request, signal, options, false);
  }
}

async function attempt(
  docker: Docker,
  request: TransferRequest,
  signal: AbortSignal,
  options: TransferOptions,
  skipKnown: boolean,
): Promise<Map<string, Received | K3duiError>> {
  const results = new Map<string, Received | K3duiError>();
  const receivers = await openReceivers(docker, request, results, signal, skipKnown);
  const pulse = setInterval(() => {
    for (const receiver of receivers) {
      const { waitingSince } = receiver.sink;
      if (waitingSince === undefined || Date.now() - waitingSince < (options.stallLimit ?? STALL_LIMIT)) continue;
      receiver.stalled = true;
      void receiver.sink.abandon();
    }
  }, 500);
  const unfinished = new Set(receivers);
  try {
    signal.throwIfAborted();
    if (receivers.length === 0) return results;
    const contents = await stream(docker, request, receivers, signal, options);
    const images = contents ? named(contents, request) : [];
    const ends = contents && receivers.map(receiver => endFor(receiver, contents, images));
    const finish = async (receiver: Receiver, end: Buffer | undefined): Promise<void> => {
      if (end) await receiver.sink.write(end);
      await receiver.sink.finish();
      unfinished.delete(receiver);
    };
    await Promise.all(
      receivers.map(async (receiver, i) => {
        const { sink, known } = receiver;
        try {
          await unlessAborted(finish(receiver, ends?.[i]), signal);
          const ids = images.flatMap(({ image, names }) => names.map(name => [name, digestOf(image.config)] as const));
          results.set(sink.node, { images: new Map(ids), sent: sink.sent, known });
        } catch (error) {
          if (signal.aborted) return;
          unfinished.delete(receiver);
          results.set(sink.node, receiver.stalled ? stalled(sink.node) : toK3duiError(error));
        }
      }),
    );
    signal.throwIfAborted();
    return results;
  } finally {
    clearInterval(pulse);
    await Promise.all([...unfinished].map(({ sink }) => sink.abandon()));
  }
}

async function openReceivers(
  docker: Docker,
  { nodes, unpack = false }: TransferRequest,
  results: Map<string, K3duiError | Received>,
  signal: AbortSignal,
  skipKnown: boolean,
): Promise<Receiver[]> {
  const opened = await Promise.all(
    nodes.map(async node => {
      try {
        const stored = skipKnown ? await readStoredLayers(docker, node, { signal }) : new Map();
        return new Receiver(await NodeSink.open(docker, node, unpack), stored);
      } catch (error) {
        results.set(node, toK3duiError(error));
        return undefined;
      }
    }),
  );
  return opened.filter(receiver => receiver !== undefined);
}

/**
 * Reads the source to its end and hands the layers on.
 * @returns what was in it; undefined where every node had ended before: what they failed with is told then, not what an
 *   archive half read would lack
 */
async function stream(
  docker: Docker,
  request: TransferRequest,
  receivers: Receiver[],
  signal: AbortSignal,
  options: TransferOptions,
): Promise<ArchiveContents | undefined> {
  const what = describeSource(request.source);
  const contents = new ArchiveContents(what);
  const names = new LayerNames(request.layers);
  const ended = new AbortController();
  const source = openSource(request.source, docker, options.stdin, AbortSignal.any([signal, ended.signal]));
  const tar = new TarReader(source, what);
  let kept = 0;
  const passed = youngGarbage();
  const progress = (bytes: number): void => {
    passed(bytes);
    for (const { sink, known } of receivers) options.onProgress?.(sink.node, sink.sent + known);
  };
  try {
    for (let entry = await tar.next(); entry !== undefined; entry = await tar.next()) {
      signal.throwIfAborted();
      if (receivers.every(({ sink }) => sink.over)) return undefined;
      if (entry.type === 'link') contents.link(entry.name, entry.target);
      if (entry.type !== 'file') continue;
      const pieces = tar.body();
      const { value: first = Buffer.alloc(0) } = await pieces.next();
      const looksLikeJson = first[0] === 0x7b || first[0] === 0x5b;
      if (entry.size <= SMALL || (entry.size <= MANIFEST_LIMIT && looksLikeJson)) {
        kept += entry.size;
        if (kept > KEPT_LIMIT) throw tooManyFiles(what);
        contents.files.set(entry.name, await collect(first, pieces));
        continue;
      }
      const targets = receivers.filter(receiver => {
        if (!receiver.has(names.candidates(entry!.name))) return true;
        receiver.skipped.add(entry!.name);
        receiver.known += entry!.size;
        return false;
      });
      const as = String(contents.layers.size);
      contents.layers.set(entry.name, await passOn(entry, as, first, pieces, targets, signal, progress));
      progress(0);
    }
    if (receivers.every(({ sink }) => sink.over)) return undefined;
    await tar.drain();
    return contents;
  } finally {
    ended.abort();
    tar.close();
  }
}

/** Sends one layer to the nodes that need it; `as`: what its file is called there. */
async function passOn(
  entry: TarEntry,
  as: string,
  first: Buffer,
  rest: AsyncGenerator<Buffer>,
  targets: Receiver[],
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<ArchivedLayer> {
  const compression = compressionOf(first);
  const hash = createHash('sha256');
  const send = async (piece: Buffer): Promise<void> => {
    await unlessAborted(Promise.all(targets.map(({ sink }) => sink.write(piece))), signal);
  };
  await send(tarHeader(as, entry.size));
  hash.update(first);
  await send(first);
  for await (const piece of rest) {
    hash.update(piece);
    await send(piece);
    progress(piece.length);
  }
  await send(tarPadding(entry.size));
  return { as, size: entry.size, digest: `sha256:${hash.digest('hex')}`, compression };
}

/** The images with the names they get. Throws ARCHIVE_UNNAMED. */
function named(contents: ArchiveContents, { rename, retag, source }: TransferRequest): NamedImage[] {
  const called = (name: string): string =>
    rename[name] ?? (retag !== undefined && isLatest(name) ? withTag(name, retag) : name);
  const images = contents.images().map(image => ({ image, names: image.names.map(called) }));
  if (images.some(({ names }) => names.length > 0)) return images;
  throw new K3duiError({
    code: 'ARCHIVE_UNNAMED',
    message: `the image in ${describeSource(source)} has no name, so no pod could use it`,
    hint: 'save it by its name, not its id: docker save NAME:TAG',
  });
}

/** The end of one node's stream (see node-script.ts), with the small layers it lacks. */
function endFor(receiver: Receiver, contents: ArchiveContents, images: NamedImage[]): Buffer {
  const small: Buffer[] = [];
  const lines = new Set<string>();
  const placeOf = (file: string, diffId: string): StoredLayer => {
    const sent = contents.layers.get(file);
    if (sent) asItsImageSays(sent, file, diffId);
    if (sent && !receiver.skipped.has(file)) return listed(lines, sent.as, sent);
    const stored = receiver.stored.get(diffId) ?? receiver.stored.get(digestInName(file) ?? '');
    if (stored) return listed(lines, '-', stored);
    if (sent) throw new Misjudged();
    const content = contents.files.get(file);
    if (!content) throw missing(file);
    small.push(...tarFile(`layers/small-${small.length}`, content));
    return { size: content.length, digest: digestOf(content) };
  };
  const end = layoutEnd(images, placeOf);
  const layers = Buffer.from([...lines].map(line => `${line}\n`).join(''));
  return Buffer.concat([
    ...tarFile('layers', layers),
    ...tarFile('image.tar', Buffer.concat([...small, end])),
    TAR_END,
  ]);
}

function listed(lines: Set<string>, file: string, { digest, size }: StoredLayer): StoredLayer {
  lines.add(`${file} ${digest.replace('sha256:', '')} ${size}`);
  return { digest, size };
}

async function collect(first: Buffer, rest: AsyncGenerator<Buffer>): Promise<Buffer> {
  const pieces = [Buffer.from(first)];
  for await (const piece of rest) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

const stalled = (node: string): K3duiError =>
  new K3duiError({
    code: 'NODE_STALLED',
    message: `${node} took nothing for ${STALL_LIMIT / 1000} s and was given up`,
    hint: 'look at its log and at the disk; the other nodes are not concerned',
  });

/** Throws ARCHIVE_BROKEN when a layer's bytes are not those that its image was made with. */
function asItsImageSays({ digest, compression }: ArchivedLayer, file: string, diffId: string): void {
  if (compression !== 'none' || digest === diffId) return;
  throw new K3duiError({
    code: 'ARCHIVE_BROKEN',
    message: `the layer ${file} in the archive is damaged: it is ${digest}, its image says ${diffId}`,
    hint: 'write it again with docker save NAME:TAG',
  });
}

const missing = (file: string): K3duiError =>
  new K3duiError({
    code: 'ARCHIVE_BROKEN',
    message: `the archive lacks the layer ${file} that its manifest names`,
    hint: 'it may be cut short: write it again with docker save NAME:TAG',
  });

const tooManyFiles = (what: string): K3duiError =>
  new K3duiError({
    code: 'ARCHIVE_INVALID',
    message: `${what} holds more small files than any archive of images does`,
    hint: 'what is imported is what docker save NAME:TAG writes, not what docker export does',
  });

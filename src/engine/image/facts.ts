import { stat } from 'node:fs/promises';
import type { Call } from '../../docker/docker.ts';
import type { ImageInspect } from '../../docker/types.ts';
import { K3duiError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import { sanitise } from '../../text.ts';
import type { Engine } from '../engine.ts';
import type { Cluster, Node } from '../model.ts';
import { archiveNames } from './archive-names.ts';
import { familiarName } from './names.ts';
import { k3sNodes, type NodeImages, readNodeImages } from './node-images.ts';

/** An image in Docker's store, under the name by which it was asked for. */
export interface DockerImage {
  /** As Docker writes it: `nginx:1.27`. */
  name: string;
  id: string;
  /** Bytes, unpacked. */
  size: number;
  /** Digests of its layers, lowest first. */
  layers: string[];
}

/** An archive on this machine. */
export interface ArchiveFile {
  path: string;
  size: number;
  /** Of its images, in full; undefined when only reading all of it tells. */
  names?: string[];
}

/** What a plan for images needs to know. */
export interface ImageFacts {
  nodes: (NodeImages & { running: boolean })[];
  images: DockerImage[];
  files: ArchiveFile[];
}

/** Asks the nodes of these clusters what they hold, and what runs from it unless told not to. */
export async function gatherNodes(
  engine: Engine,
  nodes: readonly Node[],
  call: Call,
  what?: { containers: boolean },
): Promise<ImageFacts['nodes']> {
  const held = await readNodeImages(engine.docker, nodes, call, what);
  return held.map((images, i) => ({ ...images, running: nodes[i]!.running }));
}

/**
 * What an import needs to know: the nodes' stores, the images as Docker has them, the sizes of the files. Throws
 * IMAGE_MISSING (all of them in one error), FILE_UNREADABLE.
 */
export async function gatherImportFacts(
  engine: Engine,
  clusters: readonly Cluster[],
  request: { images: readonly string[]; files: readonly string[] },
  call: Call = {},
): Promise<ImageFacts> {
  const [nodes, images, files] = await Promise.all([
    gatherNodes(engine, clusters.flatMap(k3sNodes), call, { containers: false }),
    dockerImages(engine, request.images, call),
    Promise.all(request.files.map(fileOf)),
  ]);
  return { nodes, images, files };
}

async function dockerImages(engine: Engine, references: readonly string[], call: Call): Promise<DockerImage[]> {
  const found = await Promise.all(
    references.map(async reference => ({ reference, image: await engine.docker.inspectImage(reference, call) })),
  );
  const missing = found.filter(({ image }) => image === undefined).map(({ reference }) => reference);
  if (missing.length > 0) throw await missingImages(engine, missing, call);
  return found.map(({ reference, image }) => ({
    name: nameFor(reference, image!),
    id: image!.Id,
    size: image!.Size,
    layers: image!.RootFS?.Layers ?? [],
  }));
}

/** An id is not a name that a pod could use: the image's own name is taken instead. */
function nameFor(reference: string, image: ImageInspect): string {
  const tags = (image.RepoTags ?? []).filter(tag => !tag.includes('<none>'));
  const plain = familiarName(reference);
  const withTag = plain.includes('@') || /:[\w.-]+$/.test(plain) ? plain : `${plain}:latest`;
  if (tags.includes(withTag)) return withTag;
  const byDigest = (image.RepoDigests ?? []).includes(plain.replace(/:[^:@/]+@/, '@'));
  const [first] = tags;
  if (first !== undefined && (!byDigest || plain.includes('@'))) return first;
  throw new K3duiError({
    code: 'IMAGE_UNNAMED',
    message: `image ${sanitise(reference)} has no name and tag, so no pod could use it`,
    hint: `give it one: docker tag ${sanitise(reference)} NAME:TAG`,
  });
}

async function missingImages(engine: Engine, missing: string[], call: Call): Promise<K3duiError> {
  const tags = (await engine.docker.listImages(call)).flatMap(image => image.RepoTags ?? []);
  const near = missing.map(name => nearest(familiarName(name), tags)).find(name => name !== undefined);
  const names = missing.map(name => `'${sanitise(name)}'`).join(', ');
  return new K3duiError({
    code: 'IMAGE_MISSING',
    message: `Docker has no image ${names}, nor is there a file of that name`,
    hint: near ? `did you mean '${sanitise(near)}'?` : `get it first: docker pull ${sanitise(missing[0]!)}`,
  });
}

async function fileOf(path: string): Promise<ArchiveFile> {
  try {
    const { size } = await stat(path);
    return { path, size, names: await archiveNames(path) };
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (cause as Error).message;
    throw new K3duiError({
      code: 'FILE_UNREADABLE',
      message: `cannot read ${sanitise(path)}: ${sanitise(why)}`,
      cause,
    });
  }
}

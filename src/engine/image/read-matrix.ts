import type { Call, Docker } from '../../docker/docker.ts';
import type { Node } from '../model.ts';
import { type ImageRow, imageMatrix } from './matrix.ts';
import { type NodeImages, readBuilt, readNodeImages } from './node-images.ts';

export interface ImagePicture {
  rows: ImageRow[];
  nodes: NodeImages[];
}

/**
 * Asks nodes and Docker, all at once. `built`: what is known of when images were built; images do not change, so what is
 * learned is put in for the next time.
 */
export async function readImagePicture(
  docker: Docker,
  nodes: readonly Node[],
  built: Map<string, number>,
  call: Call = {},
): Promise<ImagePicture> {
  const [held, images] = await Promise.all([readNodeImages(docker, nodes, call), docker.listImages(call)]);
  const known = new Set([...built.keys(), ...images.map(({ Id }) => Id)]);
  // Each id is asked of one node only.
  await Promise.all(
    held.map(async ({ node, images }) => {
      const unknown = images.map(({ id }) => id).filter(id => !known.has(id));
      for (const id of unknown) known.add(id);
      for (const [id, when] of await readBuilt(docker, node, unknown, call)) built.set(id, when);
    }),
  );
  return { rows: imageMatrix(held, images, built), nodes: held };
}

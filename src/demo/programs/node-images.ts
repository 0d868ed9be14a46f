import { digest } from '../ids.ts';
import { splitReference } from '../images.ts';
import { clusterOf, type K3s } from './k3s.ts';
import type { KubeObject } from './kubernetes-objects.ts';

/** An image in a node's containerd. */
export interface NodeImage {
  id: string;
  size: number;
  /** Milliseconds. */
  created: number;
  /** It came from a registry. */
  pulled?: true;
}

const SYSTEM = [
  'docker.io/rancher/mirrored-pause:3.6',
  'docker.io/rancher/mirrored-coredns-coredns:1.12.3',
  'docker.io/rancher/klipper-lb:v0.4.13',
];

const DAY = 86_400_000;

export const podsHere = (node: K3s): KubeObject[] =>
  (clusterOf(node.container)?.store.list('pods') ?? []).filter(
    pod => (pod.spec as { nodeName?: string }).nodeName === node.nodeName,
  );

export const containersOf = (pod: KubeObject): { name: string; image: string }[] =>
  (pod.spec as { containers: { name: string; image: string }[] }).containers;

/** The node's images by full name, kept in the container's memory; what its pods run from is among them. */
export function nodeImages(node: K3s): Map<string, NodeImage> {
  const { memory } = node.container;
  const images = (memory.get('images') as Map<string, NodeImage> | undefined) ?? initial(node);
  memory.set('images', images);
  for (const pod of podsHere(node).filter(one => !waitsForImage(one))) {
    for (const { image } of containersOf(pod)) {
      const { full } = splitReference(image);
      if (!images.has(full)) images.set(full, { ...fetched(node, full), pulled: true });
    }
  }
  return images;
}

/** A pod whose image could not be pulled; one that pulls always may have been given it all the same. */
function waitsForImage({ spec, status }: KubeObject): boolean {
  const { containers } = spec as { containers: { imagePullPolicy?: string }[] };
  const { containerStatuses = [] } = (status ?? {}) as {
    containerStatuses?: { state?: { waiting?: { reason?: string } } }[];
  };
  return containerStatuses.some(
    ({ state }, i) =>
      /^(ErrImage|ImagePull)/.test(state?.waiting?.reason ?? '') && containers[i]?.imagePullPolicy !== 'Always',
  );
}

function initial(node: K3s): Map<string, NodeImage> {
  const images = new Map(SYSTEM.map((name): [string, NodeImage] => [name, { ...fetched(node, name), pulled: true }]));
  const older = (node.container.memory.get('older images') as string[] | undefined) ?? [];
  for (const name of older) {
    const { full } = splitReference(name);
    images.set(full, { ...fetched(node, full), id: digest(`before ${full}`), created: Date.now() - 60 * DAY });
  }
  return images;
}

/** As a pull would bring it: what Docker has under that name, else something of that name. */
export function fetched(node: K3s, full: string): NodeImage {
  const { familiar } = splitReference(full);
  for (const { id, tags, size, created } of node.world.images.values())
    if (tags.includes(familiar)) return { id, size, created };
  const spread = Number.parseInt(digest(full).slice(7, 13), 16);
  return { id: digest(full), size: 1_000_000 + (spread % 90_000_000), created: Date.now() - 90 * DAY };
}

/** By name or the beginning of an id: all names of it. */
export function namesOf(images: Map<string, NodeImage>, reference: string): string[] {
  const { full } = splitReference(reference);
  const id = images.get(full)?.id ?? reference;
  return [...images].flatMap(([name, image]) =>
    image.id.replace('sha256:', '').startsWith(id.replace('sha256:', '')) ? [name] : [],
  );
}

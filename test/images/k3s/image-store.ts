import { imageFile, readIfThere, writeFile } from './paths.ts';

/** An image in the node's container runtime, as `crictl images -o json` shows it. */
export interface Image {
  id: string;
  repoTags: string[];
  repoDigests: string[];
  /** Bytes. */
  size: number;
  /** Digest of the manifest. */
  target: string;
}

/** The images in the store. */
export function imageList(): Image[] {
  const saved = readIfThere(imageFile);
  return saved === undefined ? [] : (JSON.parse(saved) as Image[]);
}

export function saveImages(images: Image[]): void {
  writeFile(imageFile, JSON.stringify(images));
}

/** `busybox` → `docker.io/library/busybox:latest`, as containerd names images. */
export function fullName(reference: string): string {
  const [, path = reference, suffix] = /^(.*?)((?:@sha256:[0-9a-f]+)|(?::[^/:@]+))?$/.exec(reference) ?? [];
  const [first = '', ...rest] = path.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const whole = hasHost ? path : `docker.io/${rest.length > 0 ? path : `library/${path}`}`;
  return whole + (suffix ?? ':latest');
}

/** Adds an image; its names are taken from any other image that has them. */
export function addImage(added: Image): void {
  const others = imageList()
    .map(image =>
      image.id === added.id ? image : { ...image, repoTags: image.repoTags.filter(t => !added.repoTags.includes(t)) },
    )
    .filter(image => image.id !== added.id || image.repoTags.length + image.repoDigests.length > 0);
  const same = others.find(image => image.id === added.id);
  const merged = same
    ? {
        ...added,
        repoTags: [...new Set([...same.repoTags, ...added.repoTags])],
        repoDigests: [...new Set([...same.repoDigests, ...added.repoDigests])],
      }
    : added;
  saveImages([...others.filter(image => image !== same), merged]);
}

/** Finds by name, id or the id's beginning. */
export function findImage(reference: string): Image | undefined {
  const name = fullName(reference);
  const id = reference.replace(/^sha256:/, '');
  return imageList().find(
    image =>
      image.repoTags.includes(name) ||
      image.repoDigests.includes(name) ||
      (/^[0-9a-f]{5,}$/.test(id) && image.id.startsWith(`sha256:${id}`)),
  );
}

/** Removes an image by name or id. @returns whether there was one. */
export function removeImage(reference: string): boolean {
  const found = findImage(reference);
  if (!found) return false;
  const name = fullName(reference);
  const kept = found.repoTags.filter(tag => tag !== name);
  const byTag = found.repoTags.includes(name) && kept.length > 0;
  saveImages(imageList().flatMap(i => (i.id !== found.id ? [i] : byTag ? [{ ...i, repoTags: kept }] : [])));
  return true;
}

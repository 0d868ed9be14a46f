import type { Image } from './types.ts';

export interface Reference {
  /** `docker.io/rancher/k3s:v1.31.5-k3s1` */
  full: string;
  /** As Docker shows it: `rancher/k3s:v1.31.5-k3s1` */
  familiar: string;
  repository: string;
  tag: string;
  digest: string;
}

/** Splits an image reference as Docker does: default registry, `library/`, `latest`. */
export function splitReference(text: string): Reference {
  const [beforeDigest = '', digestPart = ''] = text.split('@');
  const slash = beforeDigest.lastIndexOf('/');
  const colon = beforeDigest.lastIndexOf(':');
  const name = colon > slash ? beforeDigest.slice(0, colon) : beforeDigest;
  const tag = colon > slash ? beforeDigest.slice(colon + 1) : digestPart ? '' : 'latest';
  const familiarName = name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
  const first = familiarName.split('/')[0]!;
  const hasHost = familiarName.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  const fullName = hasHost ? familiarName : `docker.io/${familiarName.includes('/') ? '' : 'library/'}${familiarName}`;
  const suffix = (tag ? `:${tag}` : '') + (digestPart ? `@${digestPart}` : '');
  return {
    full: fullName + suffix,
    familiar: familiarName + suffix,
    repository: familiarName,
    tag,
    digest: digestPart,
  };
}

/** By id, the beginning of an id, or any spelling of a tag. */
export function findImage(images: Map<string, Image>, reference: string): Image | undefined {
  const direct = images.get(reference) ?? images.get(`sha256:${reference}`);
  if (direct) return direct;
  const { familiar, repository, digest: wanted } = splitReference(reference);
  for (const image of images.values()) {
    if (image.tags.includes(familiar)) return image;
    if (wanted && image.digests.includes(`${repository}@${wanted}`)) return image;
    if (
      /^(sha256:)?[0-9a-f]{6,63}$/.test(reference) &&
      image.id.startsWith(`sha256:${reference.replace('sha256:', '')}`)
    ) {
      return image;
    }
  }
  return undefined;
}

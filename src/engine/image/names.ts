import { normaliseImage } from '../../config/image.ts';

/** As containerd names it: `nginx` is `docker.io/library/nginx:latest`. What is no reference stays as it is. */
export function fullName(reference: string): string {
  try {
    return normaliseImage(reference);
  } catch {
    return reference;
  }
}

/** As people and Docker write it: without `docker.io/` and `library/`. k3d pkg/client/tools.go:261-357 strips the same. */
export function familiarName(reference: string): string {
  return reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
}

/** The tag of a reference; undefined for one that has none, or only a digest. */
export function tagOf(reference: string): string | undefined {
  return /:([\w][\w.-]*)$/.exec(reference.replace(/@.*$/, ''))?.[1];
}

/** The same name with another tag. */
export function withTag(reference: string, tag: string): string {
  return `${reference.replace(/@.*$/, '').replace(/:[\w][\w.-]*$/, '')}:${tag}`;
}

/** The beginning of an id, as `docker images` and `crictl images` show it. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/**
 * Kubernetes asks the registry for `:latest` at each start of a pod, unless told otherwise, and so never looks at what was
 * imported (kubernetes.io/docs/concepts/containers/images, "imagePullPolicy defaulting").
 */
export const isLatest = (reference: string): boolean =>
  !reference.includes('@') && (tagOf(reference) ?? 'latest') === 'latest';

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

/** The beginning of an id, as `docker images` and `crictl images` show it. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** Whether a text that somebody typed is this id, or begins it. */
export const isIdOf = (text: string, id: string): boolean =>
  /^(sha256:)?[0-9a-f]{6,64}$/.test(text) && id.startsWith(`sha256:${text.replace(/^sha256:/, '')}`);

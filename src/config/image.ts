import { K3duiError } from '../errors.ts';

export interface ImageReference {
  /** `docker.io`, `ghcr.io`, `localhost:5000`. */
  registry: string;
  /** `library/nginx`, `rancher/k3s`. */
  repository: string;
  /** `latest` when neither tag nor digest was given. */
  tag: string | undefined;
  /** `sha256:…` */
  digest: string | undefined;
}

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;

/** A reference in full, as Docker understands a short one: `nginx` is `docker.io/library/nginx:latest`. Throws IMAGE_INVALID. */
export function parseImage(text: string): ImageReference {
  const match = /^([^@]+?)(?::(\w[\w.-]{0,127}))?(?:@([a-z0-9]+:[0-9a-f]{32,}))?$/.exec(text);
  if (!match) throw invalid(text);
  const [, name = '', tag, digest] = match;
  const slash = name.indexOf('/');
  const head = slash < 0 ? '' : name.slice(0, slash);
  // A first part is a registry only when it looks like a host.
  const hasRegistry = /[.:]/.test(head) || head === 'localhost' || /[A-Z]/.test(head);
  const given = hasRegistry ? head : 'docker.io';
  const registry = given === 'index.docker.io' ? 'docker.io' : given;
  const path = hasRegistry ? name.slice(slash + 1) : name;
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  if (!/^[A-Za-z0-9.:[\]-]+$/.test(registry) || !repository.split('/').every(part => COMPONENT.test(part))) {
    throw invalid(text);
  }
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

function formatImage(image: ImageReference): string {
  const tag = image.tag === undefined ? '' : `:${image.tag}`;
  return `${image.registry}/${image.repository}${tag}${image.digest === undefined ? '' : `@${image.digest}`}`;
}

/** `rancher/k3s:v1` → `docker.io/rancher/k3s:v1`. Throws IMAGE_INVALID. */
export function normaliseImage(text: string): string {
  return formatImage(parseImage(text));
}

/** The tag of a reference; undefined for one that has none, or only a digest. */
export function tagOf(reference: string): string | undefined {
  return /:([\w][\w.-]*)$/.exec(reference.replace(/@.*$/, ''))?.[1];
}

/** The same name with another tag. */
export function withTag(reference: string, tag: string): string {
  return `${reference.replace(/@.*$/, '').replace(/:[\w][\w.-]*$/, '')}:${tag}`;
}

/**
 * Kubernetes asks the registry for `:latest` at each start of a pod, unless told otherwise, and so never looks at what was
 * imported (kubernetes.io/docs/concepts/containers/images, "imagePullPolicy defaulting").
 */
export const isLatest = (reference: string): boolean =>
  !reference.includes('@') && (tagOf(reference) ?? 'latest') === 'latest';

/** The channel that the words `latest`, `stable`, `+CHANNEL` name; undefined for an image reference. k3d pkg/config/transform.go:60. */
export function k3sChannel(text: string): string | undefined {
  if (text === 'latest' || text === 'stable') return text;
  return text.startsWith('+') ? text.slice(1) : undefined;
}

/** The k3s version as far as the tag tells: `v1.31.5-k3s1`; else the text as it is. */
export function k3sVersionOf(image: string): string {
  return /:(v\d+\.\d+\.\d+[\w.-]*)(?:@|$)/.exec(image)?.[1] ?? image;
}

function invalid(text: string): K3duiError {
  return new K3duiError({
    code: 'IMAGE_INVALID',
    message: `invalid image reference '${text}'`,
    hint: 'write [REGISTRY/]NAME[:TAG], for example rancher/k3s:v1.31.5-k3s1, or latest, stable, +CHANNEL for k3s',
  });
}

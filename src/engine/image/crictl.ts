import { fields } from '../../record.ts';
import { list, parseJson } from './json.ts';

/** An image in a node, as containerd's runtime interface tells it. */
export interface NodeImage {
  /** Digest of the configuration, the same everywhere: `sha256:…`. */
  id: string;
  /** In full: `docker.io/library/nginx:1.27`. */
  names: string[];
  /** `docker.io/library/nginx@sha256:…` */
  digests: string[];
  /** Bytes in the node's store: as they came, so smaller where layers came compressed. */
  size: number;
  /** Kept from the kubelet's own clean-up. */
  pinned: boolean;
}

/** A container in a node, and whose it is. */
export interface NodeContainer {
  name: string;
  pod: string;
  namespace: string;
  /** Id of its image, or a name where the runtime tells only that. */
  imageRef: string;
  running: boolean;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const words = (value: unknown): string[] => list(value).map(text).filter(Boolean);

/**
 * Reads `crictl images -o json`. Newer crictl add `pinned`, older ones write lists as null; sizes come as texts.
 * What is no such answer gives none.
 */
export function parseImages(json: string): NodeImage[] {
  return list(parseJson(json).images).map(entry => {
    const image = fields(entry);
    return {
      id: text(image.id),
      names: words(image.repoTags).filter(name => !name.includes('<none>')),
      digests: words(image.repoDigests).filter(name => !name.includes('<none>')),
      size: Number(image.size) || 0,
      pinned: image.pinned === true,
    };
  });
}

/** Reads `crictl ps -a -o json`. */
export function parseContainers(json: string): NodeContainer[] {
  return list(parseJson(json).containers).map(entry => {
    const container = fields(entry);
    const labels = fields(container.labels);
    return {
      name: text(fields(container.metadata).name),
      pod: text(labels['io.kubernetes.pod.name']),
      namespace: text(labels['io.kubernetes.pod.namespace']),
      imageRef: text(container.imageRef) || text(fields(container.image).image),
      running: container.state === 'CONTAINER_RUNNING',
    };
  });
}

/** When images were built, from `crictl inspecti -o json ID…`: id → unix seconds. One document, several, or a list of them. */
export function parseBuilt(json: string): Map<string, number> {
  const built = new Map<string, number>();
  for (const document of documents(json)) {
    const { status, info } = fields(document);
    const when = Date.parse(text(fields(fields(info).imageSpec).created));
    if (Number.isFinite(when)) built.set(text(fields(status).id), when / 1000);
  }
  return built;
}

/** JSON documents one after the other, as crictl prints them for several arguments. */
function documents(json: string): unknown[] {
  try {
    const whole: unknown = JSON.parse(json);
    return Array.isArray(whole) ? whole : [whole];
  } catch {
    return json.split(/^(?=\{$)/m).flatMap(part => {
      try {
        return [JSON.parse(part) as unknown];
      } catch {
        return [];
      }
    });
  }
}

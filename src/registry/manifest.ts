import type { Blob, Manifest, PlatformImage } from './registry.ts';

/** What a manifest may be; the order is the preference. */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
] as const;

/** Configurations of what can be run; others belong to artifacts such as Helm charts. */
const IMAGE_CONFIGS = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];

/** A manifest as it stands in the registry, before what it leads to has been read. */
export type RawManifest =
  | { kind: 'index'; children: { digest: string; platform: string }[] }
  | { kind: 'image'; config: Blob; layers: Blob[]; artifact: boolean }
  | { kind: 'schema1'; architecture: string; layers: Blob[]; created: number | undefined };

interface Descriptor {
  digest?: string;
  mediaType?: string;
  size?: number;
  platform?: { os?: string; architecture?: string; variant?: string };
}

/** Reads a manifest of any of these types; what is missing in it is left out. Throws SyntaxError for what is no JSON. */
export function readManifest(text: string): RawManifest {
  const document = JSON.parse(text) as {
    manifests?: Descriptor[];
    config?: Descriptor;
    layers?: Descriptor[];
    artifactType?: string;
    architecture?: string;
    fsLayers?: { blobSum?: string }[];
    history?: { v1Compatibility?: string }[];
  };
  if (Array.isArray(document.manifests)) {
    const children = document.manifests.flatMap(({ digest, platform }) => {
      const name = platformText(platform ?? {});
      // Attestations hang on an index as images for no platform.
      return digest && !name.includes('unknown') ? [{ digest, platform: name }] : [];
    });
    return { kind: 'index', children };
  }
  if (document.fsLayers) {
    const layers = document.fsLayers.map(({ blobSum = '' }) => ({ digest: blobSum, mediaType: '', size: undefined }));
    const newest = document.history?.[0]?.v1Compatibility;
    return { kind: 'schema1', architecture: document.architecture ?? '', layers, created: createdOf(newest ?? '') };
  }
  const config = blobOf(document.config ?? {});
  const artifact = document.artifactType !== undefined || !IMAGE_CONFIGS.includes(config.mediaType);
  return { kind: 'image', config, layers: (document.layers ?? []).map(blobOf), artifact };
}

/** Platform and age from an image's configuration. */
export function readConfig(text: string): { platform: string; created: number | undefined } {
  try {
    return { platform: platformText(JSON.parse(text) as object), created: createdOf(text) };
  } catch {
    return { platform: '', created: undefined };
  }
}

/** `linux/arm64/v8` */
function platformText({ os = '', architecture = '', variant = '' }: NonNullable<Descriptor['platform']>): string {
  return [os, architecture, variant].filter(part => part !== '').join('/');
}

function createdOf(config: string): number | undefined {
  try {
    const time = Date.parse((JSON.parse(config) as { created?: string }).created ?? '');
    // Reproducible builds say 1970, or the year 1.
    return Number.isNaN(time) || time <= 0 ? undefined : time / 1000;
  } catch {
    return undefined;
  }
}

function blobOf({ digest = '', mediaType = '', size }: Descriptor): Blob {
  return { digest, mediaType, size: typeof size === 'number' && size >= 0 ? size : undefined };
}

/** Bytes of these blobs together, each counted once; undefined when one does not tell. */
export function bytesOf(blobs: readonly Blob[]): number | undefined {
  const once = new Map(blobs.map(blob => [blob.digest, blob.size]));
  return [...once.values()].reduce(
    (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
    0 as number | undefined,
  );
}

/** Bytes that the registry keeps for all these images. */
export function sizeOf(images: readonly (PlatformImage & { config?: Blob })[]): Manifest['size'] {
  return bytesOf(images.flatMap(({ layers, config }) => [...layers, ...(config ? [config] : [])]));
}

import { type ArchivedImage, type ArchivedLayer, digestOf } from './archive.ts';
import type { StoredLayer } from './content.ts';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
/** Without a suffix: containerd looks into the layer to see how it is compressed. */
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar';

/** How a node gets a layer: it has it, or it came with the stream. */
export type LayerPlace = { stored: StoredLayer } | { sent: ArchivedLayer };

/** What a node must be told of an image, with names that may be others than in the archive. */
export interface NamedImage {
  image: ArchivedImage;
  names: string[];
}

/**
 * The end of the stream for one node: what makes an OCI layout of the layers before it (github.com/opencontainers/image-spec,
 * image-layout.md). Unlike in `docker save`'s own layout, containerd takes a layer from its store when the stream lacks it,
 * and each image is described for one platform only, so that none can be missing.
 */
export function layoutEnd(images: NamedImage[], placeOf: (file: string, diffId: string) => LayerPlace): Buffer {
  const files = new Map<string, Buffer>();
  const put = (content: Buffer): { digest: string; size: number } => {
    const digest = digestOf(content);
    files.set(`blobs/sha256/${digest.slice(7)}`, content);
    return { digest, size: content.length };
  };
  const manifests = images.flatMap(({ image, names }) => {
    const layers = image.layers.map(({ file, diffId }) => {
      const place = placeOf(file, diffId);
      const { digest = diffId, size } = 'stored' in place ? place.stored : place.sent;
      return { mediaType: LAYER, digest, size };
    });
    const config = { mediaType: CONFIG, ...put(image.config) };
    const about = put(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config, layers })));
    return names.map(name => ({
      mediaType: MANIFEST,
      ...about,
      annotations: { 'io.containerd.image.name': name },
    }));
  });
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })));
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  const parts = [...files].flatMap(([name, content]) => tarFile(name, content));
  return Buffer.concat([...parts, TAR_END]);
}

/** A whole small file as a tar has it. */
export const tarFile = (name: string, content: Buffer): Buffer[] => [
  tarHeader(name, content.length),
  content,
  tarPadding(content.length),
];

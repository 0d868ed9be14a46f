import { type ArchivedImage, digestOf } from './archive.ts';
import type { StoredLayer } from './content.ts';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
/** Without a suffix: containerd looks into the layer to see how it is compressed. */
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar';

/** What a node must be told of an image, with names that may be others than in the archive. */
export interface NamedImage {
  image: ArchivedImage;
  names: string[];
}

/**
 * What one node is told of images besides their layers: the end of a tar that is an OCI layout (github.com/opencontainers/
 * image-spec, image-layout.md). Unlike in `docker save`'s own layout, containerd takes a layer from its store when the tar
 * lacks it, and each image is described for one platform only, so that none can be missing.
 */
export function layoutEnd(images: NamedImage[], placeOf: (file: string, diffId: string) => StoredLayer): Buffer {
  const files = new Map<string, Buffer>();
  const put = (content: Buffer): { digest: string; size: number } => {
    const digest = digestOf(content);
    files.set(`blobs/sha256/${digest.slice(7)}`, content);
    return { digest, size: content.length };
  };
  const manifests = images.flatMap(({ image, names }) => {
    const layers = image.layers.map(({ file, diffId }) => {
      const { digest, size } = placeOf(file, diffId);
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

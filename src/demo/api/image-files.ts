import { pack } from 'tar-stream';
import type { Call } from '../call.ts';
import { imageConfig, makeImage } from '../image-catalog.ts';
import { splitReference } from '../images.ts';
import { readTar } from './archive.ts';
import type { Route } from './routes.ts';
import { sendArchive } from './send-archive.ts';

interface Manifest {
  Config: string;
  RepoTags: string[] | null;
  Layers: string[];
}

/** Bytes of a layer in an archive: small, but not so small that nothing is seen of it. */
const LAYER = 512 * 1024;

/** It begins as gzip does: of an unpacked one the digest would have to be that of its image. */
const standIn = (layer: string): Buffer => Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(LAYER, layer)]);

/** A tar as `docker save` makes it: manifest, config and layers, the layers as small stand-ins. */
async function sendTar(call: Call, references: string[]): Promise<void> {
  const images = references.map(reference => ({ reference, image: call.world.image(reference) }));
  const tar = pack();
  const manifest: Manifest[] = [];
  for (const { reference, image } of images) {
    const { familiar } = splitReference(reference);
    const name = image.id.slice(7);
    const tags = image.tags.includes(familiar) ? [familiar] : image.tags;
    const Layers = image.layers.map(layer => `${layer.slice(7)}/layer.tar`);
    manifest.push({ Config: `${name}.json`, RepoTags: tags, Layers });
    tar.entry({ name: `${name}.json` }, imageConfig(image));
    for (const layer of Layers) tar.entry({ name: layer }, standIn(layer));
  }
  tar.entry({ name: 'manifest.json' }, JSON.stringify(manifest));
  tar.finalize();
  call.stream('application/x-tar');
  await sendArchive(tar, call.res);
}

const save = (call: Call): Promise<void> => sendTar(call, [call.params[0]!]);
const saveAll = (call: Call): Promise<void> =>
  sendTar(
    call,
    call.query.getAll('names').flatMap(names => names.split(',')),
  );

const load = async (call: Call): Promise<void> => {
  const entries = await readTar(await call.rawBody());
  call.stream('application/json');
  const manifest = entries.find(entry => entry.header.name === 'manifest.json');
  const list = manifest ? (JSON.parse(manifest.content.toString('utf8')) as Manifest[]) : [];
  if (!manifest) {
    const error = 'open /var/lib/docker/tmp/manifest.json: no such file or directory';
    call.res.end(`${JSON.stringify({ errorDetail: { message: error }, error })}\n`);
    return;
  }
  for (const tag of list.flatMap(({ RepoTags }) => RepoTags ?? [])) {
    const image = makeImage(tag, Date.now());
    call.world.images.set(image.id, image);
    call.world.events.emit('image', 'load', image.id, { name: tag });
    call.res.write(`${JSON.stringify({ stream: `Loaded image: ${tag}\n` })}\n`);
  }
  call.res.end();
};

export const imageFileRoutes: Route[] = [
  ['GET', '/images/get', saveAll],
  ['GET', '/images/**/get', save],
  ['POST', '/images/load', load],
];

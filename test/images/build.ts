import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { imageNames } from '../bed/names.ts';
import { whyNoDebian } from './debian.ts';
import { loadBalancer } from './loadbalancer.ts';
import { nodeImages } from './node-image.ts';
import type { Recipe } from './recipe.ts';
import { registry } from './registry.ts';

/** The label that tells from which recipe an image was made. */
const label = 'k3dui.test.recipe';

async function recipeOf(docker: Docker, tag: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(tag).inspect()).Config.Labels?.[label];
  } catch (cause) {
    if ((cause as { statusCode?: number }).statusCode === 404) return undefined;
    throw cause;
  }
}

/** Docker tells of failures within a successful answer: one JSON object a line. */
async function finish(stream: NodeJS.ReadableStream): Promise<void> {
  const lines = (await text(stream as Readable)).split('\n').filter(line => line.trim() !== '');
  const failed = lines.map(line => JSON.parse(line) as { error?: string }).find(line => line.error !== undefined);
  if (failed) throw new Error(failed.error);
}

/** dockerode's own types know neither this call's promise nor its options. */
interface Importer {
  importImage(file: NodeJS.ReadableStream, options: object): Promise<NodeJS.ReadableStream>;
}

/** Imports a root file system as an image of one layer. */
async function importRoot(docker: Docker, name: string, root: string): Promise<void> {
  const owner = ['--numeric-owner', '--owner=0', '--group=0'];
  const tar = spawn('tar', ['-C', root, ...owner, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [repo, tag] = name.split(':');
  await finish(await (docker as unknown as Importer).importImage(tar.stdout, { repo, tag }));
}

/** Builds an image on top of another by copying files and setting what is to be set; nothing runs, nothing is pulled. */
async function buildOnTop(docker: Docker, recipe: Recipe, config: string[]): Promise<void> {
  const { tags, from = tags[0], files = {}, links = {} } = recipe;
  const context = pack();
  const copy = recipe.files ? ['COPY root/ /'] : [];
  context.entry({ name: 'Dockerfile' }, [`FROM ${from}`, ...copy, ...config].join('\n'));
  for (const [path, content] of Object.entries(files)) context.entry({ name: `root/${path}`, mode: 0o755 }, content);
  for (const [path, target] of Object.entries(links))
    context.entry({ name: `root/${path}`, type: 'symlink', linkname: target });
  context.finalize();
  await finish(
    await docker.buildImage(context as unknown as NodeJS.ReadableStream, { t: tags[0], pull: false, forcerm: true }),
  );
}

/**
 * Brings every test image up to date. Where all are, this costs a few inspections; nothing is ever pulled.
 * @param say told what is being done, one line each
 * @throws Error where an image is missing and cannot be built here
 */
export async function buildImages(docker: Docker, say: (line: string) => void): Promise<void> {
  let baseChanged = false;
  for (const recipe of [loadBalancer, registry, ...nodeImages()]) {
    const hash = createHash('sha256')
      .update(JSON.stringify([recipe.parts, recipe.config]))
      .digest('hex')
      .slice(0, 16);
    const [tag = ''] = recipe.tags;
    const current = (await recipeOf(docker, tag)) === hash;
    if (current && !(baseChanged && recipe.from)) continue;
    const why = whyNoDebian();
    if (why !== undefined && recipe.make) throw new Error(`${tag} cannot be built: ${why}`);
    const began = Date.now();
    if (recipe.make) {
      const root = recipe.make();
      await importRoot(docker, tag, root);
      rmSync(root, { recursive: true, force: true });
      baseChanged = true;
    }
    await buildOnTop(docker, recipe, [...recipe.config, `LABEL ${label}=${hash}`]);
    say(`built ${tag} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
}

if (import.meta.main) {
  await buildImages(new Docker(), line => process.stderr.write(`${line}\n`));
  for (const [name, value] of Object.entries(imageNames({}))) process.stdout.write(`${name}=${value}\n`);
}

import { createReadStream } from 'node:fs';
import { readArchive } from './docker-archive.ts';
import { addImage, type Image, imageList, removeImage } from './image-store.ts';

const mib = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';

async function importImages(source: string): Promise<void> {
  const images = await readArchive(source === '-' ? process.stdin : createReadStream(source));
  for (const image of images) {
    addImage(image);
    for (const tag of image.repoTags) say(`unpacking ${tag} (${image.target})...done`);
  }
}

function list(quiet: boolean): void {
  const rows = imageList().flatMap(image =>
    [...image.repoTags, ...image.repoDigests, image.id].map(ref => ({ ref, image })),
  );
  rows.sort((a, b) => a.ref.localeCompare(b.ref));
  if (quiet) {
    for (const { ref } of rows) say(ref);
    return;
  }
  const line = (ref: string, image: Image) => [
    ref,
    mediaType,
    image.target,
    mib(image.size),
    'linux/amd64',
    'io.cri-containerd.image=managed',
  ];
  const all = [['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS'], ...rows.map(row => line(row.ref, row.image))];
  const widths = all[0]?.map((_, i) => Math.max(...all.map(cells => (cells[i] ?? '').length))) ?? [];
  for (const cells of all) say(cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' '));
}

async function images(verb: string, args: string[]): Promise<number> {
  const words = args.filter(a => a === '-' || !a.startsWith('-'));
  if (verb === 'import') {
    await importImages(words[0] ?? '');
    return 0;
  }
  if (verb === 'ls' || verb === 'list') {
    list(args.includes('-q') || args.includes('--quiet'));
    return 0;
  }
  if (verb !== 'rm' && verb !== 'remove' && verb !== 'delete' && verb !== 'del')
    throw new Error(`ctr: no such command: images ${verb}`);
  let code = 0;
  for (const word of words) {
    if (removeImage(word)) say(word);
    else {
      process.stderr.write(`ctr: unable to delete ${word}: image "${word}": not found\n`);
      code = 1;
    }
  }
  return code;
}

/** containerd's `ctr`, as far as images go. @returns the exit code */
export async function ctr(args: string[]): Promise<number> {
  const rest = [...args];
  while (rest[0]?.startsWith('-')) rest.splice(0, /^(-n|--namespace|-a|--address)$/.test(rest[0]) ? 2 : 1);
  const [noun = '', verb = '', ...more] = rest;
  try {
    if (/^(images?|i)$/.test(noun)) return await images(verb, more);
    if (noun === 'version') {
      say(
        'Client:\n  Version:  v1.7.23-k3s2\n  Revision: \n  Go version: stand-in\n\nServer:\n  Version:  v1.7.23-k3s2\n  Revision: \n  UUID: 6340238c-ccc5-46be-8854-281a33247935',
      );
      return 0;
    }
    throw new Error(`ctr: No help topic for '${noun}'`);
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n`);
    return 1;
  }
}

import { readTar } from '../api/archive.ts';
import { digest } from '../ids.ts';
import { splitReference } from '../images.ts';
import type { ExecIo } from '../types.ts';
import type { K3s } from './k3s.ts';
import { fetched, type NodeImage, nodeImages } from './node-images.ts';

/** What containerd's ctr answers in a node, as far as images go. */
export async function ctr(node: K3s, args: string[], io: ExecIo): Promise<number> {
  const plain = args.filter(
    (arg, i) =>
      (!arg.startsWith('-') || arg === '-') && !['-n', '--namespace', '-a', '--address'].includes(args[i - 1] ?? ''),
  );
  const [noun = '', verb = '', target = '', other = ''] = plain;
  if (noun === 'version') {
    io.out('Client:\n  Version:  v2.1.4-k3s1\n\nServer:\n  Version:  v2.1.4-k3s1\n');
    return 0;
  }
  if (!['i', 'image', 'images'].includes(noun)) return 0;
  const images = nodeImages(node);
  switch (verb) {
    case 'import':
      return importImages(node, target, io);
    case 'rm':
    case 'remove':
      images.delete(splitReference(target).full);
      return 0;
    case 'tag': {
      const from = images.get(splitReference(target).full);
      if (!from) {
        io.err(`ctr: image "${target}": not found\n`);
        return 1;
      }
      images.set(splitReference(other).full, from);
      io.out(`${other}\n`);
      return 0;
    }
    case 'check':
      return check(images, target.replace(/^name==/, ''), io);
    case 'ls':
    case 'list':
      list(images, args.includes('-q'), io);
  }
  return 0;
}

const rows = (images: Map<string, NodeImage>) => [...images].sort(([a], [b]) => (a < b ? -1 : 1));
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

function list(images: Map<string, NodeImage>, quiet: boolean, io: ExecIo): void {
  if (!quiet) io.out('REF TYPE DIGEST SIZE PLATFORMS LABELS\n');
  for (const [name, { size }] of rows(images))
    io.out(quiet ? `${name}\n` : `${name} ${MANIFEST} ${digest(name)} ${(size / 1e6).toFixed(1)} MiB linux/amd64 -\n`);
}

function check(images: Map<string, NodeImage>, wanted: string, io: ExecIo): number {
  io.out('REF TYPE DIGEST STATUS SIZE UNPACKED\n');
  for (const [name, { size }] of rows(images)) {
    const mib = (size / 1e6).toFixed(1);
    if (wanted === '' || name === wanted)
      io.out(`${name} ${MANIFEST} ${digest(name)} complete (5/5) ${mib} MiB/${mib} MiB true\n`);
  }
  return 0;
}

async function importImages(node: K3s, target: string, io: ExecIo): Promise<number> {
  const body = target === '-' ? await readSlowly(node, io) : node.container.files.read(target);
  if (body) return importArchive(node, body, io);
  io.err(`ctr: open ${target}: no such file or directory\n`);
  return 1;
}

/** What the script of k3dui's import does: a tar of layers with the images that are made of them in one of its files. */
export async function takeImages(node: K3s, io: ExecIo): Promise<number> {
  io.out('pid 4711\n');
  const files = await readTar(await readSlowly(node, io)).catch(() => []);
  const end = files.find(({ header }) => header.name === 'image.tar');
  if (end) return importArchive(node, end.content, io);
  io.err('tar: short read\n');
  return 1;
}

async function importArchive(node: K3s, body: Buffer, io: ExecIo): Promise<number> {
  const found = await imagesIn(body).catch(() => []);
  if (found.length === 0) {
    io.err('ctr: unrecognized image format\n');
    return 1;
  }
  await node.world.clock.sleep(400);
  for (const { name, id } of found) {
    const { full } = splitReference(name);
    const known = [...node.world.images.values()].find(image => image.id === id);
    const image = known ?? fetched(node, full);
    nodeImages(node).set(full, { id: id ?? image.id, size: image.size, created: image.created });
    io.out(`unpacking ${full} (${digest(full)})...done\n`);
  }
  return 0;
}

/** A piece at a time, so that whoever sends has to wait and is seen to send. */
async function readSlowly(node: K3s, io: ExecIo): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) {
    chunks.push(chunk);
    await node.world.clock.sleep(20);
  }
  return Buffer.concat(chunks);
}

/** Names, and ids where the archive tells them: of an OCI layout, or of what `docker save` writes. */
async function imagesIn(archive: Buffer): Promise<{ name: string; id?: string }[]> {
  const files = new Map(
    (await readTar(archive)).map(({ header, content }) => [header.name.replace(/^\.\//, ''), content]),
  );
  const json = (name: string): unknown => JSON.parse(files.get(name)?.toString('utf8') ?? 'null');
  const blob = (name: string): string => `blobs/${name.replace(':', '/')}`;
  const index = json('index.json') as { manifests: { digest: string; annotations?: Record<string, string> }[] } | null;
  if (index) {
    return index.manifests.flatMap(({ digest: manifest, annotations }) => {
      const { config } = json(blob(manifest)) as { config: { digest: string } };
      const name = annotations?.['io.containerd.image.name'];
      return name === undefined ? [] : [{ name, id: config.digest }];
    });
  }
  const images = json('manifest.json') as { RepoTags: string[] | null }[];
  return images.flatMap(({ RepoTags }) => (RepoTags ?? []).map(name => ({ name })));
}

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { describe, expect, it, vi } from 'vitest';
import { ArchiveContents, type ArchivedImage } from '../../src/engine/image/archive.ts';
import { archiveNames } from '../../src/engine/image/archive-names.ts';
import { LayerNames } from '../../src/engine/image/layer-names.ts';
import { layoutEnd, tarFile } from '../../src/engine/image/layout.ts';
import { compressionOf } from '../../src/engine/image/source.ts';
import { TAR_END, TarReader } from '../../src/engine/image/tar.ts';

async function tarOf(files: Record<string, string | Buffer>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** In pieces of every awkward size. */
async function* cutUp(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(bytes: Buffer, size = 777): Promise<Record<string, string>> {
  const tar = new TarReader(cutUp(bytes, size), 'it');
  const files: Record<string, string> = {};
  for (let entry = await tar.next(); entry; entry = await tar.next()) {
    const pieces: Buffer[] = [];
    for await (const piece of tar.body()) pieces.push(Buffer.from(piece));
    files[entry.name] = Buffer.concat(pieces).toString();
  }
  return files;
}

describe('archives', () => {
  const long = `${'folder/'.repeat(30)}file`;
  const files = { 'a.txt': 'hello', empty: '', [long]: 'x'.repeat(2000), 'exact.bin': 'y'.repeat(512) };

  it('are read in pieces of any size, long names too, and what is not wanted is skipped', async () => {
    const bytes = await tarOf(files);
    for (const size of [1, 13, 511, 512, 513, 100_000]) expect(await readAll(bytes, size)).toEqual(files);
    const tar = new TarReader(cutUp(bytes, 100), 'it');
    const names: string[] = [];
    for (let entry = await tar.next(); entry; entry = await tar.next()) names.push(entry.name);
    expect(names).toEqual(Object.keys(files));
  });

  it('that are none, empty or cut short say so', async () => {
    const bytes = await tarOf(files);
    await expect(readAll(Buffer.alloc(0))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID', message: 'it is empty' });
    await expect(readAll(Buffer.from('hello\n'))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    await expect(readAll(Buffer.alloc(5000, 'no tar '))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    for (const length of [600, 1800, 3000])
      await expect(readAll(bytes.subarray(0, length))).rejects.toMatchObject({ code: 'ARCHIVE_CUT' });
  });

  it('that are written here are read by others', async () => {
    const bytes = Buffer.concat([...tarFile('a', Buffer.from('one')), ...tarFile('b/c', Buffer.alloc(512)), TAR_END]);
    const found: [string, number][] = [];
    const reader = extract();
    reader.end(bytes);
    for await (const entry of reader) {
      found.push([entry.header.name, entry.header.size ?? 0]);
      entry.resume();
    }
    expect(found).toEqual([
      ['a', 3],
      ['b/c', 512],
    ]);
  });

  it('compressed ones are told by how they begin', () => {
    expect(compressionOf(gzipSync('x'))).toBe('gzip');
    expect(compressionOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]))).toBe('zstd');
    expect(compressionOf(Buffer.from('{}'))).toBe('none');
  });
});

const sha = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

describe('images in archives', () => {
  const config = (...layers: string[]) =>
    JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: layers } });
  const contents = (given: Record<string, string>): ArchiveContents => {
    const archive = new ArchiveContents('it');
    for (const [name, text] of Object.entries(given)) archive.files.set(name, Buffer.from(text));
    return archive;
  };

  it('are found as docker save writes them, layers that are links too', () => {
    const archive = contents({
      'c.json': config('sha256:1', 'sha256:1'),
      'manifest.json': JSON.stringify([
        { Config: 'c.json', RepoTags: ['app:1', 'r:5000/app:1'], Layers: ['x/layer.tar', 'y/layer.tar'] },
      ]),
    });
    archive.link('y/layer.tar', '../x/layer.tar');
    expect(archive.images()).toMatchObject([
      {
        names: ['docker.io/library/app:1', 'r:5000/app:1'],
        layers: [
          { file: 'x/layer.tar', diffId: 'sha256:1' },
          { file: 'x/layer.tar', diffId: 'sha256:1' },
        ],
      },
    ]);
  });

  it('of which other platforms are missing are imported for the one that is there', () => {
    const own = config('sha256:1');
    const layer = sha('layer');
    const manifest = JSON.stringify({
      config: { digest: `sha256:${sha(own)}` },
      layers: [{ digest: `sha256:${layer}` }],
    });
    const list = JSON.stringify({
      manifests: [
        { digest: `sha256:${'0'.repeat(64)}`, platform: { architecture: 'arm64' } },
        { digest: `sha256:${sha(manifest)}` },
      ],
    });
    const archive = contents({
      'index.json': JSON.stringify({
        manifests: [{ digest: `sha256:${sha(list)}`, annotations: { 'io.containerd.image.name': 'app:1' } }],
      }),
      [`blobs/sha256/${sha(list)}`]: list,
      [`blobs/sha256/${sha(manifest)}`]: manifest,
      [`blobs/sha256/${sha(own)}`]: own,
      [`blobs/sha256/${layer}`]: 'layer',
    });
    expect(archive.images()).toMatchObject([
      { names: ['docker.io/library/app:1'], layers: [{ file: `blobs/sha256/${layer}`, diffId: 'sha256:1' }] },
    ]);
  });

  it('are named without reading their layers, unless they are compressed or broken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'k3dui-names-'));
    try {
      const path = join(folder, 'it.tar');
      const layer = Buffer.alloc(6 * 1024 * 1024, 7);
      const tar = await tarOf({
        'x/layer.tar': layer,
        'c.json': config('sha256:1'),
        'y/layer.tar': layer.subarray(0, 300_000),
        'manifest.json': JSON.stringify([
          { Config: 'c.json', RepoTags: ['app', 'app:1'], Layers: ['x/layer.tar', 'y/layer.tar'] },
        ]),
      });
      writeFileSync(path, tar);
      const handle = await open(path);
      const read = vi.spyOn(Object.getPrototypeOf(handle), 'read');
      await handle.close();
      expect(await archiveNames(path)).toEqual(['docker.io/library/app:latest', 'docker.io/library/app:1']);
      expect(read.mock.calls.length).toBeLessThan(8);
      read.mockRestore();
      writeFileSync(path, gzipSync(tar));
      expect(await archiveNames(path)).toBeUndefined();
      writeFileSync(path, tar.subarray(0, 1_000_000));
      expect(await archiveNames(path)).toBeUndefined();
      expect(await archiveNames(join(folder, 'gone'))).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that lack something say what', () => {
    expect(() => contents({ 'etc/passwd': 'root' }).images()).toThrow(/holds no image.*neither manifest.json/);
    const lacking = contents({ 'manifest.json': '[{"Config":"gone.json","RepoTags":["a:1"],"Layers":[]}]' });
    expect(() => lacking.images()).toThrow('it lacks the file gone.json');
    expect(() => contents({ 'manifest.json': '[{' }).images()).toThrow('manifest.json in it is no JSON');
  });

  it('are handed on so that containerd takes from its own store what is not sent', async () => {
    const image: ArchivedImage = {
      names: ['docker.io/library/app:1'],
      config: Buffer.from(config('sha256:aa', 'sha256:bb')),
      layers: [
        { file: 'x', diffId: 'sha256:aa' },
        { file: 'y', diffId: 'sha256:bb' },
      ],
    };
    const end = layoutEnd([{ image, names: ['docker.io/library/app:dev'] }], file =>
      file === 'x' ? { digest: 'sha256:packed', size: 7 } : { digest: 'sha256:bb', size: 9 },
    );
    const files = await readAll(end);
    expect(JSON.parse(files['oci-layout']!)).toEqual({ imageLayoutVersion: '1.0.0' });
    const [entry] = JSON.parse(files['index.json']!).manifests;
    expect(entry.annotations).toEqual({ 'io.containerd.image.name': 'docker.io/library/app:dev' });
    const manifest = files[`blobs/${entry.digest.replace(':', '/')}`]!;
    expect(entry).toMatchObject({ digest: `sha256:${sha(manifest)}`, size: manifest.length });
    expect(JSON.parse(manifest).layers).toMatchObject([
      { digest: 'sha256:packed', size: 7 },
      { digest: 'sha256:bb', size: 9 },
    ]);
    expect(files[`blobs/sha256/${sha(image.config)}`]).toBe(image.config.toString());
  });
});

describe('layers by the names of their files', () => {
  // What docker save of Docker 20.10 made of an image with these layers.
  const layers = [
    'sha256:bb0c20698cfcec2cce1c5c91b85d5156f58b14b77da22209f66a43e60ea947c0',
    'sha256:9e85a77e3a525045f65fcfd4c7ec7a020f08d3345c10b69aa42fe1d897437840',
    'sha256:f9516f33b27ff5e5699fd781e275c648416203d9425881d5c4f6486f42c00193',
  ];
  const folders = [
    'ca3758904dc6aba8fc5081f2dab37ade2164f62e9ed3244784c16c7425ca04a8',
    '7f316805556d5d6779940e0b3eae13ff7ffe886ed41fc4da9d35255f61ce5f22',
    '6b5e11af0928134bd07b11375f1fb00d9861f29ba2bf072af4d8fe31b2c642d7',
  ];

  it('are known before their content is there', () => {
    const names = new LayerNames([layers]);
    expect(folders.map(folder => names.candidates(`${folder}/layer.tar`))).toEqual(layers.map(layer => [layer]));
    expect(names.candidates(`blobs/sha256/${folders[0]}`)).toEqual([`sha256:${folders[0]}`]);
    expect(names.candidates(`${folders[0]}.tar`)).toEqual([`sha256:${folders[0]}`]);
  });

  it('of several images the last layers could each be any of them', () => {
    const names = new LayerNames([layers, [layers[0]!, layers[2]!, 'sha256:other']]);
    expect(names.candidates(`${folders[2]}/layer.tar`)).toEqual([layers[2], 'sha256:other']);
    expect(names.candidates('something/else.tar')).toEqual([]);
    expect(new LayerNames().candidates(`${folders[0]}/layer.tar`)).toEqual([]);
  });
});

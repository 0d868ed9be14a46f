import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header, pack } from 'tar-stream';
import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import type { FileEntry } from '../files.ts';
import type { Container } from '../types.ts';
import type { Route } from './routes.ts';
import { sendArchive } from './send-archive.ts';

function place(call: Call): { container: Container; path: string; entry: FileEntry } {
  const container = call.world.container(call.params[0]!);
  const path = call.query.get('path');
  if (!path) throw new ApiError(400, 'invalid argument: path cannot be empty');
  const entry = container.files.get(path, false);
  if (!entry) throw new ApiError(404, `Could not find the file ${path} in container ${call.params[0]}`);
  return { container, path, entry };
}

/** Go's file mode bits, as the stat header has them. */
const goMode = (entry: FileEntry): number =>
  entry.mode + (entry.type === 'directory' ? 2 ** 31 : entry.type === 'symlink' ? 2 ** 27 : 0);

function statHeader(call: Call, path: string, entry: FileEntry): void {
  const stat = {
    name: posix.basename(path) || '/',
    size: entry.type === 'directory' ? 4096 : entry.content.length,
    mode: goMode(entry),
    mtime: new Date(entry.mtime).toISOString(),
    linkTarget: entry.target,
  };
  call.res.setHeader('X-Docker-Container-Path-Stat', Buffer.from(JSON.stringify(stat)).toString('base64'));
}

const head = (call: Call): void => {
  const { path, entry } = place(call);
  statHeader(call, path, entry);
  call.res.writeHead(200);
  call.res.end();
};

const get = async (call: Call): Promise<void> => {
  const { container, path, entry } = place(call);
  statHeader(call, path, entry);
  const tar = pack();
  const top = posix.dirname(posix.normalize(path));
  for (const [at, file] of container.files.walk(path)) {
    const name = posix.relative(top, at) || '.';
    const header: Parameters<typeof tar.entry>[0] & { linkname?: string } = {
      name,
      type: file.type,
      mode: file.mode,
      uid: file.uid,
      gid: file.gid,
      mtime: new Date(file.mtime),
    };
    if (file.type === 'symlink') header.linkname = file.target;
    if (file.type === 'directory') header.name = `${name}/`;
    tar.entry(header, file.content);
  }
  tar.finalize();
  call.world.events.container('archive-path', container);
  call.stream('application/x-tar');
  await sendArchive(tar, call.res);
};

const put = async (call: Call): Promise<void> => {
  const { container, path, entry } = place(call);
  if (entry.type === 'file') throw new ApiError(400, `extraction point is not a directory`);
  const body = await call.rawBody();
  const files = await readTar(body);
  for (const { header, content } of files) {
    const to = posix.join(path, header.name);
    const mtime = header.mtime?.getTime() ?? Date.now();
    const common = {
      mode: (header.mode ?? 0o644) & 0o7777,
      uid: header.uid ?? 0,
      gid: header.gid ?? 0,
      mtime,
      target: '',
    };
    const old = container.files.get(to);
    if (header.type === 'directory') {
      if (old && old.type !== 'directory' && call.flag('noOverwriteDirNonDir')) {
        throw new ApiError(400, `cannot overwrite non-directory "${to}" with directory "${header.name}"`);
      }
      if (old?.type !== 'directory')
        container.files.put(to, { ...common, type: 'directory', content: Buffer.alloc(0) });
    } else if (header.type === 'symlink') {
      container.files.put(to, { ...common, type: 'symlink', content: Buffer.alloc(0), target: header.linkname ?? '' });
    } else {
      container.files.put(to, { ...common, type: 'file', content });
    }
  }
  call.world.events.container('extract-to-dir', container);
  call.empty(200);
};

/** The entries of a tar, plain or gzipped; throws 400 for what is none. */
export async function readTar(body: Buffer): Promise<{ header: Header; content: Buffer }[]> {
  const found: { header: Header; content: Buffer }[] = [];
  const reader = extract();
  reader.on('entry', (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on('data', chunk => chunks.push(chunk as Buffer));
    // An archive that is cut: the pipeline tells of it.
    stream.on('error', () => {});
    stream.on('end', () => {
      found.push({ header, content: Buffer.concat(chunks) });
      next();
    });
  });
  const gzipped = body[0] === 0x1f && body[1] === 0x8b;
  try {
    const source = Readable.from([body]);
    await (gzipped ? pipeline(source, createGunzip(), reader) : pipeline(source, reader));
  } catch (error) {
    throw new ApiError(400, `Error processing tar file: ${(error as Error).message}`);
  }
  return found;
}

export const archiveRoutes: Route[] = [
  ['HEAD', '/containers/*/archive', head],
  ['GET', '/containers/*/archive', get],
  ['PUT', '/containers/*/archive', put],
];

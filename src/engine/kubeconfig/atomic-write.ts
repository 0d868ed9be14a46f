import { randomBytes } from 'node:crypto';
import { chmod, chown, open, readlink, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

const MODE = 0o600;

/** Where the links of a path lead, also when nothing is there yet. */
export async function followLinks(path: string): Promise<string> {
  let at = resolve(path);
  for (let hops = 0; hops < 40; hops++) {
    const next = await readlink(at).catch(() => undefined);
    if (next === undefined) return at;
    at = resolve(dirname(at), next);
  }
  return at;
}

/** Replaces a file's content whole or not at all; afterwards only its owner can read it. Follows no links. */
export async function writeAtomically(target: string, text: string): Promise<void> {
  const before = await stat(target).catch(() => undefined);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    const handle = await open(temporary, 'wx', MODE);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // With sudo the file would else become root's and its owner could not read it any more.
    if (before && process.getuid?.() === 0) await chown(temporary, before.uid, before.gid).catch(() => {});
    await rename(temporary, target).catch(error => replaceInPlace(error, temporary, target, text));
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(target));
}

/** A file that is itself a mount point (common in containers) cannot be renamed onto. */
async function replaceInPlace(error: unknown, temporary: string, target: string, text: string): Promise<void> {
  if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
  const handle = await open(target, 'r+');
  try {
    await handle.truncate(0);
    await handle.write(text, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(target, MODE).catch(() => {});
  await unlink(temporary);
}

/** Makes the rename itself durable. Some file systems do not offer this. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

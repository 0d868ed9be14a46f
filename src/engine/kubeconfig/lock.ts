import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { K3duiError } from '../../errors.ts';

export interface LockOptions {
  /** How long to wait for another program, in milliseconds. */
  waitMs?: number;
  /** Age at which a lock that does not say whose it is counts as left behind, in milliseconds. */
  staleMs?: number;
  signal?: AbortSignal;
}

interface Seen {
  id: string;
  ageMs: number;
  /** `pid host`, when one of us made it; kubectl's is empty. */
  owner: string;
}

/**
 * Runs `work` while holding `<path>.lock`, which kubectl uses too: whoever makes the file holds the lock. A lock left
 * behind (its process is gone; or, of unknown origin, it is old) is taken away. Throws KUBECONFIG_LOCKED.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const lock = `${path}.lock`;
  await acquire(lock, options);
  try {
    return await work();
  } finally {
    await unlink(lock).catch(() => {});
  }
}

async function acquire(lock: string, { waitMs = 10_000, staleMs = 30_000, signal }: LockOptions): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    signal?.throwIfAborted();
    const seen = await look(lock);
    if (seen === undefined) {
      if (await create(lock)) return removeAsides(lock);
      continue;
    }
    if (isLeftBehind(seen, staleMs)) {
      await takeAway(lock, seen);
      continue;
    }
    if (Date.now() >= deadline) {
      const [pid] = seen.owner.split(' ');
      throw new K3duiError({
        code: 'KUBECONFIG_LOCKED',
        message: `${lock} is held by ${pid ? `process ${pid}` : 'another program'}`,
        hint: 'try again when it is done; if none is running, remove that file',
      });
    }
    await sleep(20 + Math.random() * 30, undefined, { signal });
  }
}

/**
 * False when somebody else holds it. The file comes into being with its owner in it: one that was killed between the two
 * would leave a lock of which nobody knows whether it is still held.
 */
async function create(lock: string): Promise<boolean> {
  const own = asideOf(lock);
  const taken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EEXIST';
  await writeFile(own, `${process.pid} ${hostname()}`, { flag: 'wx', mode: 0o600 });
  try {
    await link(own, lock).catch(error => {
      if (taken(error)) throw error;
      // A file system without hard links.
      return copyFile(own, lock, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (taken(error)) return false;
    throw error;
  } finally {
    await unlink(own).catch(() => {});
  }
}

const asideOf = (lock: string): string => `${lock}.${process.pid}.${randomBytes(4).toString('hex')}`;

async function look(lock: string): Promise<Seen | undefined> {
  try {
    const [{ ino, mtimeMs }, owner] = await Promise.all([stat(lock), readFile(lock, 'utf8').catch(() => '')]);
    return { id: `${ino} ${mtimeMs}`, ageMs: Date.now() - mtimeMs, owner };
  } catch {
    return undefined;
  }
}

function isLeftBehind({ ageMs, owner }: Seen, staleMs: number): boolean {
  const [pid, host] = owner.split(' ');
  if (pid && /^\d+$/.test(pid) && host === hostname()) return !isAlive(Number(pid));
  return ageMs > staleMs;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Two may find the same lock left behind: a rename shows who was first, and what was caught by mistake goes back. */
async function takeAway(lock: string, seen: Seen): Promise<void> {
  const aside = asideOf(lock);
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  const { ino, mtimeMs } = await stat(aside);
  if (`${ino} ${mtimeMs}` !== seen.id) await link(aside, lock).catch(() => {});
  await unlink(aside).catch(() => {});
}

/** What processes of this machine that are gone kept beside the lock; they were killed while they took it. */
async function removeAsides(lock: string): Promise<void> {
  const names = await readdir(dirname(lock)).catch(() => []);
  for (const name of names.filter(name => name.startsWith(`${basename(lock)}.`))) {
    const file = join(dirname(lock), name);
    const pid = name.slice(basename(lock).length + 1).split('.')[0] ?? '';
    const [, host = hostname()] = (await readFile(file, 'utf8').catch(() => '')).split(' ');
    if (/^\d+$/.test(pid) && host === hostname() && !isAlive(Number(pid))) await unlink(file).catch(() => {});
  }
}

import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
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
    if (await create(lock)) return;
    const seen = await look(lock);
    if (seen === undefined) continue;
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

/** False when somebody else holds it. */
async function create(lock: string): Promise<boolean> {
  try {
    const handle = await open(lock, 'wx', 0o600);
    await handle.writeFile(`${process.pid} ${hostname()}`).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

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
  const aside = `${lock}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  const { ino, mtimeMs } = await stat(aside);
  if (`${ino} ${mtimeMs}` !== seen.id) await link(aside, lock).catch(() => {});
  await unlink(aside).catch(() => {});
}

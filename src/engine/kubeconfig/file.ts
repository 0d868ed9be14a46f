import { mkdir, readFile, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { K3duiError } from '../../errors.ts';
import { followLinks, writeAtomically } from './atomic-write.ts';
import { type LockOptions, withLock } from './lock.ts';
import { kubeconfigPaths, standalonePath } from './paths.ts';
import {
  type Before,
  changesBetween,
  isEmptyKubeconfig,
  type MergeOptions,
  mergeKubeconfig,
  removeFromKubeconfig,
  restoreKubeconfig,
} from './pure.ts';

export { defaultKubeconfigPath, kubeconfigDir, kubeconfigPaths, standalonePath } from './paths.ts';

/** Takes a change to a file back: only the entries it changed, not what others have done to the file since. */
export type UndoChange = () => Promise<void>;

/**
 * Merges the entries of a kubeconfig into a file, which is made when missing. Atomic, mode 0600, through symbolic links,
 * under a lock that kubectl respects. Throws KUBECONFIG_INVALID, KUBECONFIG_EXISTS, KUBECONFIG_LOCKED,
 * KUBECONFIG_NOT_WRITABLE; the file is then as it was.
 */
export async function mergeIntoFile(
  path: string,
  text: string,
  options: Omit<MergeOptions, 'path'>,
  lock?: LockOptions,
): Promise<UndoChange> {
  return change(path, before => mergeKubeconfig(before, text, { ...options, path }), lock);
}

/** Removes a cluster's entries from a file; does nothing when there are none or no file. Errors as `mergeIntoFile`. */
export async function removeFromFile(path: string, cluster: string, lock?: LockOptions): Promise<UndoChange> {
  // Looked at without the lock first: a file without our entries may lie where nothing can be written.
  const before = await read(path);
  if (before === undefined || removeFromKubeconfig(before, cluster, path) === undefined) return async () => {};
  return change(path, now => (now === undefined ? undefined : removeFromKubeconfig(now, cluster, path)), lock);
}

/**
 * Removes a cluster's entries from every file in use: with several in KUBECONFIG they may be in any. One that cannot be
 * read or written does not keep the others from being cleaned; its error is thrown at the end.
 */
export async function removeFromFiles(env: NodeJS.ProcessEnv, cluster: string): Promise<UndoChange> {
  const undos: UndoChange[] = [];
  const errors: unknown[] = [];
  for (const path of kubeconfigPaths(env)) {
    await removeFromFile(path, cluster).then(
      undo => undos.push(undo),
      error => errors.push(error),
    );
  }
  if (errors.length > 0) throw errors[0];
  return async () => {
    for (const undo of undos.toReversed()) await undo();
  };
}

/** Writes the cluster's own file, over what is there, and gives its path. */
export async function writeStandaloneFile(env: NodeJS.ProcessEnv, cluster: string, text: string): Promise<string> {
  const path = standalonePath(env, cluster);
  await writeKubeconfigFile(path, text);
  return path;
}

/** Removes the cluster's own file; false when there was none. */
export async function removeStandaloneFile(env: NodeJS.ProcessEnv, cluster: string): Promise<boolean> {
  return removeFile(standalonePath(env, cluster));
}

/** Writes a kubeconfig over whatever is in the file: atomic, mode 0600, through symbolic links. */
export async function writeKubeconfigFile(path: string, text: string): Promise<void> {
  await explained(path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeAtomically(await followLinks(path), text);
  });
}

/** Reads, changes and writes under the lock. `edit` gives the new text, or undefined for no change. */
async function change(
  path: string,
  edit: (before: string | undefined) => string | undefined,
  lock?: LockOptions,
): Promise<UndoChange> {
  return underLock(path, lock, async target => {
    const before = await read(target);
    const after = edit(before);
    if (after === undefined || after === before) return async () => {};
    await writeAtomically(target, after);
    const noted = changesBetween(before, after);
    return () => underLock(path, lock, () => takeBack(target, path, noted, before === undefined));
  });
}

async function takeBack(target: string, path: string, noted: Before, wasMissing: boolean): Promise<void> {
  const now = await read(target);
  if (now === undefined && wasMissing) return;
  const restored = restoreKubeconfig(now, noted, path);
  if (wasMissing && isEmptyKubeconfig(restored)) await removeFile(target);
  else if (restored !== now) await writeAtomically(target, restored);
}

/** Locks by the name that was given, as kubectl does, and by the file's own when a link leads to it. */
async function underLock<T>(
  path: string,
  lock: LockOptions | undefined,
  work: (target: string) => Promise<T>,
): Promise<T> {
  return explained(path, async () => {
    // From here on whole: the same file named in two ways would be locked against itself.
    const given = resolve(path);
    await mkdir(dirname(given), { recursive: true, mode: 0o700 });
    const target = await followLinks(given);
    const run = () => work(target);
    return withLock(given, target === given ? run : () => withLock(target, run, lock), lock);
  });
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw notWritable(path, error);
  }
}

async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw notWritable(path, error);
  }
}

/** Turns the file system's errors into ours. */
async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw typeof (error as NodeJS.ErrnoException).syscall === 'string' ? notWritable(path, error) : error;
  }
}

function notWritable(path: string, cause: unknown): K3duiError {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
  const why: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space left',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is not a folder',
  };
  return new K3duiError({
    code: 'KUBECONFIG_NOT_WRITABLE',
    message: `cannot change ${path}: ${why[code] ?? code}`,
    hint: 'set KUBECONFIG to a file of yours, or write to another one with --output; the file was left as it is',
    cause,
  });
}

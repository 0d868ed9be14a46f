import { readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { K3duiError } from '../../errors.ts';
import { entriesOf, parseKubeconfig } from '../kubeconfig/document.ts';
import { kubeconfigDir } from '../kubeconfig/file.ts';
import { contextName } from '../names.ts';

/** `.k3d-demo-server-0`: what k3d lets a node with a memory limit believe it has. k3d pkg/util/infofaker.go. */
const FOLDER = /^\.k3d-(.+)-(?:server|agent)-\d+$/;
const IN_FOLDER = ['meminfo', 'edac'];
/** `kubeconfig-demo.yaml`: the cluster's own, as `kubeconfig merge` writes it. */
const KUBECONFIG = /^kubeconfig-(.+)\.yaml$/;

/** A file or folder that k3d or k3dui made for a cluster. */
export interface OwnPath {
  path: string;
  kind: 'file' | 'folder';
  cluster: string;
  /** Unix time in seconds of its last change. */
  changed: number;
}

/** What lies in k3d's folder for clusters, by name and by content: nothing else that may be there is named. */
export async function ownPaths(env: NodeJS.ProcessEnv): Promise<OwnPath[]> {
  const folder = kubeconfigDir(env);
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name): Promise<OwnPath[]> => {
      const path = join(folder, name);
      const cluster = await clusterOfPath(path);
      const info = cluster === undefined ? undefined : await stat(path).catch(() => undefined);
      if (cluster === undefined || !info) return [];
      const kind = info.isDirectory() ? 'folder' : 'file';
      return [{ path, kind, cluster, changed: Math.floor(info.mtimeMs / 1000) }];
    }),
  );
  return found.flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The cluster for which k3d made this path; undefined: it is not k3d's. */
async function clusterOfPath(path: string): Promise<string | undefined> {
  const name = basename(path);
  const folder = FOLDER.exec(name)?.[1];
  if (folder !== undefined) {
    const inside = await readdir(path).catch(() => undefined);
    return inside?.every(one => IN_FOLDER.includes(one)) ? folder : undefined;
  }
  const cluster = KUBECONFIG.exec(name)?.[1];
  if (cluster === undefined) return undefined;
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const contexts = entriesOf(parseKubeconfig(text, path), 'contexts').map(entry => entry.name);
    return contexts.length === 1 && contexts[0] === contextName(cluster) ? cluster : undefined;
  } catch {
    return undefined;
  }
}

/** Removes one of k3d's own paths; does nothing when it is gone. Throws NOT_OURS for any other, HOST_PATH_STAYS. */
export async function removeOwnPath(env: NodeJS.ProcessEnv, path: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (!info) return;
  if (dirname(resolve(path)) !== resolve(kubeconfigDir(env)) || (await clusterOfPath(path)) === undefined) {
    throw new K3duiError({ code: 'NOT_OURS', message: `${path} is not k3d's: it stays` });
  }
  try {
    if (info.isDirectory()) await rm(path, { recursive: true });
    else await unlink(path);
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new K3duiError({
      code: 'HOST_PATH_STAYS',
      message: `${path} cannot be removed: ${code === 'EACCES' || code === 'EPERM' ? 'permission denied' : code}`,
      hint: `try: sudo rm -r ${path}`,
      cause,
    });
  }
}

import { access, constants, stat } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { isHostname } from '../../config/cluster-name.ts';
import { K3duiError } from '../../errors.ts';
import { homeFolder } from '../../home-folder.ts';

/** The kubeconfig files in use, in order: the entries of KUBECONFIG, else `~/.kube/config`. */
export function kubeconfigPaths(env: NodeJS.ProcessEnv): string[] {
  const entries = (env.KUBECONFIG ?? '').split(delimiter).filter(entry => entry !== '');
  return entries.length > 0
    ? [...new Set(entries.map(entry => resolve(entry)))]
    : [join(homeFolder(env), '.kube', 'config')];
}

/**
 * The file that new entries go to. Of several in KUBECONFIG (where k3d gives up) the first that exists and can be
 * written, else the first that can be made. Throws KUBECONFIG_NOT_WRITABLE.
 */
export async function defaultKubeconfigPath(env: NodeJS.ProcessEnv): Promise<string> {
  const paths = kubeconfigPaths(env);
  const [only] = paths;
  if (only !== undefined && paths.length === 1) return only;
  for (const path of paths) if (await isWritable(path)) return path;
  for (const path of paths) if (!(await exists(path)) && (await isCreatable(path))) return path;
  throw new K3duiError({
    code: 'KUBECONFIG_NOT_WRITABLE',
    message: `none of the files in KUBECONFIG can be written: ${paths.join(', ')}`,
    hint: 'make one of them writable, or choose another file with --output',
  });
}

/** k3d's folder for its own files: `$XDG_CONFIG_HOME` itself (k3d adds no `/k3d` there), else `~/.config/k3d`. */
export function kubeconfigDir(env: NodeJS.ProcessEnv): string {
  return env.XDG_CONFIG_HOME ? env.XDG_CONFIG_HOME : join(homeFolder(env), '.config', 'k3d');
}

/** The cluster's own file, as `k3d kubeconfig merge` writes it. Throws CLUSTER_NAME_INVALID for what is no name. */
export function standalonePath(env: NodeJS.ProcessEnv, cluster: string): string {
  // The name may come from a label that somebody else has set: it must not lead out of the folder.
  if (!isHostname(cluster)) {
    throw new K3duiError({ code: 'CLUSTER_NAME_INVALID', message: `'${cluster}' is not a cluster name` });
  }
  return join(kubeconfigDir(env), `kubeconfig-${cluster}.yaml`);
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** True when the nearest folder that exists can be written to. */
async function isCreatable(path: string): Promise<boolean> {
  const folder = dirname(path);
  const found = await stat(folder).catch(() => undefined);
  if (found) return found.isDirectory() && isWritable(folder);
  return folder !== path && isCreatable(folder);
}

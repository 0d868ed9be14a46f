import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ClusterSpec, FileSpec, RegistriesSpec } from '../../config/cluster-spec.ts';
import { defaultClusterSpec } from '../../config/cluster-spec.ts';
import { DEFAULT_K3S_IMAGE } from '../../config/default-image.ts';
import { specFromConfig } from '../../config/file/to-spec.ts';
import { writeClusterConfig } from '../../config/file/write.ts';
import { formatVolume, isNamedVolume, parseVolume } from '../../config/volumes.ts';
import { K3duiError, toK3duiError } from '../../errors.ts';
import { SECRET_NAME, withoutSecret } from '../../secret-names.ts';
import { sanitise } from '../../text.ts';
import { writeAtomically } from '../kubeconfig/atomic-write.ts';
import { stateFolder } from '../state-folder.ts';
import { loadConfig } from './config-file.ts';
import { withoutLogins } from './spec-registries.ts';

/** What the last cluster was made of. */
export interface LastRequest {
  spec: ClusterSpec;
  /** What it had and is not kept: secrets, and what a config file cannot say. A few words each. */
  missing: string[];
}

/** Begins the comment lines that say what is not kept. */
const MISSING = '# not kept: ';

/** The config file in which the request for the last cluster is kept. */
export function lastRequestPath(env: NodeJS.ProcessEnv): string {
  return join(stateFolder(env), 'last-create.yaml');
}

/**
 * Keeps a request for the next time, in place of the one before: without token, passwords and logins, readable only by its owner.
 * @param folder where the paths of `files:` start from; all others start from the current one
 * Throws LAST_REQUEST_NOT_KEPT.
 */
export async function rememberRequest(env: NodeJS.ProcessEnv, spec: ClusterSpec, folder = '.'): Promise<void> {
  const path = lastRequestPath(env);
  const missing: string[] = [];
  const text = writeClusterConfig(kept(spec, folder, missing));
  // A `$` would be taken for a variable, in comments too.
  const notes = missing.map(note => `${MISSING}${sanitise(note).replaceAll('$', '\\x24')}\n`);
  const head = '# the last cluster that was created; k3dui cluster create --like-last makes one like it\n';
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeAtomically(path, `${head}${notes.join('')}${text}`);
  } catch (error) {
    throw new K3duiError({
      code: 'LAST_REQUEST_NOT_KEPT',
      message: `what was asked for is not kept for --like-last: ${(error as Error).message}`,
      hint: `make ${dirname(path)} a folder that you may write to`,
      cause: error,
    });
  }
}

/** The request that was kept; undefined: none yet. Throws LAST_REQUEST_UNUSABLE. */
export async function lastRequest(env: NodeJS.ProcessEnv): Promise<LastRequest | undefined> {
  const path = lastRequestPath(env);
  try {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    // Nothing in it stands for a variable.
    const { config, files } = await loadConfig(path, { env: {}, stdin: () => Promise.resolve('') });
    const spec = specFromConfig(config, files, defaultClusterSpec(DEFAULT_K3S_IMAGE));
    const notes = text.split('\n').filter(line => line.startsWith(MISSING));
    return { spec, missing: notes.map(line => sanitise(line.slice(MISSING.length)).replaceAll('\\x24', '$')) };
  } catch (error) {
    throw new K3duiError({
      code: 'LAST_REQUEST_UNUSABLE',
      message: `what the last cluster was made of cannot be used: ${toK3duiError(error).message}`,
      hint: `remove ${path}, or put it right; the next create writes it anew`,
      cause: error,
    });
  }
}

/** As it may lie on a disk: paths whole, no secret. */
function kept(spec: ClusterSpec, folder: string, missing: string[]): ClusterSpec {
  const { token, ...rest } = spec;
  if (token) missing.push('the token; a new one is made');
  const harmless = <T>(list: T[], text: (entry: T) => string): T[] =>
    list.filter(entry => {
      const hidden = withoutSecret(text(entry));
      if (hidden !== text(entry)) missing.push(hidden);
      return hidden === text(entry);
    });
  return {
    ...rest,
    env: harmless(spec.env, ({ envVar }) => envVar),
    k3sArgs: harmless(spec.k3sArgs, ({ arg }) => arg),
    runtimeLabels: harmless(spec.runtimeLabels, ({ label }) => label),
    volumes: spec.volumes.map(({ volume, nodeFilters }) => ({ volume: wholePath(volume), nodeFilters })),
    files: spec.files.flatMap(file => keptFile(file, folder, missing)),
    registries: keptRegistries(spec.registries, missing),
  };
}

/** Files by their path. A text of the config file itself is kept unless a secret seems to be in it. */
function keptFile(file: FileSpec, folder: string, missing: string[]): FileSpec[] {
  const { path, content, destination } = file;
  if (path !== undefined) return [{ ...file, path: resolve(folder, path) }];
  const text = typeof content === 'string' ? content : Buffer.from(content).toString();
  const lines = text.split('\n');
  const secret = lines.some(line => /^\s*kind:\s*Secret\b/.test(line) || SECRET_NAME.test(line.split(/[:=]/)[0]!));
  if (!secret && lines.every(line => withoutSecret(line) === line)) return [file];
  missing.push(`the file ${destination}, as there may be a secret in it`);
  return [];
}

function keptRegistries({ create, use, config }: RegistriesSpec, missing: string[]): RegistriesSpec {
  const text = config?.includes('\n') ? withoutLogins(config, missing) : config && resolve(config);
  if (!create) return { use, ...(text ? { config: text } : {}) };
  const { proxy, deleteEnabled, volumes, ...others } = create;
  const { password, remoteURL, ...rest } = proxy ?? {};
  if (password) missing.push('the password of its registry for what it mirrors');
  const url = remoteURL && withoutSecret(remoteURL) !== remoteURL ? undefined : remoteURL;
  if (url !== remoteURL) missing.push(`what its registry mirrors: ${withoutSecret(remoteURL!)}`);
  if (deleteEnabled) missing.push('that images may be deleted from its registry (--registry-delete-enabled)');
  return {
    use,
    create: {
      ...others,
      ...(url ? { proxy: { ...rest, remoteURL: url } } : {}),
      ...(volumes ? { volumes: volumes.map(wholePath) } : {}),
    },
    ...(text ? { config: text } : {}),
  };
}

/** The volume with the whole path of a folder that is named from here; other volumes as they are. */
function wholePath(volume: string): string {
  const mount = parseVolume(volume);
  if (mount.source === '' || isNamedVolume(mount) || /^([/\\]|[a-z]:)/i.test(mount.source)) return volume;
  return formatVolume({ ...mount, source: resolve(mount.source) });
}

import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { FileSpec } from '../../config/cluster-spec.ts';
import type { ClusterConfig, ConfigFileEntry } from '../../config/file/config.ts';
import { missingVariables } from '../../config/file/expand-env.ts';
import { type ParsedConfig, parseConfig } from '../../config/file/parse.ts';
import { K3duiError } from '../../errors.ts';

/** Instead of a path: the config is on standard input. */
export const STDIN = '-';

/** A config file with the files that it names. */
export interface LoadedConfig extends ParsedConfig {
  /** As given; `-` for standard input. */
  path: string;
  /** Contents of `files:`. */
  files: FileSpec[];
  /** Variables in it that are not set. */
  missing: { name: string; line: number }[];
}

/**
 * Reads a config file and the files it names. `$NAME` in it stands for the environment's values, as in k3d
 * (cmd/util/config/config.go). With `nameOnly` it is read for its cluster's name: the files it names are not, and what the
 * texts in it say may be wrong. Throws CONFIG_MISSING, CONFIG_FILE_MISSING, or what `parseConfig` throws.
 */
export async function loadConfig(
  path: string,
  { env, stdin, nameOnly = false }: { env: NodeJS.ProcessEnv; stdin: () => Promise<string>; nameOnly?: boolean },
): Promise<LoadedConfig> {
  const text = path === STDIN ? await stdin() : await readConfigText(path);
  const parsed = parseConfig(text, path, env, !nameOnly);
  const files = await Promise.all(
    (nameOnly ? [] : (parsed.config.files ?? [])).map((entry, index) => readEntry(entry, index, path, parsed)),
  );
  return { ...parsed, path, files, missing: missingVariables(text, env) };
}

/** The text of a config file. Throws CONFIG_MISSING with k3d's words. */
export async function readConfigText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new K3duiError({
      code: 'CONFIG_MISSING',
      message: `Failed to stat config file ${path}: ${reasonOf(error)}`,
      hint: 'give the path of a config file, or - for standard input; make one with: k3dui config init',
      cause: error,
    });
  }
}

/** k3d pkg/util/files.go ReadFileSource; an absolute path works too, which k3d puts behind the config file's folder. */
async function readEntry(
  entry: ConfigFileEntry,
  index: number,
  config: string,
  parsed: ParsedConfig,
): Promise<FileSpec> {
  const { source, destination, description, nodeFilters = [] } = entry;
  const common = { destination, nodeFilters, ...(description ? { description } : {}) };
  if (source.includes('\n')) return { content: source, ...common };
  const folder = config === STDIN ? '.' : dirname(config);
  const beside = join(folder, source);
  const path = isAbsolute(source) && !(await isFile(beside)) ? source : beside;
  try {
    return { content: await readFile(path), path: source, ...common };
  } catch (error) {
    const place = parsed.placeOf(`files.${index}.source`);
    throw new K3duiError({
      code: 'CONFIG_FILE_MISSING',
      message: `config file ${config}${place ? `, line ${place.line}:${place.column}` : ''}: files.${index}.source: failed to read source content: ${path}: ${reasonOf(error)}`,
      hint: 'a source of one line is a path from the folder of the config file; a text begins with | and has lines below',
      cause: error,
    });
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isFile(),
    () => false,
  );
}

/** In Go's words. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'EACCES') return 'permission denied';
  return message;
}

/**
 * The environment's say on what stands in the file: for every text in it `K3D_` and its path, as k3d's settings have it
 * (viper's AutomaticEnv): `K3D_METADATA_NAME`, `K3D_KUBEAPI_HOSTPORT`. What flags can say too has its variable there.
 */
export function overrideFromEnvironment(config: ClusterConfig, env: NodeJS.ProcessEnv): ClusterConfig {
  const walk = (value: unknown, path: string[]): unknown => {
    if (typeof value === 'string') return env[`K3D_${path.join('_').toUpperCase()}`] || value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, [...path, key])]));
  };
  const { apiVersion, kind, ...rest } = config;
  return { apiVersion, kind, ...(walk(rest, []) as Partial<ClusterConfig>) };
}

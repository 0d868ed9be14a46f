import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { K3duiError } from '../errors.ts';
import { readTlsFiles, type TlsFiles } from './tls.ts';

/** The parts of Docker's config.json that we read. */
export interface DockerConfig {
  currentContext?: string;
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
}

/** Folder of Docker's own configuration: DOCKER_CONFIG or ~/.docker. */
export function dockerConfigFolder(env: NodeJS.ProcessEnv, home: string): string {
  return env.DOCKER_CONFIG || join(home, '.docker');
}

/** Docker's config.json; an absent or unreadable one counts as empty, as it is not ours to judge. */
export function readDockerConfig(folder: string): DockerConfig {
  try {
    const config: unknown = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    return config !== null && typeof config === 'object' ? config : {};
  } catch {
    return {};
  }
}

/** Name of the context in use; undefined when it is the default one, which stands for no context. */
export function currentContext(env: NodeJS.ProcessEnv, configFolder: string): string | undefined {
  const name = env.DOCKER_CONTEXT || readDockerConfig(configFolder).currentContext;
  return name && name !== 'default' ? name : undefined;
}

/**
 * Address and TLS files of a Docker context: `contexts/meta/<sha256 of the name>/meta.json`, certificates beside it
 * under `contexts/tls`. Throws DOCKER_UNREACHABLE when there is no such context or it has no Docker endpoint.
 */
export function contextEndpoint(name: string, configFolder: string): { host: string; tls?: TlsFiles } {
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(configFolder, 'contexts', 'meta', id, 'meta.json');
  const hint = 'choose another with `docker context use NAME`, or set DOCKER_HOST';
  let meta: { Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } } };
  try {
    meta = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const message = existsSync(file)
      ? `the docker context '${name}' cannot be read (${file})`
      : `there is no docker context '${name}'`;
    throw new K3duiError({ code: 'DOCKER_UNREACHABLE', message, hint, cause });
  }
  const docker = meta.Endpoints?.docker;
  if (!docker?.Host) {
    throw new K3duiError({
      code: 'DOCKER_UNREACHABLE',
      message: `the docker context '${name}' has no address of a Docker engine`,
      hint,
    });
  }
  const folder = join(configFolder, 'contexts', 'tls', id, 'docker');
  const tls = existsSync(folder) ? readTlsFiles(folder, docker.SkipTLSVerify !== true) : undefined;
  return { host: docker.Host, tls };
}

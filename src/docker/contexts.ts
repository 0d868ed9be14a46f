import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** One of Docker's contexts, as `docker context ls` lists it. */
export interface DockerContext {
  name: string;
  description: string;
  /** Address of its engine; empty: Docker's own default. */
  host: string;
  /** The environment or Docker's configuration says that it is the one in use. */
  inUse: boolean;
}

interface ContextMeta {
  Name?: string;
  Metadata?: { Description?: string };
  Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
}

/** All contexts, the default one first, then by name. One that cannot be read is left out. */
export function listContexts(env: NodeJS.ProcessEnv, configFolder: string): DockerContext[] {
  const current = env.DOCKER_HOST ? undefined : (currentContext(env, configFolder) ?? 'default');
  const folder = join(configFolder, 'contexts', 'meta');
  const found = (existsSync(folder) ? readdirSync(folder) : []).flatMap(id => {
    try {
      const meta = JSON.parse(readFileSync(join(folder, id, 'meta.json'), 'utf8')) as ContextMeta;
      if (!meta.Name || !meta.Endpoints?.docker?.Host) return [];
      const description = meta.Metadata?.Description ?? '';
      return [{ name: meta.Name, description, host: meta.Endpoints.docker.Host, inUse: meta.Name === current }];
    } catch {
      return [];
    }
  });
  const own = { name: 'default', description: "Docker's default socket", host: '', inUse: current === 'default' };
  return [own, ...found.sort((a, b) => (a.name < b.name ? -1 : 1))];
}

/**
 * Address and TLS files of a Docker context: `contexts/meta/<sha256 of the name>/meta.json`, certificates beside it
 * under `contexts/tls`. Throws DOCKER_UNREACHABLE when there is no such context or it has no Docker endpoint.
 */
export function contextEndpoint(name: string, configFolder: string): { host: string; tls?: TlsFiles } {
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(configFolder, 'contexts', 'meta', id, 'meta.json');
  const hint = 'choose another with `docker context use NAME`, or set DOCKER_HOST';
  let meta: ContextMeta;
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

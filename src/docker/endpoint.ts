import { accessSync, constants } from 'node:fs';
import { platform as osPlatform } from 'node:os';
import { join, posix } from 'node:path';
import { K3duiError } from '../errors.ts';
import { homeFolder } from '../home-folder.ts';
import { contextEndpoint, currentContext, dockerConfigFolder } from './contexts.ts';
import type { Endpoint } from './docker.ts';
import { readTlsFiles, type TlsFiles } from './tls.ts';

/** Everything needed to open connections to an engine. */
export interface ResolvedEndpoint extends Endpoint {
  tls?: TlsFiles;
  /** The default sockets that were looked for, when none was configured. */
  tried?: string[];
}

export interface EndpointOptions {
  env: NodeJS.ProcessEnv;
  /** Address given by the person; wins over everything. */
  host?: string;
  /** How the screen names the origin of `host`. */
  source?: string;
  demo?: boolean;
  home?: string;
  platform?: NodeJS.Platform;
}

/**
 * Finds the engine as Docker's own command line does: the address given, DOCKER_HOST, DOCKER_CONTEXT, the current
 * context of Docker's config, and last the sockets that engines usually make. Touches files only, no network.
 * Throws DOCKER_UNREACHABLE when what is configured cannot be understood or read.
 */
export function resolveEndpoint(options: EndpointOptions): ResolvedEndpoint {
  const { env } = options;
  const home = options.home ?? homeFolder(env);
  const platform = options.platform ?? osPlatform();
  const demo = options.demo ?? false;
  const configFolder = dockerConfigFolder(env, home);
  if (options.host) {
    return { ...addressed(options.host, env, configFolder), source: options.source ?? '--host', demo };
  }
  if (env.DOCKER_HOST) return { ...addressed(env.DOCKER_HOST, env, configFolder), source: 'DOCKER_HOST', demo };
  const context = currentContext(env, configFolder);
  if (context !== undefined) {
    const { host, tls } = contextEndpoint(context, configFolder);
    return { address: normalAddress(host, tls !== undefined), source: `context ${context}`, demo, tls };
  }
  const tried = defaultSockets(env, home, platform);
  const socket = tried.find(usable) ?? tried.find(present) ?? tried[0]!;
  return { address: platform === 'win32' ? socket : `unix://${socket}`, source: 'default', demo, tried };
}

/** TLS for an address of the environment, by the same variables as Docker's clients use. */
function addressed(host: string, env: NodeJS.ProcessEnv, configFolder: string): { address: string; tls?: TlsFiles } {
  const wanted = Boolean(env.DOCKER_TLS_VERIFY || env.DOCKER_TLS || env.DOCKER_CERT_PATH) || host.startsWith('https:');
  const address = normalAddress(host, wanted);
  if (!wanted || !address.startsWith('tcp://')) return { address };
  const folder = env.DOCKER_CERT_PATH || configFolder;
  // The server is checked unless DOCKER_TLS without DOCKER_TLS_VERIFY says that it need not be.
  const verify = env.DOCKER_TLS_VERIFY !== '' && !(env.DOCKER_TLS_VERIFY === undefined && env.DOCKER_TLS);
  return { address, tls: readTlsFiles(folder, verify) };
}

/** `unix://`, `npipe://`, `ssh://` or `tcp://` with a port. */
function normalAddress(host: string, tls: boolean): string {
  if (host.startsWith('/')) return `unix://${host}`;
  if (/^(unix|npipe):\/\//.test(host)) return host;
  const text = host.includes('://') ? host : `tcp://${host}`;
  let url: URL;
  try {
    url = new URL(text.replace(/^(tcp|https?):/, 'http:'));
  } catch (cause) {
    throw badAddress(host, cause);
  }
  if (text.startsWith('ssh://')) return text;
  if (!/^(tcp|https?):/.test(text) || !url.hostname) throw badAddress(host);
  const port = /:\d+(\/|$)/.test(text.slice(text.indexOf('://') + 3)) ? url.port || '80' : tls ? '2376' : '2375';
  return `tcp://${url.hostname}:${port}${url.pathname === '/' ? '' : url.pathname}`;
}

function badAddress(host: string, cause?: unknown): K3duiError {
  return new K3duiError({
    code: 'DOCKER_UNREACHABLE',
    message: `'${host}' is no address of a Docker engine`,
    hint: 'use unix:///path/to/docker.sock, tcp://host:port or ssh://user@host',
    cause,
  });
}

/** Where engines put their sockets, the likeliest first. */
function defaultSockets(env: NodeJS.ProcessEnv, home: string, platform: NodeJS.Platform): string[] {
  if (platform === 'win32') return ['npipe:////./pipe/docker_engine', 'npipe:////./pipe/dockerDesktopLinuxEngine'];
  const runtime = env.XDG_RUNTIME_DIR;
  return [
    '/var/run/docker.sock',
    ...(runtime ? [posix.join(runtime, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.rd/docker.sock'),
    ...(runtime ? [posix.join(runtime, 'podman/podman.sock')] : []),
    '/run/podman/podman.sock',
  ];
}

function usable(path: string): boolean {
  return allows(path, constants.R_OK | constants.W_OK);
}

function present(path: string): boolean {
  return allows(path, constants.F_OK);
}

function allows(path: string, mode: number): boolean {
  if (path.startsWith('npipe:')) return mode === constants.F_OK;
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

import { spawn } from 'node:child_process';
import { readDockerConfig } from './contexts.ts';

/** Docker Hub's name in Docker's config. */
const HUB = 'https://index.docker.io/v1/';

/** What goes into X-Registry-Auth. */
export interface Credentials {
  username?: string;
  password?: string;
  identitytoken?: string;
  serveraddress: string;
}

export interface CredentialOptions {
  configFolder: string;
  /** PATH is used to find the helpers. */
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Milliseconds a helper may take; it may ask a key chain or a cloud. */
  limit?: number;
}

/** Registry host of an image reference, as Docker tells it: a first part with a dot, a colon, or `localhost`. */
export function registryOf(reference: string): string {
  const first = reference.split('/')[0]!;
  const isHost = reference.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first : 'docker.io';
}

/**
 * Credentials for an image's registry from Docker's config: a helper for that registry, the credential store, or the
 * config itself. Undefined when there are none. A helper that fails counts as none, with `problem` saying why.
 */
export async function findCredentials(
  reference: string,
  options: CredentialOptions,
): Promise<{ credentials?: Credentials; problem?: string }> {
  const config = readDockerConfig(options.configFolder);
  const host = registryOf(reference);
  const hub = host === 'docker.io';
  const server = hub ? HUB : host;
  const helper = config.credHelpers?.[hub ? 'docker.io' : host] ?? config.credHelpers?.[server] ?? config.credsStore;
  let problem: string | undefined;
  if (helper) {
    const answer = await askHelper(helper, server, options);
    if (answer.credentials) return answer;
    problem = answer.problem;
  }
  const stored = Object.entries(config.auths ?? {}).find(([key]) => hostOf(key) === hostOf(server))?.[1];
  const credentials = stored && fromConfig(stored, server);
  return { credentials, problem: credentials ? undefined : problem };
}

/** The value of the X-Registry-Auth header: base64url of JSON. */
export function authHeader(credentials: Credentials): string {
  return Buffer.from(JSON.stringify(credentials)).toString('base64url');
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/')[0]!;
}

function fromConfig(
  stored: { auth?: string; username?: string; password?: string; identitytoken?: string },
  serveraddress: string,
): Credentials | undefined {
  if (stored.identitytoken) return { identitytoken: stored.identitytoken, serveraddress };
  const text = stored.auth ? Buffer.from(stored.auth, 'base64').toString().replace(/\0+$/, '') : '';
  const colon = text.indexOf(':');
  const username = stored.username || (colon > 0 ? text.slice(0, colon) : '');
  const password = stored.password || (colon > 0 ? text.slice(colon + 1) : '');
  return username ? { username, password, serveraddress } : undefined;
}

/** `docker-credential-NAME get` reads the server from stdin and prints JSON. */
async function askHelper(
  name: string,
  server: string,
  { env, signal, limit = 30_000 }: CredentialOptions,
): Promise<{ credentials?: Credentials; problem?: string }> {
  const program = `docker-credential-${name}`;
  const child = spawn(program, ['get'], { env, stdio: ['pipe', 'pipe', 'pipe'], signal, timeout: limit });
  child.stdin.on('error', () => {});
  child.stdin.end(server);
  const out: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.resume();
  const code = await new Promise<number | string>(resolve => {
    child.on('error', error => resolve((error as { code?: string }).code ?? error.message));
    child.on('close', (exit, killed) => resolve(exit ?? killed ?? 'killed'));
  });
  const text = Buffer.concat(out).toString().trim();
  if (code === 'ENOENT') return { problem: `${program}, which Docker's config names, is not installed` };
  if (code !== 0) return /not found/i.test(text) ? {} : { problem: `${program} failed (${code})` };
  try {
    const { Username, Secret, ServerURL } = JSON.parse(text) as Record<string, string | undefined>;
    if (!Secret) return {};
    const serveraddress = ServerURL || server;
    // Docker's mark for a token in place of a password.
    if (Username === '<token>') return { credentials: { identitytoken: Secret, serveraddress } };
    return { credentials: { username: Username ?? '', password: Secret, serveraddress } };
  } catch {
    return { problem: `${program} printed no credentials` };
  }
}

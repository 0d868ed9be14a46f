import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { K3duiError } from '../errors.ts';
import { type Fields, fields } from '../record.ts';

/** How to reach one cluster's API and prove who we are. */
export interface Access {
  server: string;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  token?: string;
  verify: boolean;
  serverName?: string;
}

interface Named {
  name?: string;
  [kind: string]: unknown;
}

/**
 * Reads the current context of a kubeconfig, given as text. Takes what k3s and k3d write: certificates (as data or as
 * files) or a token. Throws KUBECONFIG_INVALID when it cannot be used.
 */
export function accessOf(kubeconfig: string): Access {
  let config: Fields;
  try {
    config = fields(load(kubeconfig));
  } catch (cause) {
    throw invalid('it is no YAML', cause);
  }
  const contextName = String(config['current-context'] ?? '');
  const context = entry(config.contexts, contextName, 'context');
  const cluster = entry(config.clusters, String(context.cluster ?? ''), 'cluster');
  const user = entry(config.users, String(context.user ?? ''), 'user');
  const server = cluster.server;
  if (typeof server !== 'string' || !URL.canParse(server)) throw invalid('its cluster has no server address');
  const token = user.token;
  const serverName = cluster['tls-server-name'];
  return {
    server: server.replace(/\/+$/, ''),
    ca: bytes(cluster, 'certificate-authority'),
    cert: bytes(user, 'client-certificate'),
    key: bytes(user, 'client-key'),
    token: typeof token === 'string' ? token : undefined,
    verify: cluster['insecure-skip-tls-verify'] !== true,
    serverName: typeof serverName === 'string' ? serverName : undefined,
  };
}

/** The entry of that name in one of the lists; each is stored under the singular of its list. */
function entry(list: unknown, name: string, kind: string): Fields {
  const found = Array.isArray(list) ? (list as Named[]).find(item => item?.name === name) : undefined;
  if (!found) throw invalid(`it has no ${kind} '${name}'`);
  return fields(found[kind]);
}

function bytes(entry: Fields, name: string): Buffer | undefined {
  const data = entry[`${name}-data`];
  if (typeof data === 'string') return Buffer.from(data, 'base64');
  const file = entry[name];
  if (typeof file !== 'string' || file === '') return undefined;
  try {
    return readFileSync(file);
  } catch (cause) {
    throw invalid(`its ${name} ${file} cannot be read`, cause);
  }
}

function invalid(why: string, cause?: unknown): K3duiError {
  return new K3duiError({
    code: 'KUBECONFIG_INVALID',
    message: `the kubeconfig cannot be used: ${why}`,
    hint: 'read it again from the cluster with `k3dui kubeconfig get`',
    cause,
  });
}

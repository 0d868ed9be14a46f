import { isIP } from 'node:net';
import { K3duiError } from '../errors.ts';
import { parseApiPort } from './api-port.ts';
import type { RegistryCreateSpec } from './cluster-spec.ts';

/** Port that a registry listens on unless its configuration says otherwise. k3d pkg/types/registry.go. */
export const REGISTRY_PORT = 5000;

/** What `[http://]HOST[:PORT][:PORT]` names. */
export interface RegistryReference {
  /** Name of the registry's container. */
  name: string;
  /** The last port given: the one that it is published on, or listens on. */
  port: number | undefined;
}

/**
 * `NAME[:HOST][:HOSTPORT]` of `--registry-create`; HOSTPORT may be `random`. k3d cmd/cluster/clusterCreate.go.
 * Throws REGISTRY_INVALID, API_PORT_INVALID.
 */
export function parseRegistryCreate(text: string): RegistryCreateSpec {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (name !== '') checkRegistryName(name);
  if (colon < 0) return { name };
  const exposure = text.slice(colon + 1);
  // k3d wants a port here; an address alone can mean only one thing.
  if (isIP(exposure) === 4) return { name, host: exposure };
  const { host, hostPort } = parseApiPort(exposure);
  return { name, ...(exposure.includes(':') && { host }), hostPort: String(hostPort) };
}

/** The text that parses to this. */
export function formatRegistryCreate({ name = '', host, hostPort }: RegistryCreateSpec): string {
  const port = hostPort || 'random';
  if (host) return `${name}:${host.includes(':') ? `[${host}]` : host}:${port}`;
  return port === 'random' ? name : `${name}:${port}`;
}

/** `[http://|https://]HOST[:PORT][:PORT]` of `--registry-use`. k3d pkg/util/registry.go. Throws REGISTRY_REFERENCE_INVALID. */
export function parseRegistryReference(text: string): RegistryReference {
  const match = /^(?:https?:\/\/)?([\w.-]+)(?::(\d{1,5}))?(?::(\d{1,5}))?$/.exec(text.trim());
  const [, name = '', first, second] = match ?? [];
  const port = second ?? first;
  if (name === '' || Number(port ?? 0) > 65535) {
    throw new K3duiError({
      code: 'REGISTRY_REFERENCE_INVALID',
      message: `failed to parse registry reference '${text}': must be [http://]NAME[:PORT]`,
      hint: 'NAME is the name of a registry as `k3dui registry list` shows it; no image, tag or digest goes with it',
    });
  }
  return { name, port: port === undefined ? undefined : Number(port) };
}

/** Docker's own rule for the names of containers, which the nodes also use as a host name. Throws REGISTRY_INVALID. */
export function checkRegistryName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) && name.length <= 63) return;
  throw new K3duiError({
    code: 'REGISTRY_INVALID',
    message: `invalid registry name '${name}'`,
    hint: 'letters, digits, dots and dashes, a letter or digit first, at most 63: for example registry.localhost',
  });
}

/**
 * The registry that a pull-through mirror stands in for, as image references name it: `https://registry-1.docker.io` is
 * `docker.io`. Throws REGISTRY_PROXY_INVALID.
 */
export function mirroredHost(remoteURL: string): string {
  if (!/^https?:\/\//.test(remoteURL) || !URL.canParse(remoteURL)) {
    throw new K3duiError({
      code: 'REGISTRY_PROXY_INVALID',
      message: `'${remoteURL}' is no address of a registry`,
      hint: 'write it with http:// or https://, for example https://registry-1.docker.io for Docker Hub',
    });
  }
  const url = new URL(remoteURL);
  if (url.username || url.password) {
    throw new K3duiError({
      code: 'REGISTRY_PROXY_INVALID',
      message: 'the address of the mirrored registry must not hold a user name or password',
      hint: 'give them apart: --proxy-username, --proxy-password',
    });
  }
  return /^(registry-1|index|hub|registry)\.docker\.io$|^docker\.io$/.test(url.host) ? 'docker.io' : url.host;
}

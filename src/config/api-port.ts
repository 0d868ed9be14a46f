import { isIP } from 'node:net';
import { K3duiError } from '../errors.ts';

/** Where k3d publishes the Kubernetes API unless told otherwise. */
export const DEFAULT_API_HOST = '0.0.0.0';

export interface ApiPort {
  /** As given: what the kubeconfig names. IPv6 without brackets. */
  host: string;
  /** Address to listen on; undefined when `host` is a name that must be looked up first. */
  hostIP: string | undefined;
  hostPort: number | 'random';
}

/**
 * `[HOST:]PORT` where PORT may be `random` (k3d cmd/util/ports.go); IPv6 in brackets is our addition. Port 0 is random.
 * Throws API_PORT_INVALID with k3d's words. A host name is not looked up here.
 */
export function parseApiPort(text: string): ApiPort {
  const match = /^(?:(\[[^\s[\]]*\]|[^\s:[\]]+):)?(\d{1,5}|random)$/.exec(text);
  if (!match) {
    throw invalid(`failed to parse Port Exposure specification '${text}': Format must be [(HostIP|HostName):]HostPort`);
  }
  const [, given, port = ''] = match;
  const bare = given?.replace(/^\[|\]$/g, '');
  if (given?.startsWith('[') && isIP(bare ?? '') !== 6) {
    throw invalid(`failed to parse Port Exposure specification '${text}': invalid IP address: ${bare}`);
  }
  if (port !== 'random' && Number(port) > 65535) {
    throw invalid(`failed to parse port spec for Port Exposure '${text}': invalid hostPort: ${port}`);
  }
  const host = bare ?? DEFAULT_API_HOST;
  return {
    host,
    hostIP: isIP(host) > 0 ? host : undefined,
    hostPort: port === 'random' || Number(port) === 0 ? 'random' : Number(port),
  };
}

function invalid(message: string): K3duiError {
  return new K3duiError({
    code: 'API_PORT_INVALID',
    message,
    hint: 'write [HOST:]PORT, for example 6550, 127.0.0.1:6550, localhost:random',
  });
}

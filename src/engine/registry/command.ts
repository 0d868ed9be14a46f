import { shellWord } from '../../config/command-line.ts';
import { DEFAULT_REGISTRY_IMAGE } from '../../config/default-image.ts';
import type { RegistryLayout } from './container.ts';
import type { RegistryRequest } from './create.ts';
import { DEFAULT_REGISTRY_NAME } from './layout.ts';

/** The command line that makes the same registry. Its password is a secret: it comes from the environment. */
export function registryCommand(
  request: RegistryRequest,
  { name }: RegistryLayout,
  clusters: readonly string[],
): string {
  const words = ['k3dui registry create'];
  const flag = (flags: string, value: string | undefined) => {
    if (value) words.push(flags, shellWord(value));
  };
  // k3d puts `k3d-` in front of every name that it is given.
  if (name !== DEFAULT_REGISTRY_NAME) words.push(shellWord(name.replace(/^k3d-/, '')));
  const { host, hostPort = 'random', proxy } = request;
  if (host || hostPort !== 'random') flag('--port', host ? `${host}:${hostPort}` : hostPort);
  if (request.image !== DEFAULT_REGISTRY_IMAGE) flag('--image', request.image);
  for (const volume of request.volumes ?? []) flag('--volume', volume);
  flag('--default-network', request.network);
  for (const cluster of clusters) flag('--cluster', cluster);
  if (request.deleteEnabled) words.push('--delete-enabled');
  if (request.enforcePortMatch) words.push('--enforce-port-match');
  flag('--proxy-remote-url', proxy?.remoteURL);
  flag('--proxy-username', proxy?.username);
  const command = words.join(' ');
  return proxy?.password ? `REGISTRY_PROXY_PASSWORD="$PASSWORD" ${command}` : command;
}

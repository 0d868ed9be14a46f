import type { DockerOptions } from 'dockerode';
import { homeFolder } from '../home-folder.ts';
import { Caller } from './caller.ts';
import { dockerClient } from './client.ts';
import { dockerConfigFolder } from './contexts.ts';
import type { Docker } from './docker.ts';
import { resolveEndpoint } from './endpoint.ts';
import { DEFAULT_WATCHDOG, type Watchdog } from './events.ts';
import { Modem } from './modem.ts';
import { openWire } from './wire.ts';

export interface ConnectOptions {
  env: NodeJS.ProcessEnv;
  /** Address given by the person; wins over the environment. */
  host?: string;
  /** How the screen names the origin of `host`. */
  source?: string;
  demo?: boolean;
  signal?: AbortSignal;
  /** Do not talk to the engine yet: the first call does, and may throw DOCKER_UNREACHABLE then. */
  lazy?: boolean;
  watchdog?: Watchdog;
}

/**
 * Finds the engine and agrees on an API version with it. Throws DOCKER_UNREACHABLE or PERMISSION_DENIED when there is
 * none that can be used. An engine that goes away later comes back to the same client.
 */
export async function connectDocker(options: ConnectOptions): Promise<Docker> {
  const { env } = options;
  const endpoint = resolveEndpoint(options);
  const wire = openWire(endpoint, env);
  const modem = new Modem(wire, env.DOCKER_API_VERSION || undefined);
  // Loaded when needed: it is the slowest import of this room.
  const { default: Dockerode } = await import('dockerode');
  const dockerode = new Dockerode({ modem } as unknown as DockerOptions);
  const caller = new Caller(endpoint, modem, dockerode, wire.lastWords);
  if (!options.lazy) {
    await caller
      .run('reach the engine', options, signal => modem.apiVersion(signal))
      .catch(error => {
        caller.close();
        throw error;
      });
  }
  const configFolder = dockerConfigFolder(env, homeFolder(env));
  return dockerClient(caller, { configFolder, env, watchdog: options.watchdog ?? DEFAULT_WATCHDOG });
}

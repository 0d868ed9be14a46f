import type { Caller } from './caller.ts';
import { containerCalls } from './containers.ts';
import type { Docker } from './docker.ts';
import { engineCalls } from './engine.ts';
import type { Watchdog } from './events.ts';
import { imageCalls } from './images.ts';
import { insideCalls } from './insides.ts';
import { networkCalls } from './networks.ts';
import { pushCalls } from './push.ts';
import { volumeCalls } from './volumes.ts';

export interface ClientOptions {
  /** Folder of Docker's config, for credentials. */
  configFolder: string;
  env: NodeJS.ProcessEnv;
  watchdog: Watchdog;
}

/** The Docker client. dockerode knows the paths; connections, streams and errors are ours. */
export function dockerClient(caller: Caller, { configFolder, env, watchdog }: ClientOptions): Docker {
  return {
    endpoint: caller.endpoint,
    ...engineCalls(caller, watchdog),
    ...containerCalls(caller),
    ...insideCalls(caller),
    ...networkCalls(caller),
    ...volumeCalls(caller),
    ...imageCalls(caller, configFolder, env),
    ...pushCalls(caller, configFolder, env),
    close: () => caller.close(),
  };
}

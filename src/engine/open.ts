import { connectDocker } from '../docker/connect.ts';
import type { Call } from '../docker/docker.ts';
import type { Engine } from './engine.ts';
import { openInventory } from './inventory.ts';
import { openOperationLog } from './operation-log.ts';

export interface OpenOptions extends Call {
  env: NodeJS.ProcessEnv;
  /** Engine address that beats DOCKER_HOST and the docker context. */
  host?: string;
  /** The address is the demo engine's. */
  demo?: boolean;
  /** Nothing may be changed through it. */
  readOnly?: boolean;
}

/**
 * Connects to Docker and opens the inventory, which reads its first picture in the background.
 * Throws DOCKER_UNREACHABLE when no engine answers.
 */
export async function openEngine(options: OpenOptions): Promise<Engine> {
  const { env, host, demo, signal } = options;
  const docker = await connectDocker({ env, host, demo, source: demo ? 'demo' : undefined, signal });
  const inventory = openInventory(docker);
  return {
    docker,
    inventory,
    operations: openOperationLog(),
    readOnly: options.readOnly ?? false,
    env,
    close() {
      inventory.close();
      docker.close();
    },
  };
}

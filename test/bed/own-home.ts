import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestDocker } from './docker.ts';

/** A home folder with a kubeconfig of its own, and the environment of a k3dui that lives there. */
export interface OwnHome {
  home: string;
  env: NodeJS.ProcessEnv;
  remove(): Promise<void>;
}

/** Makes a home for one test file. */
export async function ownHome(bed: TestDocker): Promise<OwnHome> {
  const home = await mkdtemp(join(tmpdir(), 'k3dui-home-'));
  return {
    home,
    env: { ...bed.env, HOME: home, KUBECONFIG: join(home, 'kubeconfig') },
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

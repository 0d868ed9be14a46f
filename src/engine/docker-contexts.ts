import { type DockerContext, dockerConfigFolder, listContexts } from '../docker/contexts.ts';
import { homeFolder } from '../home-folder.ts';
import type { Engine } from './engine.ts';

export type { DockerContext } from '../docker/contexts.ts';

/** Docker's contexts, as they are in its configuration now; in use is the one whose engine this is. */
export function dockerContexts({ env, docker }: Pick<Engine, 'env' | 'docker'>): DockerContext[] {
  const contexts = listContexts(env, dockerConfigFolder(env, homeFolder(env)));
  return docker.endpoint.demo ? contexts.map(context => ({ ...context, inUse: false })) : contexts;
}

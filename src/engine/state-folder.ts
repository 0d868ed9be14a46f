import { join } from 'node:path';
import { homeFolder } from '../home-folder.ts';

/** Folder for what is kept between runs: `$XDG_STATE_HOME/k3dui`, else below ~/.local/state. */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_STATE_HOME || join(homeFolder(env), '.local', 'state'), 'k3dui');
}

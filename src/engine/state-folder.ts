import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder for what is kept between runs: `$XDG_STATE_HOME/k3dui`, else below ~/.local/state. */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'k3dui');
}

import { access } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { K3duiError } from '../../errors.ts';
import { homeFolder } from '../../home-folder.ts';

/** Names of a project's config file, the first that is there counts. Each with .yml too. */
const FOLDER_CONFIGS = ['k3dui.yaml', 'k3d.yaml', 'k3d-config.yaml', '.k3d.yaml', '.k3d/config.yaml'] as const;

/**
 * The config file of the project that a folder belongs to: in it, or in one above, so that a command works anywhere in a
 * project. The search ends at the top of a repository (.git) and at the home folder: a file further up is about something
 * else. Gives the path, relative where it is below `folder`. Throws CONFIG_NONE.
 */
export async function findFolderConfig(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const start = resolve(folder);
  const home = homeFolder(env);
  for (let at = start; ; at = dirname(at)) {
    for (const name of FOLDER_CONFIGS) {
      for (const candidate of [name, name.replace(/yaml$/, 'yml')]) {
        const path = join(at, candidate);
        if (await exists(path)) return at === start ? relative(start, path) : path;
      }
    }
    if (at === dirname(at) || at === home || (await exists(join(at, '.git')))) break;
  }
  throw new K3duiError({
    code: 'CONFIG_NONE',
    message: `there is no config file in ${start}, nor in the folders above it`,
    hint: `it is called ${FOLDER_CONFIGS.join(', ')}; make one: k3dui config init -o k3d.yaml, or from a cluster: k3dui cluster export NAME -o k3d.yaml`,
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

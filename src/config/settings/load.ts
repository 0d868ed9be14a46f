import { existsSync, readFileSync } from 'node:fs';
import { homeFolder } from '../../home-folder.ts';
import { DEFAULT_SETTINGS, type Settings } from './schema.ts';
import { settingsPath, settingsWithEnv } from './settings.ts';

/** The settings that hold for this environment, and the file they are from. Throws SETTINGS_INVALID. */
export async function loadSettings(env: NodeJS.ProcessEnv): Promise<{ settings: Settings; path: string }> {
  const path = settingsPath(env, homeFolder(env));
  let settings = DEFAULT_SETTINGS;
  if (existsSync(path)) {
    // Every start passes here, and most people have no such file: what reads YAML is loaded for those who have.
    const { parseSettings } = await import('./parse.ts');
    settings = parseSettings(readFileSync(path, 'utf8'), path);
  }
  return { settings: settingsWithEnv(settings, env), path };
}

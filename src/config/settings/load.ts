import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { DEFAULT_SETTINGS, type Settings } from './schema.ts';
import { parseSettings, settingsPath, settingsWithEnv } from './settings.ts';

/** The settings that hold for this environment, and the file they are from. Throws SETTINGS_INVALID. */
export function loadSettings(env: NodeJS.ProcessEnv): { settings: Settings; path: string } {
  const path = settingsPath(env, env.HOME || homedir());
  const settings = existsSync(path) ? parseSettings(readFileSync(path, 'utf8'), path) : DEFAULT_SETTINGS;
  return { settings: settingsWithEnv(settings, env), path };
}

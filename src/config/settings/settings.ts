import { join } from 'node:path';
import { K3duiError } from '../../errors.ts';
import { type Settings, THEMES, type ThemeName } from './schema.ts';

/** Where the settings are: K3DUI_SETTINGS, else `k3dui/settings.yaml` in XDG_CONFIG_HOME or ~/.config. */
export function settingsPath(env: NodeJS.ProcessEnv, home: string): string {
  return env.K3DUI_SETTINGS || join(env.XDG_CONFIG_HOME || join(home, '.config'), 'k3dui', 'settings.yaml');
}

/**
 * The settings with what the environment says on top: K3DUI_THEME, K3DUI_READ_ONLY, K3DUI_SCREEN_READER. Throws
 * SETTINGS_INVALID.
 */
export function settingsWithEnv(settings: Settings, env: NodeJS.ProcessEnv): Settings {
  const theme = env.K3DUI_THEME;
  const readOnly = env.K3DUI_READ_ONLY;
  const screenReader = screenReaderIn(env);
  return {
    ...settings,
    ...(theme ? { theme: themeNamed(theme, 'K3DUI_THEME') } : {}),
    ...(readOnly ? { readOnly: isYes(readOnly) } : {}),
    ...(screenReader === undefined ? {} : { screenReader }),
  };
}

/** Whether the environment asks for screen-reader output: K3DUI_SCREEN_READER, or what every program made with Ink knows. */
export function screenReaderIn(env: NodeJS.ProcessEnv): boolean | undefined {
  const asked = env.K3DUI_SCREEN_READER || env.INK_SCREEN_READER;
  return asked ? isYes(asked) : undefined;
}

const isYes = (text: string): boolean => !/^(0|f|false|no|off)$/i.test(text);

/** A theme by its name. `where` it was written. Throws SETTINGS_INVALID. */
export function themeNamed(name: string, where: string): ThemeName {
  const found = THEMES.find(theme => theme === name);
  if (found === undefined) throw invalidSetting(where, `there is no theme '${name}'`, `themes: ${THEMES.join(', ')}`);
  return found;
}

/** The error that names the place of a wrong setting. */
export function invalidSetting(
  where: string,
  what: string,
  hint = 'k3dui settings schema shows what may stand there',
): K3duiError {
  return new K3duiError({ code: 'SETTINGS_INVALID', message: `${where}: ${what}`, hint });
}

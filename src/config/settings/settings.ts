import { join } from 'node:path';
import { K3duiError } from '../../errors.ts';
import { checkTree, describeFinding } from '../file/check.ts';
import { NotYaml, parseTree, plainValues } from '../file/tree.ts';
import { DEFAULT_SETTINGS, SETTINGS_SCHEMA, type Settings, THEMES, type ThemeName } from './schema.ts';

/** Where the settings are: K3DUI_SETTINGS, else `k3dui/settings.yaml` in XDG_CONFIG_HOME or ~/.config. */
export function settingsPath(env: NodeJS.ProcessEnv, home: string): string {
  return env.K3DUI_SETTINGS || join(env.XDG_CONFIG_HOME || join(home, '.config'), 'k3dui', 'settings.yaml');
}

/** The settings in this text; what it leaves out is as by default. Throws SETTINGS_INVALID with the line. */
export function parseSettings(text: string, path: string): Settings {
  let tree: ReturnType<typeof parseTree>;
  try {
    tree = parseTree(text);
  } catch (error) {
    if (!(error instanceof NotYaml)) throw error;
    throw invalid(path, `line ${error.place.line}:${error.place.column}: ${error.message}`);
  }
  if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) return DEFAULT_SETTINGS;
  const [first] = checkTree(tree, SETTINGS_SCHEMA);
  if (first) throw invalid(path, describeFinding(first), first.hint);
  return { ...DEFAULT_SETTINGS, ...(plainValues(tree) as Partial<Settings>) };
}

/** The settings with what the environment says on top: K3DUI_THEME, K3DUI_READ_ONLY. Throws SETTINGS_INVALID. */
export function settingsWithEnv(settings: Settings, env: NodeJS.ProcessEnv): Settings {
  const theme = env.K3DUI_THEME;
  const readOnly = env.K3DUI_READ_ONLY;
  return {
    ...settings,
    ...(theme ? { theme: themeNamed(theme, 'K3DUI_THEME') } : {}),
    ...(readOnly ? { readOnly: !/^(0|f|false|no|off)$/i.test(readOnly) } : {}),
  };
}

/** A theme by its name. `where` it was written. Throws SETTINGS_INVALID. */
export function themeNamed(name: string, where: string): ThemeName {
  const found = THEMES.find(theme => theme === name);
  if (found === undefined) throw invalid(where, `there is no theme '${name}'`, `themes: ${THEMES.join(', ')}`);
  return found;
}

function invalid(where: string, what: string, hint = 'k3dui settings schema shows what may stand there'): K3duiError {
  return new K3duiError({ code: 'SETTINGS_INVALID', message: `${where}: ${what}`, hint });
}

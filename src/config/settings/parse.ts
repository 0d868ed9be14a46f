import { checkTree, describeFinding } from '../file/check.ts';
import { NotYaml, parseTree, plainValues } from '../file/tree.ts';
import { DEFAULT_SETTINGS, SETTINGS_SCHEMA, type Settings } from './schema.ts';
import { invalidSetting } from './settings.ts';

/** The settings in this text; what it leaves out is as by default. Throws SETTINGS_INVALID with the line. */
export function parseSettings(text: string, path: string): Settings {
  let tree: ReturnType<typeof parseTree>;
  try {
    tree = parseTree(text);
  } catch (error) {
    if (!(error instanceof NotYaml)) throw error;
    throw invalidSetting(path, `line ${error.place.line}:${error.place.column}: ${error.message}`);
  }
  if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) return DEFAULT_SETTINGS;
  const [first] = checkTree(tree, SETTINGS_SCHEMA);
  if (first) throw invalidSetting(path, describeFinding(first), first.hint);
  return { ...DEFAULT_SETTINGS, ...(plainValues(tree) as Partial<Settings>) };
}

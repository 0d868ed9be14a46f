import { isDeepStrictEqual } from 'node:util';
import { load, YAMLException } from 'js-yaml';
import { K3duiError } from '../../errors.ts';
import { dumpYaml, editText } from './edit-text.ts';

/** The three lists of a kubeconfig, and the key under which each entry of a list holds its value. */
export const SECTIONS = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;
export type Section = keyof typeof SECTIONS;
export const SECTION_NAMES = Object.keys(SECTIONS) as Section[];

export type KubeconfigEntry = Record<string, unknown> & { name: string };
export type KubeconfigDocument = Record<string, unknown>;

/** Puts an entry into a list in place of those of the same name, or takes those away. */
export interface EntryEdit {
  section: Section;
  name: string;
  /** undefined: remove. */
  entry: KubeconfigEntry | undefined;
}

export interface Edits {
  entries: EntryEdit[];
  currentContext?: string;
}

/**
 * A kubeconfig as a value; undefined or nothing but comments is an empty one. `path` is for the message. Throws
 * KUBECONFIG_INVALID with the line; the message quotes nothing of the file, which holds keys.
 */
export function parseKubeconfig(text: string | undefined, path = 'kubeconfig'): KubeconfigDocument {
  if (text === undefined || isBlank(text)) return {};
  let value: unknown;
  try {
    value = load(text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark ? `line ${error.mark.line + 1}: ` : '';
    throw invalid(path, `not valid YAML: ${line}${error.reason}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(path, 'not a kubeconfig');
  if (valuesIn(value, MOST_VALUES) > MOST_VALUES) throw invalid(path, 'too much for a kubeconfig');
  const document = value as KubeconfigDocument;
  for (const section of SECTION_NAMES) {
    const list = document[section] ?? [];
    if (!Array.isArray(list) || !list.every(isEntry))
      throw invalid(path, `'${section}' is not a list of named entries`);
  }
  return document;
}

/** Aliases of aliases are a few lines that stand for more than any memory holds. */
const MOST_VALUES = 1_000_000;
/** And an alias may stand for what it is in. */
const DEEPEST = 100;

/** How many values there are, each alias counted as what it stands for; counts no further than just past the limit. */
function valuesIn(value: unknown, limit: number, depth = 0): number {
  if (depth > DEEPEST) return limit + 1;
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const inner of Object.values(value)) {
    count += valuesIn(inner, limit - count, depth + 1);
    if (count > limit) break;
  }
  return count;
}

/** Entries of a list; empty when the list is missing. */
export function entriesOf(document: KubeconfigDocument, section: Section): KubeconfigEntry[] {
  return (document[section] ?? []) as KubeconfigEntry[];
}

export function currentContextOf(document: KubeconfigDocument): string {
  const name = document['current-context'];
  return typeof name === 'string' ? name : '';
}

/** As kubectl writes it: block style, keys by name, lists not indented, no folded lines. */
export function formatKubeconfig(document: KubeconfigDocument): string {
  const keys = Object.keys(document).sort();
  return dumpYaml(Object.fromEntries(keys.map(key => [key, document[key]])));
}

/**
 * The text with the edits made, touching nothing else: comments, order, unknown keys and style stay. Where the layout is
 * too unusual for that (flow style, anchors) the whole is written anew: the data stays, comments do not. A JSON file
 * stays JSON.
 */
export function applyEdits(text: string | undefined, edits: Edits, path?: string): string {
  const before = parseKubeconfig(text, path);
  const changed = applyToDocument(before, edits);
  if (isDeepStrictEqual(before, changed)) return text ?? '';
  const wanted = isBlank(text ?? '') ? { apiVersion: 'v1', kind: 'Config', ...changed } : changed;
  if (text === undefined || text.trim() === '') return formatKubeconfig(wanted);
  const edited = editText(text, edits);
  if (edited !== undefined && reads(edited, wanted)) return edited;
  return isJson(text) ? `${JSON.stringify(wanted, null, 2)}\n` : dumpYaml(wanted);
}

function applyToDocument(document: KubeconfigDocument, edits: Edits): KubeconfigDocument {
  const result: KubeconfigDocument = { ...document };
  for (const { section, name, entry } of edits.entries) {
    const list = entriesOf(result, section);
    const at = list.findIndex(other => other.name === name);
    const kept = list.filter((other, i) => other.name !== name || (entry !== undefined && i === at));
    const replaced = kept.map(other => (other.name === name && entry !== undefined ? entry : other));
    if (at >= 0) result[section] = replaced;
    else if (entry !== undefined) result[section] = [...list, entry];
  }
  if (edits.currentContext !== undefined && edits.currentContext !== currentContextOf(document)) {
    result['current-context'] = edits.currentContext;
  }
  return result;
}

function reads(text: string, wanted: KubeconfigDocument): boolean {
  try {
    return isDeepStrictEqual(parseKubeconfig(text), wanted);
  } catch {
    return false;
  }
}

function isBlank(text: string): boolean {
  return text.split('\n').every(line => /^\s*(?:#.*)?$/.test(line));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isEntry(value: unknown): value is KubeconfigEntry {
  return typeof value === 'object' && value !== null && typeof (value as KubeconfigEntry).name === 'string';
}

function invalid(path: string, why: string): K3duiError {
  return new K3duiError({
    code: 'KUBECONFIG_INVALID',
    message: `${path}: ${why}`,
    hint: 'repair the file or move it away; it was left as it is',
  });
}

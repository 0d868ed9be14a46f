import { K3duiError } from '../../errors.ts';
import { contextName, userName } from '../names.ts';
import {
  applyEdits,
  currentContextOf,
  type Edits,
  type EntryEdit,
  entriesOf,
  formatKubeconfig,
  type KubeconfigDocument,
  parseKubeconfig,
  SECTION_NAMES,
  SECTIONS,
  type Section,
} from './document.ts';

export interface MergeOptions {
  /** Replace entries of the same name; else they are an error. */
  overwrite: boolean;
  /** Make the added context the current one. It becomes that anyway when there is none. */
  switchContext: boolean;
  /** File the target is from, for messages. */
  path?: string;
}

/**
 * The kubeconfig that people use, made from the one k3s wrote: k3d's names, and the address that is reached from
 * outside. `host` without brackets. Throws KUBECONFIG_INVALID when k3s has not written a whole one (yet).
 */
export function clusterKubeconfig(raw: string, cluster: string, api: { host: string; port: number }): string {
  const origin = `kubeconfig of cluster '${cluster}'`;
  const document = parseKubeconfig(raw, origin);
  const from = firstValue(document, 'clusters', origin);
  const user = firstValue(document, 'users', origin);
  const name = contextName(cluster);
  const host = api.host.includes(':') ? `[${api.host}]` : api.host;
  return formatKubeconfig({
    apiVersion: 'v1',
    clusters: [{ cluster: { ...from, server: `https://${host}:${api.port}` }, name }],
    contexts: [{ context: { cluster: name, user: userName(cluster) }, name }],
    'current-context': name,
    kind: 'Config',
    users: [{ name: userName(cluster), user }],
  });
}

/**
 * The target with the entries of `added`; everything else stays as it is, comments included (see `applyEdits`).
 * Throws KUBECONFIG_INVALID when the target cannot be read, KUBECONFIG_EXISTS when it may not overwrite.
 */
export function mergeKubeconfig(target: string | undefined, added: string, options: MergeOptions): string {
  const existing = parseKubeconfig(target, options.path);
  const incoming = parseKubeconfig(added, 'kubeconfig to merge');
  const entries = SECTION_NAMES.flatMap(section =>
    entriesOf(incoming, section).map((entry): EntryEdit => ({ section, name: entry.name, entry })),
  );
  const taken = entries.find(({ section, name }) => entriesOf(existing, section).some(entry => entry.name === name));
  if (taken && !options.overwrite) {
    const word = { clusters: 'cluster', contexts: 'context', users: 'AuthInfo' }[taken.section];
    throw new K3duiError({
      code: 'KUBECONFIG_EXISTS',
      message: `${word} '${taken.name}' already exists in target KubeConfig`,
      hint: 'let it be overwritten (--update), or write to another file (--output)',
    });
  }
  const context = currentContextOf(incoming);
  const switches = context !== '' && (options.switchContext || currentContextOf(existing) === '');
  return applyAll(target, { entries, ...(switches ? { currentContext: context } : {}) }, options.path);
}

/**
 * The target without the cluster's entries; the first context left becomes current, or none. undefined: nothing to
 * change. Throws KUBECONFIG_INVALID when the target cannot be read.
 */
export function removeFromKubeconfig(target: string, cluster: string, path?: string): string | undefined {
  const document = parseKubeconfig(target, path);
  const context = contextName(cluster);
  const left = entriesOf(document, 'contexts').find(entry => entry.name !== context)?.name ?? '';
  const edits: Edits = {
    entries: [
      { section: 'clusters', name: context, entry: undefined },
      { section: 'contexts', name: context, entry: undefined },
      { section: 'users', name: userName(cluster), entry: undefined },
    ],
    ...(currentContextOf(document) === context ? { currentContext: left } : {}),
  };
  const result = applyEdits(target, edits, path);
  return result === target ? undefined : result;
}

/** What is needed to take a change back later, after others may have changed the file too. */
export interface Before {
  entries: EntryEdit[];
  currentContext: { before: string; after: string };
}

/** Notes how the entries that differ between two versions stood in the first. */
export function changesBetween(before: string | undefined, after: string): Before {
  const [old, now] = [parseKubeconfig(before), parseKubeconfig(after)];
  const entries = SECTION_NAMES.flatMap(section => {
    const names = new Set([...entriesOf(old, section), ...entriesOf(now, section)].map(entry => entry.name));
    return [...names].flatMap((name): EntryEdit[] => {
      const [was, is] = [old, now].map(document => entriesOf(document, section).find(entry => entry.name === name));
      return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ section, name, entry: was }];
    });
  });
  return { entries, currentContext: { before: currentContextOf(old), after: currentContextOf(now) } };
}

/** The target with the noted entries as they were. The current context goes back unless somebody has changed it since. */
export function restoreKubeconfig(target: string | undefined, noted: Before, path?: string): string {
  const { before, after } = noted.currentContext;
  const isOurs = currentContextOf(parseKubeconfig(target, path)) === after;
  return applyAll(target, { entries: noted.entries, ...(isOurs ? { currentContext: before } : {}) }, path);
}

/** True when the kubeconfig names no cluster, context or user. */
export function isEmptyKubeconfig(text: string): boolean {
  const document = parseKubeconfig(text);
  return SECTION_NAMES.every(section => entriesOf(document, section).length === 0);
}

/** `applyEdits` takes one edit per list at a time; the usual case is exactly that. */
function applyAll(target: string | undefined, edits: Edits, path?: string): string {
  const rounds: EntryEdit[][] = [];
  const counts = new Map<Section, number>();
  for (const edit of edits.entries) {
    const round = counts.get(edit.section) ?? 0;
    counts.set(edit.section, round + 1);
    rounds[round] = [...(rounds[round] ?? []), edit];
  }
  const { currentContext } = edits;
  const last = currentContext === undefined ? {} : { currentContext };
  const [first = [], ...more] = rounds;
  return more.reduce(
    (text, entries) => applyEdits(text, { entries }, path),
    applyEdits(target, { entries: first, ...last }, path),
  );
}

/** The value of the only entry that matters in a kubeconfig of k3s: the first. */
function firstValue(document: KubeconfigDocument, section: Section, origin: string): Record<string, unknown> {
  const value = entriesOf(document, section)[0]?.[SECTIONS[section]];
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new K3duiError({
    code: 'KUBECONFIG_INVALID',
    message: `${origin}: it has no ${SECTIONS[section]}`,
    hint: 'k3s writes it while it starts: try again when the server runs',
  });
}

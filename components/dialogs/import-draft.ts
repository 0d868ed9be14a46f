import { isLatest } from '../../src/config/image.ts';
import type { ImageSummary } from '../../src/docker/types.ts';
import type { ImportRequest } from '../../src/engine/image/import.ts';
import { familiarName, shortId } from '../../src/engine/image/names.ts';
import type { KeyPress } from '../hooks/use-keys.ts';
import { type ChoiceState, choiceOf, moveChoice } from '../widgets/choice-state.ts';
import { editField, type FieldState, fieldOf, selectAll } from '../widgets/field-state.ts';

/** One thing that can be imported. */
export interface Candidate {
  kind: 'image' | 'file';
  name: string;
  /** Of an image. */
  id?: string;
  size?: number;
  /** Unix seconds. */
  created?: number;
  /** Of the images in an archive, as far as they are known before it is read. */
  holds?: readonly string[];
}

/** What has the focus. */
export type Part = 'images' | 'file' | 'clusters' | 'retag' | 'preview' | 'cancel';

/** What was chosen so far in the import dialog; a plain value, so that keys that arrive at once never meet an old one. */
export interface ImportDraft {
  part: Part;
  candidates: readonly Candidate[];
  /** Names marked. */
  marked: ReadonlySet<string>;
  filter: FieldState;
  choice: ChoiceState;
  file: FieldState;
  clusters: readonly string[];
  chosenClusters: ReadonlySet<string>;
  clusterChoice: number;
  /** Tag that images called :latest get; empty: none. */
  retag: FieldState;
  problem: string;
}

/** `chosen`: clusters that are marked at first. */
export function importDraft(clusters: readonly string[], chosen: readonly string[]): ImportDraft {
  return {
    part: 'images',
    candidates: [],
    marked: new Set(),
    filter: fieldOf(''),
    choice: choiceOf(),
    file: fieldOf(''),
    clusters,
    chosenClusters: new Set(chosen),
    clusterChoice: 0,
    retag: fieldOf(''),
    problem: '',
  };
}

/** Docker's images as candidates, one for each name; files that were added stay on top. */
export function withImages(draft: ImportDraft, images: readonly ImageSummary[]): ImportDraft {
  const named = images.flatMap(({ Id, RepoTags, Size, Created }) =>
    (RepoTags ?? [])
      .filter(tag => !tag.includes('<none>'))
      .map((name): Candidate => ({ kind: 'image', name, id: Id, size: Size, created: Created })),
  );
  return { ...draft, candidates: [...draft.candidates.filter(({ kind }) => kind === 'file'), ...named] };
}

/** The candidates that pass the filter: every word of it is in the name. */
export function shownCandidates({ candidates, filter }: ImportDraft): readonly Candidate[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return candidates.filter(({ name }) => words.every(word => name.toLowerCase().includes(word)));
}

/** What is imported: the marked ones, or the selected one where none is. */
export function toImport(draft: ImportDraft): readonly Candidate[] {
  const marked = draft.candidates.filter(({ name }) => draft.marked.has(name));
  const selected = shownCandidates(draft)[draft.choice.index];
  return marked.length > 0 ? marked : selected ? [selected] : [];
}

/** Names of what is imported that are called `:latest`. */
export const latestOnes = (draft: ImportDraft): readonly string[] =>
  toImport(draft).flatMap(({ kind, name, holds = [] }) =>
    kind === 'image' ? [name].filter(isLatest) : holds.filter(isLatest).map(familiarName),
  );

/** A tag that says which image it is: `dev-dda31789`; of an archive, which tells no id before it is read, `dev`. */
export function proposedTag(draft: ImportDraft): string {
  const id = toImport(draft).find(({ kind, name }) => kind === 'image' && isLatest(name))?.id;
  return id === undefined ? 'dev' : `dev-${shortId(id).slice(0, 8)}`;
}

/** The parts there are, in the order of Tab. */
export function partsOf(draft: ImportDraft): readonly Part[] {
  return [
    'images',
    'file',
    ...(draft.clusters.length > 1 ? (['clusters'] as const) : []),
    ...(latestOnes(draft).length > 0 ? (['retag'] as const) : []),
    'preview',
    'cancel',
  ];
}

/** The request, or what is missing. */
export function requestOf(draft: ImportDraft): ImportRequest | string {
  const chosen = toImport(draft);
  if (chosen.length === 0) return 'nothing is chosen';
  const clusters = draft.clusters.filter(name => draft.chosenClusters.has(name));
  if (clusters.length === 0) return 'no cluster is chosen';
  const tag = draft.retag.text.trim();
  if (tag !== '' && !/^\w[\w.-]{0,127}$/.test(tag)) return `'${tag}' is no tag`;
  const names = (kind: Candidate['kind']) => chosen.filter(one => one.kind === kind).map(({ name }) => name);
  const request = { clusters, images: names('image'), files: names('file'), stdin: false };
  return tag !== '' && latestOnes(draft).length > 0 ? { ...request, retag: tag } : request;
}

/** An archive that is added is chosen at once; `size` in bytes. */
export function addFile(draft: ImportDraft, path: string, size: number): ImportDraft {
  const others = draft.candidates.filter(({ name }) => name !== path);
  return {
    ...draft,
    candidates: [{ kind: 'file', name: path, size }, ...others],
    marked: new Set([...draft.marked, path]),
    file: fieldOf(''),
    problem: '',
  };
}

/** What turned out to be in an archive that was added. */
export const withHeld = (draft: ImportDraft, path: string, holds: readonly string[]): ImportDraft => ({
  ...draft,
  candidates: draft.candidates.map(one => (one.kind === 'file' && one.name === path ? { ...one, holds } : one)),
});

/** The draft after a key; undefined for one that means nothing here. `rows`: how many candidates are seen. */
export function editDraft(draft: ImportDraft, key: KeyPress, rows: number): ImportDraft | undefined {
  const parts = partsOf(draft);
  const at = Math.max(0, parts.indexOf(draft.part));
  const go = (by: number): ImportDraft => moveTo(draft, parts[(at + by + parts.length) % parts.length]!);
  if (key.name === 'tab') return go(1);
  if (key.name === 'shift-tab') return go(-1);
  if (draft.part === 'images') return editImages(draft, key, rows);
  if (key.name === 'down' && draft.part !== 'clusters') return go(1);
  if (key.name === 'up' && draft.part !== 'clusters') return go(-1);
  if (draft.part === 'clusters') return editClusters(draft, key);
  if (draft.part === 'preview' && key.name === 'right') return go(1);
  if (draft.part === 'cancel' && key.name === 'left') return go(-1);
  const field = draft.part === 'file' ? 'file' : draft.part === 'retag' ? 'retag' : undefined;
  const edited = field && editField(draft[field], key);
  return field && edited ? { ...draft, [field]: edited, problem: '' } : undefined;
}

function moveTo(draft: ImportDraft, part: Part): ImportDraft {
  const empty = part === 'retag' && draft.retag.text === '';
  return { ...draft, part, ...(empty && { retag: selectAll(fieldOf(proposedTag(draft))) }) };
}

/** Letters filter; Space marks; the arrows move. */
function editImages(draft: ImportDraft, key: KeyPress, rows: number): ImportDraft | undefined {
  const shown = shownCandidates(draft);
  if (key.name === 'space') {
    const selected = shown[draft.choice.index];
    if (!selected) return draft;
    const marked = new Set(draft.marked);
    if (!marked.delete(selected.name)) marked.add(selected.name);
    const next = Math.min(shown.length - 1, draft.choice.index + 1);
    return { ...draft, marked, choice: { ...draft.choice, index: next }, problem: '' };
  }
  // Letters that move elsewhere are letters here.
  const moves = key.name.length > 1 && !['home', 'end'].includes(key.name);
  const moved = moves ? moveChoice(draft.choice, key, shown.length, rows) : undefined;
  if (moved) return { ...draft, choice: moved };
  const filter = editField(draft.filter, key);
  return filter && { ...draft, filter, choice: choiceOf(), problem: '' };
}

function editClusters(draft: ImportDraft, key: KeyPress): ImportDraft | undefined {
  const { clusters, clusterChoice } = draft;
  const by = { left: -1, up: -1, right: 1, down: 1 }[key.name];
  if (by !== undefined) {
    return { ...draft, clusterChoice: (clusterChoice + by + clusters.length) % clusters.length };
  }
  if (key.name !== 'space') return undefined;
  const chosenClusters = new Set(draft.chosenClusters);
  const name = clusters[clusterChoice]!;
  if (!chosenClusters.delete(name)) chosenClusters.add(name);
  return { ...draft, chosenClusters, problem: '' };
}

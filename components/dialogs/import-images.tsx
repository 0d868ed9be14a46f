import { statSync } from 'node:fs';
import { type ReactNode, useEffect, useRef } from 'react';
import type { ImageSummary } from '../../src/docker/types.ts';
import { archiveNames } from '../../src/engine/image/archive-names.ts';
import type { ImportRequest } from '../../src/engine/image/import.ts';
import { familiarName, shortId } from '../../src/engine/image/names.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { isAbort, toK3duiError } from '../../src/errors.ts';
import { formatAge, formatBytes, sanitise } from '../../src/text.ts';
import { errorText } from '../error-text.ts';
import { type KeyPress, useKeys } from '../hooks/use-keys.ts';
import { type Theme, useTheme } from '../theme.ts';
import { typedPath } from '../typed-path.ts';
import { buttonLine } from '../widgets/buttons.ts';
import { choiceLines } from '../widgets/choice-lines.ts';
import { fieldLine } from '../widgets/field-line.ts';
import { rowHead } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { hintLine } from './hint-line.ts';
import {
  addFile,
  editDraft,
  type ImportDraft,
  importDraft,
  latestOnes,
  proposedTag,
  requestOf,
  shownCandidates,
  toImport,
  withHeld,
  withImages,
} from './import-draft.ts';
import { PlanPreview } from './plan-preview.tsx';
import { useLiveState } from './use-live-state.ts';

export interface ImportImagesProps {
  /** Clusters into which something can be imported; those chosen at first. */
  clusters: readonly string[];
  chosen: readonly string[];
  images(signal: AbortSignal): Promise<ImageSummary[]>;
  plan(request: ImportRequest, signal: AbortSignal): Promise<Plan>;
  /** Of which `~` in a path is the home folder. */
  env: NodeJS.ProcessEnv;
  screenWidth: number;
  screenHeight: number;
  onApply: (plan: Plan, request: ImportRequest) => void;
  onCancel: () => void;
}

interface State {
  draft: ImportDraft;
  stage: 'choosing' | 'planning' | 'preview';
  loaded: boolean;
  plan?: Plan;
  request?: ImportRequest;
}

const LABEL = 10;
const HINTS = [
  ['Tab', 'next'],
  ['Space', 'mark'],
  ['Enter', 'preview'],
  ['Esc', 'cancel'],
] as const;

/** Chooses Docker's images and archives, and the clusters; then the plan; then they are streamed into the nodes. */
export function ImportImages(props: ImportImagesProps): ReactNode {
  const theme = useTheme();
  const { screenWidth, screenHeight, onCancel } = props;
  const [state, read, set] = useLiveState<State>(() => ({
    draft: importDraft(props.clusters, props.chosen),
    stage: 'choosing',
    loaded: false,
  }));
  const planning = useRef<AbortController>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the dialog opens
  useEffect(() => {
    const abort = new AbortController();
    props.images(abort.signal).then(
      images => !abort.signal.aborted && set({ ...read(), loaded: true, draft: withImages(read().draft, images) }),
      error =>
        !abort.signal.aborted &&
        set({ ...read(), loaded: true, draft: { ...read().draft, problem: toK3duiError(error).message } }),
    );
    return () => abort.abort();
  }, []);

  const width = Math.min(screenWidth, Math.max(72, Math.min(110, screenWidth - 8)));
  const extra = bottomLines(theme, state, width - 4);
  const rows = Math.max(3, Math.min(14, screenHeight - extra.length - 6));

  const goOn = async (): Promise<void> => {
    const { draft } = read();
    const request = requestOf(draft);
    if (typeof request === 'string') return set({ ...read(), draft: { ...draft, problem: request } });
    const abort = new AbortController();
    planning.current = abort;
    set({ ...read(), stage: 'planning', draft: { ...draft, problem: '' } });
    try {
      const plan = await props.plan(request, abort.signal);
      if (abort.signal.aborted) return;
      const nothing = plan.steps.length === 0;
      const problem = nothing ? 'all nodes hold that already' : '';
      set({ ...read(), stage: nothing ? 'choosing' : 'preview', plan, request, draft: { ...draft, problem } });
    } catch (thrown) {
      if (abort.signal.aborted || isAbort(thrown)) return;
      set({ ...read(), stage: 'choosing', draft: { ...draft, problem: errorText(toK3duiError(thrown)) } });
    }
  };
  const takeFile = (): void => {
    const { draft } = read();
    if (draft.file.text.trim() === '') return void goOn();
    const typed = typedPath(draft.file.text, props.env);
    const about = statSync(typed, { throwIfNoEntry: false });
    const there = about?.isFile() ? about : undefined;
    const next = there ? addFile(draft, typed, there.size) : { ...draft, problem: `there is no file ${typed}` };
    set({ ...read(), draft: next });
    if (!there) return;
    void archiveNames(typed).then(names => set({ ...read(), draft: withHeld(read().draft, typed, names ?? []) }));
  };
  useKeys(state.stage !== 'preview', (key: KeyPress) => {
    const now = read();
    if (key.name === 'escape' || key.name === 'ctrl-c') {
      if (now.stage !== 'planning') return onCancel();
      planning.current?.abort();
      return set({ ...now, stage: 'choosing' });
    }
    if (now.stage === 'planning') return;
    if (key.name === 'enter') {
      if (now.draft.part === 'cancel') return onCancel();
      return now.draft.part === 'file' ? takeFile() : void goOn();
    }
    const draft = editDraft(now.draft, key, rows);
    if (draft) set({ ...now, draft });
  });

  if (state.stage === 'preview' && state.plan && state.request) {
    const { request } = state;
    return (
      <PlanPreview
        plan={state.plan}
        applyLabel="Import"
        screenWidth={screenWidth}
        screenHeight={screenHeight}
        onApply={plan => props.onApply(plan, request)}
        onBack={() => set({ ...read(), stage: 'choosing' })}
      />
    );
  }
  const lines = [...topLines(theme, state, width - 4, rows), ...extra];
  return (
    <Modal
      title="Import images"
      right={countText(state.draft)}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      lines={lines}
    />
  );
}

function countText(draft: ImportDraft): string {
  const chosen = toImport(draft);
  const size = chosen.reduce((sum, { size = 0 }) => sum + size, 0);
  return draft.marked.size > 0 ? `${chosen.length} marked, ${formatBytes(size)}` : '';
}

/** `archive of app:1.0` */
function archiveText(holds: readonly string[] = []): string {
  const [first, ...more] = holds.map(familiarName);
  return first === undefined
    ? 'archive'
    : `archive of ${sanitise(first)}${more.length > 0 ? ` and ${more.length} more` : ''}`;
}

const label = (theme: Theme, text: string, focused: boolean): string => rowHead(theme, focused, text, LABEL);

function topLines(theme: Theme, { draft, loaded }: State, width: number, rows: number): string[] {
  const shown = shownCandidates(draft);
  const now = Date.now() / 1000;
  const items = shown.map(({ name, kind, id, size, created, holds }) => ({
    label: name,
    detail:
      kind === 'file'
        ? `${archiveText(holds)}  ${formatBytes(size!)}`
        : `${shortId(id!)}  ${formatBytes(size!).padStart(8)}  ${formatAge(now - created!).padStart(4)}`,
  }));
  const marked = new Set(shown.flatMap(({ name }, at) => (draft.marked.has(name) ? [at] : [])));
  const focused = draft.part === 'images';
  const list = choiceLines(theme, items, { ...draft.choice, marked }, width, rows, true);
  const none = !loaded
    ? 'asking Docker …'
    : draft.candidates.length === 0
      ? 'Docker has no images'
      : 'nothing passes the filter';
  const body = items.length > 0 ? list : [theme.paint('dim', `  ${none}`)];
  return [
    label(theme, 'Filter', focused) +
      fieldLine(theme, draft.filter, width - LABEL - 2, focused, { placeholder: 'type to filter' }),
    ...body,
    ...Array.from({ length: rows - body.length }, () => ''),
  ];
}

function bottomLines(theme: Theme, { draft, stage }: State, width: number): string[] {
  const latest = latestOnes(draft);
  const room = width - LABEL - 2;
  const clusters = draft.clusters.map((name, at) => {
    const [chosen, here] = [draft.chosenClusters.has(name), draft.part === 'clusters' && at === draft.clusterChoice];
    if (theme.spoken) return `${sanitise(name)} ${chosen ? 'chosen' : 'not chosen'}${here ? ', here' : ''}`;
    const text = `${chosen ? '[x]' : '[ ]'} ${sanitise(name)}`;
    return here ? theme.paint('selected', text) : text;
  });
  const warning = `${latest.map(sanitise).join(', ')}: Kubernetes asks the registry for :latest at each start, so give it a tag (empty: keep it)`;
  return [
    '',
    label(theme, 'Archive', draft.part === 'file') +
      fieldLine(theme, draft.file, room, draft.part === 'file', {
        placeholder: 'path of a docker save archive; Enter adds it',
      }),
    label(theme, 'Into', draft.part === 'clusters') + clusters.join('   '),
    ...(latest.length > 0
      ? [
          ...wrapText(warning, width - 2).map((line, at) => theme.paint('warn', `${at === 0 ? '!' : ' '} ${line}`)),
          label(theme, 'Tag', draft.part === 'retag') +
            fieldLine(theme, draft.retag, room, draft.part === 'retag', {
              placeholder: `:latest stays; ${proposedTag(draft)} would do`,
            }),
        ]
      : []),
    ...(draft.problem
      ? wrapText(sanitise(draft.problem), width - 2).map(line => theme.paint('bad', `✗ ${line}`))
      : ['']),
    stage === 'planning'
      ? theme.paint('dim', 'asking the nodes what they hold …')
      : buttonLine(
          theme,
          [{ label: 'Preview', tone: 'good' }, { label: 'Cancel' }],
          ['preview', 'cancel'].indexOf(draft.part),
          width,
        ),
    hintLine(theme, HINTS, width),
  ];
}

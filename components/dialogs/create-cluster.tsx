import { type ReactNode, useEffect, useRef } from 'react';
import type { ClusterSpec } from '../../src/config/cluster-spec.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { isAbort, toK3duiError } from '../../src/errors.ts';
import { sanitise } from '../../src/text.ts';
import { type KeyPress, useKeys } from '../hooks/use-keys.ts';
import { useTheme } from '../theme.ts';
import type { ChoiceItem } from '../widgets/choice-lines.ts';
import { type ChoiceState, choiceOf, moveChoice } from '../widgets/choice-state.ts';
import { Modal } from '../widgets/modal.tsx';
import type { LastTime } from './create/advisor.ts';
import { configFileLines } from './create/config-file-lines.ts';
import { createLayout, drawCreate } from './create/draw-create.ts';
import type { FieldId } from './create/fields.ts';
import { editForm, type FormState, focusedRow, focusField, openFilled, setText, textOf } from './create/form-state.ts';
import { imageChoices } from './create/image-choices.ts';
import { type NamedProblem, placeProblem } from './create/problems.ts';
import { type FieldProblem, formFrom, readForm } from './create/to-spec.ts';
import { useChecks } from './create/use-checks.ts';
import { PlanPreview } from './plan-preview.tsx';
import { useLiveState } from './use-live-state.ts';

export interface CreateClusterProps {
  /** What the form is filled with; its name should be free. */
  initial: ClusterSpec;
  /** The cluster of that name goes, and this one comes in its place. */
  replaces?: boolean;
  /** What Ctrl-L fills it with; absent: nothing was created yet. */
  last?: LastTime | undefined;
  /** What Ctrl-O offers. */
  images: readonly string[];
  networks: readonly string[];
  /** Names of the registries there are. */
  registries?: readonly string[];
  /** What is published besides what Docker has; asked for when Ctrl-O first lists images. */
  versions?: (signal: AbortSignal) => Promise<readonly string[]>;
  /** What speaks against an image here, in a few words. */
  hint?: (image: string) => string | undefined;
  /** What speaks against the spec as things are now. */
  check: (spec: ClusterSpec, signal: AbortSignal) => Promise<readonly NamedProblem[]>;
  /** Exactly what would be done. */
  plan: (spec: ClusterSpec, signal: AbortSignal) => Promise<Plan>;
  onApply: (plan: Plan, spec: ClusterSpec) => void;
  onCancel: () => void;
  screenWidth: number;
  screenHeight: number;
}

/** Where the person is: in the form, in a list of suggestions, waiting for the plan, or looking at it. */
export interface CreateState {
  form: FormState;
  stage: 'form' | 'planning' | 'preview';
  plan?: Plan;
  suggestions?: { field: FieldId; items: readonly ChoiceItem[]; choice: ChoiceState };
  /** What is published, or why that is not known. */
  published?: { images: readonly string[]; note: string };
  /** Why there is no plan. */
  error?: { message: string; hint?: string };
  /** What the form was filled with. */
  filled?: string;
  /** Esc was pressed once over a form with something typed. */
  leaving?: boolean;
}

/** What Ctrl-L says before anything was created. */
const NOTHING_LAST: LastTime = { problem: 'no cluster was created from here yet that this one could be like' };

/** Everything a cluster can be made of, checked while it is typed; then the plan; then it is made. */
export function CreateCluster(props: CreateClusterProps): ReactNode {
  const theme = useTheme();
  const { screenWidth, screenHeight, onApply, onCancel } = props;
  const [state, read, set] = useLiveState<CreateState>(() => ({
    // Of one that is made anew the name stays: most want another image.
    form: props.replaces ? focusField(formFrom(props.initial), 'image') : formFrom(props.initial),
    stage: 'form',
  }));
  const abort = useRef<AbortController>(undefined);
  const asking = useRef<AbortController>(undefined);
  useEffect(() => () => asking.current?.abort(), []);
  const { spec, problems: unreadable } = readForm(state.form);
  const checks = useChecks(spec, props.check, state.stage === 'form');
  const problems = merge(state.form, unreadable, checks.problems);
  const layout = createLayout(screenWidth, screenHeight);

  /** Asks for the plan of what the form says now, or goes to its first mistake. */
  const goOn = async (): Promise<void> => {
    const form: FormState = { ...read().form, tried: true };
    const { spec: asked, problems: wrong } = readForm(form);
    set({ ...kept(), form: toFirstError(form, wrong), stage: 'form' });
    if (wrong.some(problem => problem.severity === 'error')) return;
    abort.current = new AbortController();
    const { signal } = abort.current;
    set({ ...kept(), form, stage: 'planning' });
    try {
      const found = merge(form, wrong, await props.check(asked, signal));
      if (signal.aborted) return;
      if (found.some(problem => problem.severity === 'error'))
        return set({ ...kept(), form: toFirstError(form, found), stage: 'form' });
      const plan = await props.plan(asked, signal);
      if (!signal.aborted) set({ ...kept(), form, stage: 'preview', plan });
    } catch (thrown) {
      if (signal.aborted || isAbort(thrown)) return;
      const { message, hint } = toK3duiError(thrown);
      set({ ...kept(), form, stage: 'form', error: { message, hint } });
    }
  };

  /** What stays whatever the form goes through. */
  const kept = () => ({ published: read().published });
  const imageItems = ({ published }: CreateState): ChoiceItem[] =>
    imageChoices(props.images, published?.images ?? [], props.hint);
  /** Asks once what is published; the list that is open grows when the answer comes. */
  const askVersions = async (): Promise<void> => {
    if (!props.versions) return;
    asking.current = new AbortController();
    const { signal } = asking.current;
    set({ ...read(), published: { images: [], note: 'asking what else is published …' } });
    const published = await props.versions(signal).then(
      images => ({ images, note: '' }),
      error => ({ images: [], note: `what else is published is not known: ${toK3duiError(error).message}` }),
    );
    const now = read();
    if (signal.aborted || now.stage !== 'form') return;
    const { suggestions } = now;
    const grown = suggestions?.field === 'image' && { ...suggestions, items: imageItems({ ...now, published }) };
    set({ ...now, published, ...(grown ? { suggestions: grown } : {}) });
  };

  const fillLikeLast = (form: FormState, last: LastTime) => {
    if ('problem' in last) return set({ ...kept(), form, stage: 'form', error: { message: last.problem } });
    const missing = last.missing.length > 0 ? `, without ${last.missing.join(', ')}` : '';
    const filled = openFilled({ ...formFrom(last.spec), tried: true });
    set({ ...kept(), form: filled, stage: 'form', filled: `Filled in like the last time${missing}.` });
  };

  const onKey = (key: KeyPress) => {
    const now = read();
    if (now.stage === 'planning') {
      if (key.name !== 'escape' && key.name !== 'ctrl-c') return;
      abort.current?.abort();
      return set({ ...kept(), form: now.form, stage: 'form' });
    }
    if (now.suggestions) return onSuggestionKey(now, key);
    if (key.name === 'escape' || key.name === 'ctrl-c') {
      if (now.form.touched.size === 0 || now.leaving) return onCancel();
      return set({ ...now, leaving: true });
    }
    if (key.name === 'ctrl-l') return fillLikeLast(now.form, props.last ?? NOTHING_LAST);
    const row = focusedRow(now.form);
    if (key.name === 'ctrl-o' && row.kind === 'field' && row.field.choices) {
      if (row.field.choices === 'images' && !now.published) void askVersions();
      const names = row.field.choices === 'registries' ? (props.registries ?? []) : props.networks;
      const items = row.field.choices === 'images' ? imageItems(read()) : names.map(label => ({ label }));
      const text = textOf(now.form, row.field.id);
      const at = Math.max(
        0,
        items.findIndex(({ label }) => label === text),
      );
      return set({ ...read(), suggestions: { field: row.field.id, items, choice: choiceOf(at) } });
    }
    if (key.name === 'enter' && row.kind === 'cancel') return onCancel();
    if (key.name === 'enter' && row.kind !== 'more') {
      const typedEntry =
        row.kind === 'field' && row.field.kind === 'list' && now.form.lines[row.field.id][row.at]?.text;
      if (!typedEntry) return void goOn();
      return set({ ...now, form: editForm(now.form, { name: 'down', text: '' }) ?? now.form });
    }
    const form = editForm(now.form, key, layout.formHeight - 1);
    if (form) set({ ...kept(), form, stage: 'form' });
  };

  const onSuggestionKey = (now: CreateState, key: KeyPress) => {
    const { field, items, choice } = now.suggestions!;
    const closed = { ...now, suggestions: undefined };
    if (key.name === 'escape' || key.name === 'ctrl-o' || key.name === 'ctrl-c') return set(closed);
    if (key.name === 'enter' || key.name === 'tab') {
      const picked = items[choice.index];
      return set(picked === undefined ? closed : { ...closed, form: setText(now.form, field, picked.label) });
    }
    const moved = moveChoice(choice, key, items.length, layout.formHeight - 2);
    if (moved) set({ ...now, suggestions: { field, items, choice: moved } });
  };

  useKeys(state.stage !== 'preview', onKey);

  if (state.stage === 'preview' && state.plan) {
    return (
      <PlanPreview
        plan={state.plan}
        applyLabel={props.replaces ? 'Make anew' : 'Create'}
        destructive={props.replaces ?? false}
        below={(theme, width) => configFileLines(theme, readForm(read().form).spec, width)}
        screenWidth={screenWidth}
        screenHeight={screenHeight}
        onApply={plan => onApply(plan, readForm(read().form).spec)}
        onBack={() => set({ ...kept(), form: read().form, stage: 'form' })}
      />
    );
  }
  const { lines, outside } = drawCreate(
    theme,
    state,
    { spec, problems, failure: checks.failure, last: props.last !== undefined },
    layout,
  );
  return (
    <Modal
      title={props.replaces ? `Make ${sanitise(props.initial.name)} anew` : 'Create a cluster'}
      right={outside}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={layout.width}
      height={layout.height}
      lines={lines}
    />
  );
}

/** The mistakes of the words and those of the world, each once. */
function merge(form: FormState, unreadable: readonly FieldProblem[], found: readonly NamedProblem[]): FieldProblem[] {
  const placed = found.map(problem => placeProblem(problem, form, unreadable));
  const same = (a: FieldProblem, b: FieldProblem) => a.field === b.field && a.message === b.message;
  const broken = (problem: FieldProblem) =>
    unreadable.some(other => other.field === problem.field && other.at === problem.at);
  return [
    ...unreadable,
    ...placed.filter(problem => !broken(problem) && !unreadable.some(other => same(other, problem))),
  ];
}

function toFirstError(form: FormState, problems: readonly FieldProblem[]): FormState {
  const first = problems.find(problem => problem.severity === 'error');
  return first ? focusField({ ...form, tried: true }, first.field, first.at ?? 0) : form;
}

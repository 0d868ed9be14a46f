import { type ReactNode, useEffect, useRef } from 'react';
import type { Problem } from '../../src/engine/cluster/problems.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Plan } from '../../src/engine/plan.ts';
import {
  checkRegistryRequest,
  gatherRegistryFacts,
  type RegistryCreateFacts,
  type RegistryRequest,
} from '../../src/engine/registry/create.ts';
import { isAbort, toK3duiError } from '../../src/errors.ts';
import { sanitise } from '../../src/text.ts';
import { type KeyPress, useKeys } from '../hooks/use-keys.ts';
import { type Theme, useTheme } from '../theme.ts';
import { buttonLine } from '../widgets/buttons.ts';
import { editField, fieldLine } from '../widgets/field.tsx';
import { rowHead, switchText } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { hintLine } from './hint-line.ts';
import { PlanPreview } from './plan-preview.tsx';
import { emptyForm, isSwitch, moveFocus, type RegistryForm, ROWS, readForm } from './registry-form.ts';
import { useLiveState } from './use-live-state.ts';

export interface CreateRegistryProps {
  engine: Engine;
  /** Names of the clusters there are. */
  clusters: readonly string[];
  plan: (request: RegistryRequest, clusters: readonly string[], signal: AbortSignal) => Promise<Plan>;
  onApply: (plan: Plan, request: RegistryRequest, clusters: readonly string[]) => void;
  onCancel: () => void;
  screenWidth: number;
  screenHeight: number;
}

interface State extends RegistryForm {
  stage: 'form' | 'planning' | 'preview';
  facts?: RegistryCreateFacts;
  plan?: Plan;
  /** Why there is no plan. */
  error?: string;
  /** Something was typed: mistakes are shown from then on. */
  touched: boolean;
}

const LABEL = Math.max(...ROWS.map(row => row.label.length)) + 2;
const HINTS = [
  ['Tab', 'next'],
  ['Space', 'yes or no'],
  ['Enter', 'preview'],
  ['Esc', 'cancel'],
] as const;

/** A form for a registry: checked as it is typed; then the plan; then it is made. */
export function CreateRegistry(props: CreateRegistryProps): ReactNode {
  const theme = useTheme();
  const { engine, clusters, screenWidth, screenHeight, onCancel } = props;
  const [state, read, set] = useLiveState<State>(() => ({ ...emptyForm(), stage: 'form', touched: false }));
  const planning = useRef<AbortController>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: read and set are always the same state
  useEffect(() => {
    const abort = new AbortController();
    gatherRegistryFacts(engine, {}, [], { signal: abort.signal }).then(
      facts => !abort.signal.aborted && set({ ...read(), facts }),
      // Nothing can be checked yet; the plan will say why.
      () => {},
    );
    return () => abort.abort();
  }, [engine]);

  const goOn = async (): Promise<void> => {
    const abort = new AbortController();
    planning.current = abort;
    try {
      const asked = readForm(read(), clusters);
      set({ ...read(), stage: 'planning', error: undefined, touched: true });
      const plan = await props.plan(asked.request, asked.clusters, abort.signal);
      if (!abort.signal.aborted) set({ ...read(), stage: 'preview', plan });
    } catch (thrown) {
      if (abort.signal.aborted || isAbort(thrown)) return;
      const { message, hint } = toK3duiError(thrown);
      set({ ...read(), stage: 'form', error: hint ? `${message} · ${hint}` : message });
    }
  };
  const onKey = (key: KeyPress) => {
    const now = read();
    if (key.name === 'escape' || key.name === 'ctrl-c') {
      if (now.stage !== 'planning') return onCancel();
      planning.current?.abort();
      return set({ ...now, stage: 'form' });
    }
    if (now.stage === 'planning') return;
    if (key.name === 'enter') return now.focus === ROWS.length + 1 ? onCancel() : void goOn();
    const by = { tab: 1, down: 1, 'wheel-down': 1, 'shift-tab': -1, up: -1, 'wheel-up': -1 }[key.name];
    if (by !== undefined) return set({ ...now, ...moveFocus(now, by) });
    const row = ROWS[now.focus];
    if (!row) {
      if (key.name === 'left' || key.name === 'right') {
        set({ ...now, focus: now.focus === ROWS.length ? ROWS.length + 1 : ROWS.length });
      }
    } else if (isSwitch(row.id)) {
      if (['space', 'left', 'right'].includes(key.name)) {
        const switches = { ...now.switches, [row.id]: !now.switches[row.id] };
        set({ ...now, switches, error: undefined });
      }
    } else {
      const line = editField(now.lines[row.id], key);
      if (line) set({ ...now, lines: { ...now.lines, [row.id]: line }, error: undefined, touched: true });
    }
  };
  useKeys(state.stage !== 'preview', onKey);

  if (state.stage === 'preview' && state.plan) {
    return (
      <PlanPreview
        plan={state.plan}
        applyLabel="Create"
        screenWidth={screenWidth}
        screenHeight={screenHeight}
        onApply={plan => {
          const asked = readForm(read(), clusters);
          props.onApply(plan, asked.request, asked.clusters);
        }}
        onBack={() => set({ ...read(), stage: 'form' })}
      />
    );
  }
  const width = Math.min(screenWidth, 84);
  const lines = formLines(theme, state, problemsOf(state, clusters), width - 4);
  return (
    <Modal
      title="Create a registry"
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      height={Math.min(screenHeight, lines.length + 2)}
      lines={lines}
    />
  );
}

function problemsOf(state: State, clusters: readonly string[]): Pick<Problem, 'message' | 'hint' | 'severity'>[] {
  if (!state.touched || !state.facts) return [];
  try {
    return checkRegistryRequest(readForm(state, clusters).request, state.facts);
  } catch (thrown) {
    const { message, hint } = toK3duiError(thrown);
    return [{ message, hint, severity: 'error' }];
  }
}

function formLines(
  theme: Theme,
  state: State,
  problems: readonly Pick<Problem, 'message' | 'hint' | 'severity'>[],
  width: number,
): string[] {
  const room = width - LABEL - 3;
  const rows = ROWS.map((row, at) => {
    const focused = state.focus === at;
    const label = rowHead(theme, focused, row.label, LABEL);
    if (isSwitch(row.id)) return label + switchText(theme, state.switches[row.id], focused);
    const look = { placeholder: row.placeholder, secret: row.secret === true };
    return label + fieldLine(theme, state.lines[row.id], room, focused, look);
  });
  const said = problems.flatMap(({ message, hint, severity }) => {
    const text = hint ? `${message} · ${hint}` : message;
    return wrapText(sanitise(text), width - 2).map((line, at) =>
      theme.paint(severity === 'error' ? 'bad' : 'warn', `${at > 0 ? ' ' : severity === 'error' ? '✗' : '!'} ${line}`),
    );
  });
  const failed = state.error
    ? wrapText(sanitise(state.error), width - 2).map((line, at) => theme.paint('bad', `${at > 0 ? ' ' : '✗'} ${line}`))
    : [];
  const shown = (failed.length > 0 ? failed : said).slice(0, 3);
  const help = wrapText(ROWS[state.focus]?.help ?? '', width);
  return [
    ...rows,
    '',
    // Two lines whatever is said, so that the dialog does not jump.
    ...(shown.length > 0
      ? [...shown, ...(shown.length < 2 ? [''] : [])]
      : [...help, '', ''].slice(0, 2).map(line => theme.paint('dim', line))),
    '',
    state.stage === 'planning'
      ? theme.paint('dim', 'working out what is to be done …')
      : buttonLine(theme, [{ label: 'Preview', tone: 'good' }, { label: 'Cancel' }], state.focus - ROWS.length, width),
    hintLine(theme, HINTS, width),
  ];
}

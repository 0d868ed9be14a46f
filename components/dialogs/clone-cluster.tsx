import { type ReactNode, useRef } from 'react';
import { checkClusterName } from '../../src/config/cluster-name.ts';
import type { ClonePlan } from '../../src/engine/cluster/clone-plan.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { isAbort, toK3duiError } from '../../src/errors.ts';
import { sanitise } from '../../src/text.ts';
import { type KeyPress, useKeys } from '../hooks/use-keys.ts';
import { type Theme, useTheme } from '../theme.ts';
import { buttonLine } from '../widgets/buttons.ts';
import { editField, type FieldState, fieldLine, fieldOf, selectAll } from '../widgets/field.tsx';
import { pickText, rowHead } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { freeName } from './free-name.ts';
import { hintLine } from './hint-line.ts';
import { PlanPreview } from './plan-preview.tsx';
import { useLiveState } from './use-live-state.ts';

export interface CloneClusterProps {
  cluster: Cluster;
  /** Names that are taken. */
  taken: readonly string[];
  plan: (name: string, keepPorts: boolean, signal: AbortSignal) => Promise<ClonePlan>;
  onApply: (planned: ClonePlan) => void;
  onCancel: () => void;
  screenWidth: number;
  screenHeight: number;
}

interface FormState {
  /** Row with the focus: name, ports, Preview, Cancel. */
  focus: number;
  name: FieldState;
  keepPorts: boolean;
  stage: 'form' | 'planning' | 'preview';
  planned?: ClonePlan;
  error?: string;
}

const ROWS = 4;
const LABEL = 12;
const HINTS = [
  ['Tab', 'next'],
  ['Space', 'change'],
  ['Enter', 'preview'],
  ['Esc', 'cancel'],
] as const;

/** A small form for a cluster like another: its name, and what becomes of the host ports; then the plan. */
export function CloneCluster(props: CloneClusterProps): ReactNode {
  const theme = useTheme();
  const { cluster, taken, screenWidth, screenHeight, onCancel } = props;
  const [state, read, set] = useLiveState<FormState>(() => ({
    focus: 0,
    name: selectAll(fieldOf(freeName(cluster.name, taken))),
    keepPorts: false,
    stage: 'form',
  }));
  const planning = useRef<AbortController>(undefined);
  const goOn = async (): Promise<void> => {
    const abort = new AbortController();
    planning.current = abort;
    const { name, keepPorts } = read();
    set({ ...read(), stage: 'planning', error: undefined });
    try {
      const planned = await props.plan(name.text.trim(), keepPorts, abort.signal);
      if (!abort.signal.aborted) set({ ...read(), stage: 'preview', planned });
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
    if (key.name === 'enter') return now.focus === 3 ? onCancel() : void goOn();
    const by = { tab: 1, down: 1, 'shift-tab': -1, up: -1 }[key.name];
    if (by !== undefined) return set({ ...now, focus: (now.focus + by + ROWS) % ROWS });
    if (now.focus === 1 && ['space', 'left', 'right'].includes(key.name)) {
      return set({ ...now, keepPorts: !now.keepPorts, error: undefined });
    }
    if (now.focus >= 2 && (key.name === 'left' || key.name === 'right')) {
      return set({ ...now, focus: now.focus === 2 ? 3 : 2 });
    }
    const edited = now.focus === 0 ? editField(now.name, key) : undefined;
    if (edited) set({ ...now, name: edited, error: undefined });
  };
  useKeys(state.stage !== 'preview', onKey);

  if (state.stage === 'preview' && state.planned) {
    const { planned } = state;
    const { plan, notes } = planned;
    return (
      <PlanPreview
        plan={{ ...plan, warnings: [...notes, ...plan.warnings] }}
        applyLabel="Create"
        screenWidth={screenWidth}
        screenHeight={screenHeight}
        onApply={() => props.onApply(planned)}
        onBack={() => set({ ...read(), stage: 'form' })}
      />
    );
  }
  const width = Math.min(screenWidth, 76);
  const lines = formLines(theme, state, taken, width - 4);
  return (
    <Modal
      title={`A cluster like ${sanitise(cluster.name)}`}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      height={Math.min(screenHeight, lines.length + 2)}
      lines={lines}
    />
  );
}

function problemOf(name: string, taken: readonly string[]): string | undefined {
  if (taken.includes(name)) return `there is a cluster ${name} already`;
  try {
    checkClusterName(name);
    return undefined;
  } catch (error) {
    return toK3duiError(error).message;
  }
}

function formLines(theme: Theme, state: FormState, taken: readonly string[], width: number): string[] {
  const row = (at: number, label: string, value: string) => rowHead(theme, state.focus === at, label, LABEL) + value;
  const choice = pickText(theme, ['the next free ones', 'the same'], state.keepPorts ? 1 : 0, state.focus === 1);
  const problem = state.error ?? problemOf(state.name.text.trim(), taken);
  const said = problem ? wrapText(sanitise(problem), width - 2).map(line => theme.paint('bad', `✗ ${line}`)) : [];
  return [
    row(0, 'Name', fieldLine(theme, state.name, width - LABEL - 4, state.focus === 0)),
    row(1, 'Host ports', choice),
    '',
    theme.paint('dim', 'Its own token, network and API port; what is in it is not copied.'),
    ...(said.length > 0 ? ['', ...said] : []),
    '',
    state.stage === 'planning'
      ? theme.paint('dim', 'working out what is to be done …')
      : buttonLine(theme, [{ label: 'Preview', tone: 'good' }, { label: 'Cancel' }], state.focus - 2, width),
    hintLine(theme, HINTS, width),
  ];
}

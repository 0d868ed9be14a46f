import { type ReactNode, useEffect, useRef } from 'react';
import type { Problem } from '../../src/engine/cluster/problems.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { checkNodeRequest } from '../../src/engine/node/create.ts';
import { gatherNodeFacts, type NodeFacts } from '../../src/engine/node/facts.ts';
import { defaultNodeRequest, type NodeRequest } from '../../src/engine/node/request.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { isAbort, toK3duiError } from '../../src/errors.ts';
import { sanitise } from '../../src/text.ts';
import { type KeyPress, useKeys } from '../hooks/use-keys.ts';
import { type Theme, useTheme } from '../theme.ts';
import { buttonLine } from '../widgets/buttons.ts';
import { editField, type FieldState, fieldLine, fieldOf, selectAll } from '../widgets/field.tsx';
import { pickText, rowHead } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { hintLine } from './hint-line.ts';
import { PlanPreview } from './plan-preview.tsx';
import { useLiveState } from './use-live-state.ts';

export interface AddNodeProps {
  engine: Engine;
  cluster: Cluster;
  plan: (cluster: Cluster, request: NodeRequest, signal: AbortSignal) => Promise<Plan>;
  onApply: (plan: Plan, request: NodeRequest) => void;
  onCancel: () => void;
  screenWidth: number;
  screenHeight: number;
}

interface FormState {
  /** Row with the focus: role, count, image, Preview, Cancel. */
  focus: number;
  role: 'agent' | 'server';
  count: FieldState;
  image: FieldState;
  stage: 'form' | 'planning' | 'preview';
  facts?: NodeFacts;
  plan?: Plan;
  /** Why there is no plan. */
  error?: string;
}

const ROWS = 5;
const LABEL = 10;
const HINTS = [
  ['Tab', 'next'],
  ['Space', 'agent or server'],
  ['Enter', 'preview'],
  ['Esc', 'cancel'],
] as const;

/** A small form for further agents or servers: role, how many, image; then the plan; then they are made. */
export function AddNode(props: AddNodeProps): ReactNode {
  const theme = useTheme();
  const { engine, cluster, screenWidth, screenHeight, onCancel } = props;
  const [state, read, set] = useLiveState<FormState>(() => ({
    focus: 0,
    role: 'agent',
    count: selectAll(fieldOf('1')),
    image: fieldOf(''),
    stage: 'form',
  }));
  const planning = useRef<AbortController>(undefined);
  const { role } = state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: read and set are always the same state; the cluster stays the one asked about
  useEffect(() => {
    const abort = new AbortController();
    gatherNodeFacts(engine, cluster, { role }, { signal: abort.signal }).then(
      facts => !abort.signal.aborted && set({ ...read(), facts }),
      // Nothing can be checked yet; the plan will say why.
      () => {},
    );
    return () => abort.abort();
  }, [engine, role]);

  const problems = problemsOf(state, cluster);
  const goOn = async (): Promise<void> => {
    const abort = new AbortController();
    planning.current = abort;
    set({ ...read(), stage: 'planning', error: undefined });
    try {
      const plan = await props.plan(cluster, requestOf(read(), cluster), abort.signal);
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
    if (key.name === 'enter') return now.focus === 4 ? onCancel() : void goOn();
    const by = { tab: 1, down: 1, 'shift-tab': -1, up: -1 }[key.name];
    if (by !== undefined) return set({ ...now, focus: (now.focus + by + ROWS) % ROWS });
    if (now.focus === 0 && ['space', 'left', 'right'].includes(key.name)) {
      return set({ ...now, role: now.role === 'agent' ? 'server' : 'agent', error: undefined });
    }
    if (now.focus >= 3 && (key.name === 'left' || key.name === 'right')) {
      return set({ ...now, focus: now.focus === 3 ? 4 : 3 });
    }
    const field = now.focus === 1 ? 'count' : now.focus === 2 ? 'image' : undefined;
    const edited = field && editField(now[field], key);
    if (field && edited) set({ ...now, [field]: edited, error: undefined });
  };
  useKeys(state.stage !== 'preview', onKey);

  if (state.stage === 'preview' && state.plan) {
    return (
      <PlanPreview
        plan={state.plan}
        applyLabel="Add"
        screenWidth={screenWidth}
        screenHeight={screenHeight}
        onApply={plan => props.onApply(plan, requestOf(read(), cluster))}
        onBack={() => set({ ...read(), stage: 'form' })}
      />
    );
  }
  const width = Math.min(screenWidth, 76);
  const lines = formLines(theme, state, problems, width - 4);
  return (
    <Modal
      title={`Add nodes to ${sanitise(cluster.name)}`}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      height={Math.min(screenHeight, lines.length + 2)}
      lines={lines}
    />
  );
}

/** Names follow those that a create gives: `k3d-demo-agent-2` is next. */
function requestOf({ role, count, image }: Pick<FormState, 'role' | 'count' | 'image'>, cluster: Cluster): NodeRequest {
  const text = count.text.trim();
  return {
    ...defaultNodeRequest(`${cluster.name}-${role}`),
    role,
    replicas: /^\d+$/.test(text) ? Number(text) : Number.NaN,
    ...(image.text.trim() ? { image: image.text.trim() } : {}),
  };
}

function problemsOf(state: FormState, cluster: Cluster): Problem[] {
  return state.facts ? checkNodeRequest(cluster, requestOf(state, cluster), state.facts) : [];
}

function formLines(theme: Theme, state: FormState, problems: readonly Problem[], width: number): string[] {
  const row = (at: number, label: string, value: string) => rowHead(theme, state.focus === at, label, LABEL) + value;
  const room = width - LABEL - 4;
  const choice = pickText(theme, ['agent', 'server'], state.role === 'agent' ? 0 : 1, state.focus === 0);
  const usual = state.facts?.source?.inspect.Config.Image ?? '';
  const said = problems.flatMap(({ message, hint, severity }) => {
    const tone = severity === 'error' ? 'bad' : 'warn';
    const text = hint ? `${message} · ${hint}` : message;
    return wrapText(sanitise(text), width - 2).map((line, at) =>
      theme.paint(tone, `${at > 0 ? ' ' : severity === 'error' ? '✗' : '!'} ${line}`),
    );
  });
  const failed = state.error
    ? wrapText(sanitise(state.error), width - 2).map(line => theme.paint('bad', `✗ ${line}`))
    : [];
  return [
    row(0, 'Role', choice),
    row(1, 'How many', fieldLine(theme, state.count, Math.min(8, room), state.focus === 1)),
    row(2, 'Image', fieldLine(theme, state.image, room, state.focus === 2, { placeholder: `as the others: ${usual}` })),
    ...(said.length > 0 || failed.length > 0 ? [''] : []),
    ...(failed.length > 0 ? failed : said),
    '',
    state.stage === 'planning'
      ? theme.paint('dim', 'working out what is to be done …')
      : buttonLine(theme, [{ label: 'Preview', tone: 'good' }, { label: 'Cancel' }], state.focus - 3, width),
    hintLine(theme, HINTS, width),
  ];
}

import { type ReactNode, useEffect } from 'react';
import type { Engine } from '../../src/engine/engine.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { checkNodeRequest } from '../../src/engine/node/create.ts';
import { gatherNodeFacts, type NodeFacts } from '../../src/engine/node/facts.ts';
import { defaultNodeRequest, type NodeRequest } from '../../src/engine/node/request.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { sanitise } from '../../src/text.ts';
import type { KeyPress } from '../hooks/use-keys.ts';
import { type Theme, useTheme } from '../theme.ts';
import { fieldLine } from '../widgets/field-line.ts';
import { editField, type FieldState, fieldOf, selectAll } from '../widgets/field-state.ts';
import { pickText, rowHead } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { failureOf, formEnd, problemLines } from './form-lines.ts';
import { PlanPreview } from './plan-preview.tsx';
import { type PlanFormState, usePlanForm } from './use-plan-form.ts';

export interface AddNodeProps {
  engine: Engine;
  cluster: Cluster;
  plan: (cluster: Cluster, request: NodeRequest, signal: AbortSignal) => Promise<Plan>;
  onApply: (plan: Plan, request: NodeRequest) => void;
  onCancel: () => void;
  screenWidth: number;
  screenHeight: number;
}

interface Values {
  role: 'agent' | 'server';
  count: FieldState;
  image: FieldState;
  facts?: NodeFacts;
}

/** Role, count, image. */
const ROWS = 3;
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
  const { engine, cluster, onCancel, screenWidth, screenHeight } = props;
  const screen = { screenWidth, screenHeight };
  const { state, preview, read, set, back } = usePlanForm<Values, Plan>({
    initial: () => ({ role: 'agent', count: selectAll(fieldOf('1')), image: fieldOf('') }),
    rows: ROWS,
    edit,
    plan: (values, signal) => props.plan(cluster, requestOf(values, cluster), signal),
    onCancel,
  });
  const { role } = state.values;
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

  if (preview) {
    const onApply = (plan: Plan) => props.onApply(plan, requestOf(read(), cluster));
    return <PlanPreview {...screen} plan={preview} applyLabel="Add" onApply={onApply} onBack={back} />;
  }
  const width = Math.min(screenWidth, 76);
  return (
    <Modal
      {...screen}
      title={`Add nodes to ${sanitise(cluster.name)}`}
      width={width}
      lines={formLines(theme, state, cluster, width - 4)}
    />
  );
}

function edit(values: Values, row: number, key: KeyPress): Values | undefined {
  if (row === 0) {
    const turned = ['space', 'left', 'right'].includes(key.name);
    return turned ? { ...values, role: values.role === 'agent' ? 'server' : 'agent' } : undefined;
  }
  const field = row === 1 ? 'count' : 'image';
  const edited = editField(values[field], key);
  return edited && { ...values, [field]: edited };
}

/** Names follow those that a create gives: `k3d-demo-agent-2` is next. */
function requestOf({ role, count, image }: Values, cluster: Cluster): NodeRequest {
  const text = count.text.trim();
  return {
    ...defaultNodeRequest(`${cluster.name}-${role}`),
    role,
    replicas: /^\d+$/.test(text) ? Number(text) : Number.NaN,
    ...(image.text.trim() ? { image: image.text.trim() } : {}),
  };
}

function formLines(theme: Theme, state: PlanFormState<Values, Plan>, cluster: Cluster, width: number): string[] {
  const { role, count, image, facts } = state.values;
  const row = (at: number, label: string, value: string) => rowHead(theme, state.focus === at, label, LABEL) + value;
  const room = width - LABEL - 4;
  const choice = pickText(theme, ['agent', 'server'], role === 'agent' ? 0 : 1, state.focus === 0);
  const usual = facts?.source?.inspect.Config.Image;
  const placeholder = usual === undefined ? 'as the others' : `as the others: ${usual}`;
  const found = facts ? checkNodeRequest(cluster, requestOf(state.values, cluster), facts) : [];
  const said = problemLines(theme, state.error === undefined ? found : failureOf(state), width);
  return [
    row(0, 'Role', choice),
    row(1, 'How many', fieldLine(theme, count, Math.min(8, room), state.focus === 1)),
    row(2, 'Image', fieldLine(theme, image, room, state.focus === 2, { placeholder })),
    ...(said.length > 0 ? ['', ...said] : []),
    '',
    ...formEnd(theme, state, ROWS, HINTS, width),
  ];
}

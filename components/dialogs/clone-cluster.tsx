import type { ReactNode } from 'react';
import { checkClusterName } from '../../src/config/cluster-name.ts';
import type { CloneOptions } from '../../src/engine/cluster/clone.ts';
import type { ClonePlan } from '../../src/engine/cluster/clone-plan.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { toK3duiError } from '../../src/errors.ts';
import { sanitise } from '../../src/text.ts';
import type { KeyPress } from '../hooks/use-keys.ts';
import { type Theme, useTheme } from '../theme.ts';
import { fieldLine } from '../widgets/field-line.ts';
import { editField, type FieldState, fieldOf, selectAll } from '../widgets/field-state.ts';
import { pickText, rowHead } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { failureOf, formEnd, problemLines } from './form-lines.ts';
import { freeName } from './free-name.ts';
import { PlanPreview } from './plan-preview.tsx';
import { type PlanFormState, usePlanForm } from './use-plan-form.ts';

export interface CloneClusterProps {
  cluster: Cluster;
  /** Names that are taken. */
  taken: readonly string[];
  plan: (name: string, options: CloneOptions, signal: AbortSignal) => Promise<ClonePlan>;
  onApply: (planned: ClonePlan) => void;
  onCancel: () => void;
  screenWidth: number;
  screenHeight: number;
}

interface Values {
  name: FieldState;
  /** Empty: the original's. */
  image: FieldState;
  keepPorts: boolean;
}

/** Name, image, host ports. */
const ROWS = 3;
const LABEL = 12;
const HINTS = [
  ['Tab', 'next'],
  ['Space', 'change'],
  ['Enter', 'preview'],
  ['Esc', 'cancel'],
] as const;

/** A small form for a cluster like another: its name, its version of k3s, and what becomes of the host ports; then the plan. */
export function CloneCluster(props: CloneClusterProps): ReactNode {
  const theme = useTheme();
  const { cluster, taken, onCancel, screenWidth, screenHeight } = props;
  const screen = { screenWidth, screenHeight };
  const { state, preview, back } = usePlanForm<Values, ClonePlan>({
    initial: () => ({
      name: selectAll(fieldOf(freeName(cluster.name, taken))),
      image: fieldOf(''),
      keepPorts: false,
    }),
    rows: ROWS,
    edit,
    plan: ({ name, image, keepPorts }, signal) =>
      props.plan(name.text.trim(), { image: image.text.trim(), keepPorts }, signal),
    onCancel,
  });

  if (preview) {
    const { plan, notes } = preview;
    return (
      <PlanPreview
        {...screen}
        plan={{ ...plan, warnings: [...notes, ...plan.warnings] }}
        applyLabel="Create"
        onApply={() => props.onApply(preview)}
        onBack={back}
      />
    );
  }
  const width = Math.min(screenWidth, 76);
  return (
    <Modal
      {...screen}
      title={`A cluster like ${sanitise(cluster.name)}`}
      width={width}
      lines={formLines(theme, state, taken, cluster.servers[0]?.image ?? '', width - 4)}
    />
  );
}

function edit(values: Values, row: number, key: KeyPress): Values | undefined {
  if (row === 2) {
    return ['space', 'left', 'right'].includes(key.name) ? { ...values, keepPorts: !values.keepPorts } : undefined;
  }
  const which = row === 0 ? 'name' : 'image';
  const field = editField(values[which], key);
  return field && { ...values, [which]: field };
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

function formLines(
  theme: Theme,
  state: PlanFormState<Values, ClonePlan>,
  taken: readonly string[],
  likeness: string,
  width: number,
): string[] {
  const { name, image, keepPorts } = state.values;
  const row = (at: number, label: string, value: string) => rowHead(theme, state.focus === at, label, LABEL) + value;
  const choice = pickText(theme, ['the next free ones', 'the same'], keepPorts ? 1 : 0, state.focus === 2);
  const look = { placeholder: `the same: ${sanitise(likeness)}` };
  const said = problemLines(theme, failureOf({ error: state.error ?? problemOf(name.text.trim(), taken) }), width);
  return [
    row(0, 'Name', fieldLine(theme, name, width - LABEL - 4, state.focus === 0)),
    row(1, 'Image', fieldLine(theme, image, width - LABEL - 4, state.focus === 1, look)),
    row(2, 'Host ports', choice),
    '',
    theme.paint('dim', 'Its own token, network and API port; what is in it is not copied.'),
    ...(said.length > 0 ? ['', ...said] : []),
    '',
    ...formEnd(theme, state, ROWS, HINTS, width),
  ];
}

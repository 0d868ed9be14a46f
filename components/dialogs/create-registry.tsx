import { type ReactNode, useEffect } from 'react';
import type { Engine } from '../../src/engine/engine.ts';
import type { Plan } from '../../src/engine/plan.ts';
import {
  checkRegistryRequest,
  gatherRegistryFacts,
  type RegistryCreateFacts,
  type RegistryRequest,
} from '../../src/engine/registry/create.ts';
import { toK3duiError } from '../../src/errors.ts';
import { errorText } from '../error-text.ts';
import type { KeyPress } from '../hooks/use-keys.ts';
import { type Theme, useTheme } from '../theme.ts';
import { fieldLine } from '../widgets/field-line.ts';
import { editField } from '../widgets/field-state.ts';
import { rowHead, switchText } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { type FormProblem, failureOf, formEnd, problemLines } from './form-lines.ts';
import { PlanPreview } from './plan-preview.tsx';
import { emptyForm, enterRow, isSwitch, type RegistryForm, ROWS, readForm } from './registry-form.ts';
import { type PlanFormState, usePlanForm } from './use-plan-form.ts';

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

interface Values extends RegistryForm {
  facts?: RegistryCreateFacts;
  /** Something was typed: mistakes are shown from then on. */
  touched: boolean;
}

/** Lines for what is wrong, or for what a row means. */
const SAID = 4;
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
  const { engine, clusters, onCancel, screenWidth, screenHeight } = props;
  const screen = { screenWidth, screenHeight };
  const { state, preview, read, set, back } = usePlanForm<Values, Plan>({
    initial: () => ({ ...emptyForm(), touched: false }),
    rows: ROWS.length,
    edit,
    enter: (values, row) => ({ ...values, ...enterRow(values, row) }),
    plan: async (values, signal) => {
      const asked = readForm(values, clusters);
      return props.plan(asked.request, asked.clusters, signal);
    },
    onCancel,
  });
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

  if (preview) {
    const onApply = (plan: Plan) => {
      const asked = readForm(read(), clusters);
      props.onApply(plan, asked.request, asked.clusters);
    };
    return <PlanPreview {...screen} plan={preview} applyLabel="Create" onApply={onApply} onBack={back} />;
  }
  const width = Math.min(screenWidth, 84);
  return (
    <Modal {...screen} title="Create a registry" width={width} lines={formLines(theme, state, clusters, width - 4)} />
  );
}

function edit(values: Values, at: number, key: KeyPress): Values | undefined {
  const { id } = ROWS[at]!;
  if (isSwitch(id)) {
    const turned = ['space', 'left', 'right'].includes(key.name);
    return turned ? { ...values, switches: { ...values.switches, [id]: !values.switches[id] } } : undefined;
  }
  const line = editField(values.lines[id], key);
  return line && { ...values, lines: { ...values.lines, [id]: line }, touched: true };
}

function problemsOf({ values, tried, error }: PlanFormState<Values, Plan>, clusters: readonly string[]): FormProblem[] {
  if (error !== undefined) return failureOf({ error });
  if (!(values.touched || tried) || !values.facts) return [];
  try {
    return checkRegistryRequest(readForm(values, clusters).request, values.facts);
  } catch (thrown) {
    return failureOf({ error: errorText(toK3duiError(thrown)) });
  }
}

function formLines(
  theme: Theme,
  state: PlanFormState<Values, Plan>,
  clusters: readonly string[],
  width: number,
): string[] {
  const room = width - LABEL - 3;
  const { lines, switches } = state.values;
  const rows = ROWS.map(({ id, label, placeholder, secret = false }, at) => {
    const focused = state.focus === at;
    const head = rowHead(theme, focused, label, LABEL);
    if (isSwitch(id)) return head + switchText(theme, switches[id], focused);
    return head + fieldLine(theme, lines[id], room, focused, { placeholder, secret });
  });
  const wrong = problemLines(theme, problemsOf(state, clusters), width);
  const help = wrapText(ROWS[state.focus]?.help ?? '', width).map(line => theme.paint('dim', line));
  const said = wrong.length > 0 ? wrong : help;
  return [
    ...rows,
    '',
    // As many lines whatever is said, so that the dialog does not jump.
    ...Array.from({ length: SAID }, (_, at) => said[at] ?? ''),
    ...formEnd(theme, state, ROWS.length, HINTS, width),
  ];
}

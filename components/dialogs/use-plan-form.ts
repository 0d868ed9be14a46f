import { useEffect, useState } from 'react';
import { toK3duiError } from '../../src/errors.ts';
import { errorText } from '../error-text.ts';
import { type KeyPress, useKeys } from '../hooks/use-keys.ts';
import { Latest } from '../state/latest.ts';
import { moveButton } from '../widgets/buttons.ts';
import { useLiveState } from './use-live-state.ts';

export interface PlanFormOptions<Values, Planned> {
  /** What the form is filled with. */
  initial: () => Values;
  /** How many rows it has; behind them come Preview and Cancel. */
  rows: number;
  /** What a key makes of the values in the row with the focus; undefined: nothing. */
  edit: (values: Values, row: number, key: KeyPress) => Values | undefined;
  /** What becomes of the values when the focus comes to a row. */
  enter?: (values: Values, row: number) => Values;
  /** Whether it can be planned at all; default: the plan says why not. */
  ready?: (values: Values) => boolean;
  plan: (values: Values, signal: AbortSignal) => Promise<Planned>;
  onCancel: () => void;
}

export interface PlanFormState<Values, Planned> {
  values: Values;
  /** Row with the focus; behind the form's own Preview and Cancel. */
  focus: number;
  stage: 'form' | 'planning' | 'preview';
  planned?: Planned;
  /** Why there is no plan. */
  error?: string;
  /** A plan was asked for. */
  tried: boolean;
}

export interface PlanForm<Values, Planned> {
  /** To draw. */
  state: PlanFormState<Values, Planned>;
  /** What was planned, while it is to be looked at. */
  preview: Planned | undefined;
  read: () => Values;
  /** Sets what was found out meanwhile. */
  set: (values: Values) => void;
  fail: (thrown: unknown) => void;
  /** From the preview back to the form. */
  back: () => void;
}

const STEPS: Record<string, number> = {
  tab: 1,
  down: 1,
  'wheel-down': 1,
  'shift-tab': -1,
  up: -1,
  'wheel-up': -1,
};

/**
 * A form whose answers are planned, looked at and then carried out. Enter anywhere but on Cancel plans; Esc leaves, and
 * while it is planned comes back to the form.
 */
export function usePlanForm<Values, Planned>(options: PlanFormOptions<Values, Planned>): PlanForm<Values, Planned> {
  const { initial, rows, edit, enter, ready, plan, onCancel } = options;
  const [state, read, set] = useLiveState<PlanFormState<Values, Planned>>(() => ({
    values: initial(),
    focus: 0,
    stage: 'form',
    tried: false,
  }));
  const [planning] = useState(() => new Latest());
  useEffect(() => () => planning.end(), [planning]);

  const fail = (thrown: unknown): void => set({ ...read(), stage: 'form', error: errorText(toK3duiError(thrown)) });
  const goOn = async (): Promise<void> => {
    const { values } = read();
    if (ready && !ready(values)) return;
    const signal = planning.begin();
    set({ ...read(), stage: 'planning', error: undefined, tried: true });
    try {
      const planned = await plan(values, signal);
      if (!signal.aborted) set({ ...read(), stage: 'preview', planned });
    } catch (thrown) {
      if (!signal.aborted) fail(thrown);
    }
  };
  const back = (): void => set({ ...read(), stage: 'form' });
  const onKey = (key: KeyPress) => {
    const now = read();
    if (key.name === 'escape' || key.name === 'ctrl-c') {
      if (now.stage !== 'planning') return onCancel();
      planning.end();
      return back();
    }
    if (now.stage === 'planning') return;
    if (key.name === 'enter') return now.focus === rows + 1 ? onCancel() : void goOn();
    const by = STEPS[key.name];
    if (by !== undefined) {
      const focus = (now.focus + by + rows + 2) % (rows + 2);
      return set({ ...now, focus, values: enter?.(now.values, focus) ?? now.values });
    }
    const button = now.focus < rows ? undefined : moveButton(now.focus - rows, key.name, 2);
    if (button !== undefined) return set({ ...now, focus: rows + button });
    const values = now.focus < rows ? edit(now.values, now.focus, key) : undefined;
    if (values) set({ ...now, values, error: undefined });
  };
  useKeys(state.stage !== 'preview', onKey);

  return {
    state,
    preview: state.stage === 'preview' ? state.planned : undefined,
    read: () => read().values,
    set: values => set({ ...read(), values }),
    fail,
    back,
  };
}

import type { KeyPress } from '../hooks/use-keys.ts';

/** Which row of a list is selected, which is on top, and which are marked. */
export interface ChoiceState {
  readonly index: number;
  readonly top: number;
  readonly marked: ReadonlySet<number>;
}

export const choiceOf = (index = 0, marked: Iterable<number> = []): ChoiceState => ({
  index,
  top: 0,
  marked: new Set(marked),
});

/** The list after a key that moves; undefined for any other. `height` is the number of rows seen. */
export function moveChoice(state: ChoiceState, key: KeyPress, count: number, height: number): ChoiceState | undefined {
  const page = Math.max(1, height - 1);
  const steps: Record<string, number> = {
    up: -1,
    k: -1,
    'wheel-up': -1,
    down: 1,
    j: 1,
    'wheel-down': 1,
    pageup: -page,
    'ctrl-b': -page,
    pagedown: page,
    'ctrl-f': page,
    home: -count,
    g: -count,
    end: count,
    G: count,
  };
  const step = steps[key.name];
  if (step === undefined) return undefined;
  const index = Math.max(0, Math.min(count - 1, state.index + step));
  return { ...state, index, top: topFor(index, state.top, count, height) };
}

/** Marks or unmarks the selected row. */
export function markChoice(state: ChoiceState): ChoiceState {
  const marked = new Set(state.marked);
  if (!marked.delete(state.index)) marked.add(state.index);
  return { ...state, marked };
}

/** The first row to draw so that the selected one is seen, moving as little as possible. */
export function topFor(index: number, top: number, count: number, height: number): number {
  const highest = Math.max(0, count - height);
  return Math.max(0, Math.min(highest, Math.max(index - height + 1, Math.min(top, index))));
}

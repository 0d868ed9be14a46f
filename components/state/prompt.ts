import type { KeyPress } from '../hooks/use-keys.ts';
import { editField, fieldOf } from '../widgets/field-state.ts';
import type { PromptState } from './app-state.ts';

export function openPrompt(kind: PromptState['kind'], text: string): PromptState {
  return { kind, field: fieldOf(text), before: text, recalled: -1, typed: text, choice: -1 };
}

export type PromptStep =
  | { kind: 'edited'; prompt: PromptState }
  | { kind: 'accepted'; text: string }
  | { kind: 'cancelled' };

/**
 * A key in the prompt line. Up and down walk through the history (newest last), Tab and Shift-Tab through what the line
 * could become, the right arrow at the end takes the first of that.
 */
export function promptKey(
  prompt: PromptState,
  key: KeyPress,
  history: readonly string[],
  complete: (typed: string) => string[],
): PromptStep {
  const edited = (change: Partial<PromptState>): PromptStep => ({ kind: 'edited', prompt: { ...prompt, ...change } });
  switch (key.name) {
    case 'enter':
      return { kind: 'accepted', text: prompt.field.text };
    case 'escape':
    case 'ctrl-c':
    case 'ctrl-g':
      return { kind: 'cancelled' };
    case 'up':
    case 'ctrl-p':
      return edited(recall(prompt, history, 1));
    case 'down':
    case 'ctrl-n':
      return edited(recall(prompt, history, -1));
    case 'tab':
    case 'shift-tab': {
      const choices = complete(prompt.typed);
      if (choices.length === 0) return edited({});
      const by = key.name === 'tab' ? 1 : -1;
      const choice = (prompt.choice + by + choices.length + (prompt.choice < 0 && by < 0 ? 1 : 0)) % choices.length;
      return edited({ choice, field: fieldOf(choices[choice] ?? '') });
    }
    case 'right': {
      const first = complete(prompt.field.text)[0];
      const atEnd = prompt.field.cursor === prompt.field.text.length;
      if (atEnd && prompt.kind === 'command' && first !== undefined) return accept(prompt, first);
      break;
    }
    case 'backspace':
      // In an empty line it leaves, as in vi.
      if (prompt.field.text === '') return { kind: 'cancelled' };
  }
  const field = editField(prompt.field, key);
  return field === undefined ? edited({}) : edited({ field, typed: field.text, recalled: -1, choice: -1 });
}

function accept(prompt: PromptState, text: string): PromptStep {
  return { kind: 'edited', prompt: { ...prompt, field: fieldOf(text), typed: text, recalled: -1, choice: -1 } };
}

function recall(prompt: PromptState, history: readonly string[], by: number): Partial<PromptState> {
  const recalled = Math.max(-1, Math.min(prompt.recalled + by, history.length - 1));
  const text = recalled < 0 ? prompt.typed : (history[history.length - 1 - recalled] ?? '');
  return { recalled, field: fieldOf(text), choice: -1 };
}

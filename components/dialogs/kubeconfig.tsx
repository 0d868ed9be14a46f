import type { ReactNode } from 'react';
import { sanitise } from '../../src/text.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { useTheme } from '../theme.ts';
import { choiceLines } from '../widgets/choice-lines.ts';
import { choiceOf, moveChoice } from '../widgets/choice-state.ts';
import { fieldLine } from '../widgets/field-line.ts';
import { editField, type FieldState, fieldOf } from '../widgets/field-state.ts';
import { rowHead } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { hintLine } from './hint-line.ts';
import { useLiveState } from './use-live-state.ts';

/** What can be done with the kubeconfig of a cluster. */
export type KubeconfigChoice =
  | { kind: 'merge'; switchContext: boolean }
  | { kind: 'write'; file: string }
  | { kind: 'copy-path' };

export interface KubeconfigProps {
  /** Names of the clusters it is about. */
  clusters: readonly string[];
  /** The default kubeconfig, as it will be written to. */
  defaultFile: string;
  /** Proposed for a file of its own. */
  proposedFile: string;
  screenWidth: number;
  screenHeight: number;
  onPick: (choice: KubeconfigChoice) => void;
  onCancel: () => void;
}

type Stage = { kind: 'menu' } | { kind: 'file'; field: FieldState; missing: boolean };

/** Merge into the default kubeconfig, with or without switching the context; write a file; or copy its path. */
export function Kubeconfig(props: KubeconfigProps): ReactNode {
  const theme = useTheme();
  const { clusters, screenWidth, screenHeight, onPick, onCancel } = props;
  const [state, read, set] = useLiveState<{ choice: ReturnType<typeof choiceOf>; stage: Stage }>(() => ({
    choice: choiceOf(),
    stage: { kind: 'menu' },
  }));
  const width = Math.min(screenWidth, Math.max(64, Math.min(90, screenWidth - 8)));
  const names = clusters.map(sanitise);
  const one = names.length === 1;
  const items = [
    { key: 'm', label: 'Merge and switch', detail: `into ${props.defaultFile}; kubectl talks to it at once` },
    { key: 'k', label: 'Merge only', detail: `into ${props.defaultFile}; the context stays` },
    { key: 'w', label: 'Write to a file', detail: 'of its own, asked for next' },
    { key: 'p', label: 'Copy the path', detail: `write ${props.proposedFile} and copy its path` },
  ];
  const pick = (index: number) => {
    if (index < 2) return onPick({ kind: 'merge', switchContext: index === 0 });
    if (index === 3) return onPick({ kind: 'copy-path' });
    set({ ...read(), stage: { kind: 'file', field: fieldOf(props.proposedFile), missing: false } });
  };
  useKeys(true, key => {
    const { stage, choice } = read();
    if (stage.kind === 'file') {
      if (key.name === 'escape' || key.name === 'ctrl-c') return set({ ...read(), stage: { kind: 'menu' } });
      if (key.name === 'enter') {
        const file = stage.field.text.trim();
        if (file !== '') return onPick({ kind: 'write', file });
        return set({ ...read(), stage: { ...stage, missing: true } });
      }
      const field = editField(stage.field, key);
      if (field) set({ ...read(), stage: { kind: 'file', field, missing: false } });
      return;
    }
    if (key.name === 'escape' || key.name === 'q' || key.name === 'ctrl-c') return onCancel();
    // The letters come first: k is also a key that moves.
    const letter = items.findIndex(item => item.key === key.name);
    if (letter >= 0) return pick(letter);
    if (key.name === 'enter') return pick(choice.index);
    const moved = moveChoice(choice, key, items.length, items.length);
    if (moved) set({ ...read(), choice: moved });
  });
  const inner = width - 4;
  const { stage } = state;
  const body =
    stage.kind === 'menu'
      ? choiceLines(theme, items, state.choice, inner, items.length)
      : [
          'File (made with mode 0600; an existing one is merged into)',
          rowHead(theme, true, 'Path', 6) +
            fieldLine(theme, stage.field, inner - 8, true, { placeholder: props.proposedFile }),
          stage.missing ? theme.paint('bad', '✗ a file name is missing') : '',
        ];
  const hints: [string, string][] =
    stage.kind === 'menu'
      ? [
          ['Enter', 'take'],
          ['↑ ↓', 'move'],
          ['Esc', 'cancel'],
        ]
      : [
          ['Enter', 'write'],
          ['Esc', 'back'],
        ];
  const about = wrapText(`Of ${one ? 'cluster' : 'clusters'} ${names.join(', ')}`, inner);
  const lines = [...about.slice(0, 3), '', ...body, '', hintLine(theme, hints, inner)];
  return <Modal title="Kubeconfig" screenWidth={screenWidth} screenHeight={screenHeight} width={width} lines={lines} />;
}

import type { ReactNode } from 'react';
import { parseImage } from '../../src/config/image.ts';
import { toK3duiError } from '../../src/errors.ts';
import { sanitise } from '../../src/text.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { useTheme } from '../theme.ts';
import { fieldLine } from '../widgets/field-line.ts';
import { editField, fieldOf, selectAll } from '../widgets/field-state.ts';
import { rowHead } from '../widgets/form-row.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { hintLine } from './hint-line.ts';
import { useLiveState } from './use-live-state.ts';

export interface PullImageProps {
  /** Proposed. */
  image: string;
  /** Whose nodes pull, in words. */
  where: string;
  screenWidth: number;
  screenHeight: number;
  onPull: (image: string) => void;
  onCancel: () => void;
}

const HINTS = [
  ['Enter', 'preview'],
  ['Esc', 'cancel'],
] as const;

/** Asks which image the nodes are to pull. */
export function PullImage(props: PullImageProps): ReactNode {
  const theme = useTheme();
  const { screenWidth, screenHeight, onPull, onCancel } = props;
  const [state, read, set] = useLiveState(() => ({ field: selectAll(fieldOf(props.image)), problem: '' }));
  useKeys(true, key => {
    if (key.name === 'escape' || key.name === 'ctrl-c') return onCancel();
    const { field } = read();
    if (key.name === 'enter') {
      try {
        parseImage(field.text.trim());
        return onPull(field.text.trim());
      } catch (error) {
        return set({ field, problem: toK3duiError(error).message });
      }
    }
    const edited = editField(field, key);
    if (edited) set({ field: edited, problem: '' });
  });
  const width = Math.min(screenWidth, 76);
  const lines = [
    ...wrapText(`The nodes of ${sanitise(props.where)} fetch it themselves, from the registry it names.`, width - 4),
    '',
    rowHead(theme, true, 'Image', 7) +
      fieldLine(theme, state.field, width - 13, true, { placeholder: 'registry:5000/app:dev' }),
    ...(state.problem
      ? wrapText(`✗ ${sanitise(state.problem)}`, width - 4).map(line => theme.paint('bad', line))
      : ['']),
    hintLine(theme, HINTS, width - 4),
  ];
  return (
    <Modal title="Pull an image" screenWidth={screenWidth} screenHeight={screenHeight} width={width} lines={lines} />
  );
}

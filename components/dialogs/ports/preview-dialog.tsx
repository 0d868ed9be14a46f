import { Text } from 'ink';
import type { ReactNode } from 'react';
import { sanitise } from '../../../src/text.ts';
import { useKeys } from '../../hooks/use-keys.ts';
import type { PortEdit } from '../../port-actions.ts';
import { useTheme } from '../../theme.ts';
import { buttonLine, moveButton } from '../../widgets/buttons.ts';
import { Modal } from '../../widgets/modal.tsx';
import { wrapText } from '../../widgets/wrap.ts';
import { hintLine } from '../hint-line.ts';
import { useLiveState } from '../use-live-state.ts';
import { useScroll } from '../use-scroll.ts';
import { previewLines } from './preview-lines.ts';

export interface PreviewDialogProps {
  edit: PortEdit;
  /** Something goes: the focus is on the button that changes nothing. */
  destructive: boolean;
  /** Why it could not be carried out, or what to look at again. */
  problem: string | undefined;
  screenWidth: number;
  screenHeight: number;
  onApply(): void;
  onBack(): void;
  /** Adds another mapping to the set. */
  onMore(): void;
  /** Takes others out in the same set. */
  onDrop(): void;
}

/** Exactly what would be done to the ports, with what it interrupts and the change to nginx.conf. */
export function PreviewDialog(props: PreviewDialogProps): ReactNode {
  const theme = useTheme();
  const { edit, destructive, screenWidth, screenHeight } = props;
  const empty = edit.plan.steps.length === 0;
  const [button, read, set] = useLiveState<number>(() => (destructive || empty ? 1 : 0));
  const width = Math.min(screenWidth, Math.max(60, Math.min(110, screenWidth - 6)));
  const said = props.problem === undefined ? [] : wrapText(`! ${props.problem}`, width - 4);
  const lines = [...said.map(line => theme.paint('warn', line)), ...previewLines(theme, edit, width - 4)];
  const height = Math.min(screenHeight, lines.length + 5);
  const scroll = useScroll(lines.length, height - 5);
  useKeys(true, key => {
    if (['escape', 'q', 'ctrl-c'].includes(key.name)) return props.onBack();
    if (key.name === 'a') return props.onMore();
    if (key.name === 'x') return props.onDrop();
    if (key.name === 'enter') return read() === 0 && !empty ? props.onApply() : props.onBack();
    const moved = moveButton(read(), key.name, 2);
    if (moved === undefined) scroll.onKey(key);
    else set(moved);
  });
  const buttons = [
    {
      label: destructive ? 'Remove' : 'Apply',
      tone: empty ? ('dim' as const) : destructive ? ('bad' as const) : ('good' as const),
    },
    { label: destructive ? 'Cancel' : 'Back' },
  ];
  const hints = [
    ['Enter', 'press'],
    ['Tab', 'other button'],
    ['a', 'add another'],
    ['x', 'remove others too'],
    ...(scroll.outside === '' ? [] : [['↑ ↓', 'scroll'] as const]),
    ['Esc', 'back'],
  ] as const;
  return (
    <Modal
      title={sanitise(edit.plan.title)}
      right={scroll.outside}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      height={height}
      tone={destructive ? 'bad' : 'accent'}
    >
      <Text wrap="truncate">
        {[
          ...lines.slice(scroll.top, scroll.top + height - 5),
          '',
          buttonLine(theme, buttons, button, width - 4),
          hintLine(theme, hints, width - 4),
        ].join('\n')}
      </Text>
    </Modal>
  );
}

import { Text } from 'ink';
import type { ReactNode } from 'react';
import { sanitise } from '../../src/text.ts';
import { type KeyPress, useKeys } from '../hooks/use-keys.ts';
import { type Theme, useTheme } from '../theme.ts';
import { buttonLine, moveButton } from '../widgets/buttons.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { hintLine } from './hint-line.ts';
import { useLiveState } from './use-live-state.ts';
import { useScroll } from './use-scroll.ts';

/** A group of things that an action touches: `Containers` and their names. */
export interface ConfirmGroup {
  title: string;
  items: readonly string[];
}

export interface ConfirmProps {
  /** `Delete cluster demo?` */
  title: string;
  /** Plain sentences above the list. */
  message?: string;
  /** What will be removed or stopped, by name. Empty groups are left out. */
  groups?: readonly ConfirmGroup[];
  warnings?: readonly string[];
  /** Word on the button that does it. */
  confirmLabel: string;
  cancelLabel?: string;
  /** Something is lost: no letter answers, the focus is on Cancel. Default true. */
  destructive?: boolean;
  screenWidth: number;
  screenHeight: number;
  onConfirm: () => void;
  onCancel: () => void;
}

const HINTS = [
  ['Tab', 'other button'],
  ['Enter', 'press'],
  ['Esc', 'cancel'],
] as const;
const SCROLL = ['↑ ↓', 'scroll'] as const;

/**
 * Asks before something is done. The focus is on Cancel; Tab and the arrows move it, Enter presses the focused button,
 * Esc cancels. Only where nothing is lost `y` and `n` answer too.
 */
export function Confirm(props: ConfirmProps): ReactNode {
  const theme = useTheme();
  const { screenWidth, screenHeight, destructive = true } = props;
  const [button, read, set] = useLiveState(() => 0);
  const width = Math.min(screenWidth, Math.max(56, Math.min(90, screenWidth - 8)));
  const lines = confirmLines(theme, props, width - 4);
  const height = Math.min(screenHeight, lines.length + 5);
  const scroll = useScroll(lines.length, height - 5);
  useKeys(true, (key: KeyPress) => {
    if (['escape', 'q', 'ctrl-c'].includes(key.name) || (!destructive && key.name === 'n')) return props.onCancel();
    if (!destructive && key.name === 'y') return props.onConfirm();
    if (key.name === 'enter') return read() === 1 ? props.onConfirm() : props.onCancel();
    const moved = moveButton(read(), key.name, 2);
    if (moved === undefined) scroll.onKey(key);
    else set(moved);
  });
  const buttons = [
    { label: props.cancelLabel ?? 'Cancel' },
    { label: props.confirmLabel, tone: destructive ? ('bad' as const) : ('good' as const) },
  ];
  return (
    <Modal
      title={sanitise(props.title)}
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
          hintLine(theme, scroll.outside === '' ? HINTS : [...HINTS, SCROLL], width - 4),
        ].join('\n')}
      </Text>
    </Modal>
  );
}

function confirmLines(theme: Theme, props: ConfirmProps, width: number): string[] {
  const groups = (props.groups ?? []).filter(group => group.items.length > 0);
  const titleWidth = Math.max(0, ...groups.map(group => sanitise(group.title).length)) + 2;
  return [
    ...(props.message ? wrapText(props.message, width) : []),
    ...(props.message && groups.length > 0 ? [''] : []),
    ...groups.flatMap(({ title, items }) =>
      wrapText(items.map(sanitise).join('  '), width - titleWidth).map((line, at) => {
        return theme.paint('dim', (at === 0 ? sanitise(title) : '').padEnd(titleWidth)) + line;
      }),
    ),
    ...(props.warnings ?? []).flatMap((warning, index) => [
      ...(index === 0 ? [''] : []),
      ...wrapText(warning, width - 2).map((line, at) => theme.paint('warn', `${at === 0 ? '!' : ' '} ${line}`)),
    ]),
  ];
}

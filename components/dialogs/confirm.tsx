import type { ReactNode } from 'react';
import { sanitise } from '../../src/text.ts';
import type { Theme } from '../theme.ts';
import { wrapText } from '../widgets/wrap.ts';
import { TextDialog } from './text-dialog.tsx';

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

/** Title, names and button of a question about these: `Stop cluster demo?`, `Delete 2 nodes?`. */
export function asks(verb: string, noun: 'cluster' | 'node', names: readonly string[]) {
  return {
    title: `${verb} ${names.length === 1 ? `${noun} ${names[0]}` : `${names.length} ${noun}s`}?`,
    groups: [{ title: noun === 'cluster' ? 'Clusters' : 'Nodes', items: names }],
    confirmLabel: verb,
  };
}

/**
 * Asks before something is done. The focus is on Cancel; Tab and the arrows move it, Enter presses the focused button,
 * Esc cancels. Only where nothing is lost `y` and `n` answer too.
 */
export function Confirm(props: ConfirmProps): ReactNode {
  const { destructive = true, onConfirm, onCancel } = props;
  return (
    <TextDialog
      title={props.title}
      lines={(theme, width) => confirmLines(theme, props, width)}
      buttons={[
        { label: props.cancelLabel ?? 'Cancel', press: onCancel },
        { label: props.confirmLabel, tone: destructive ? 'bad' : 'good', press: onConfirm },
      ]}
      focus={0}
      keys={destructive ? undefined : { y: onConfirm, n: onCancel }}
      escape={(props.cancelLabel ?? 'Cancel').toLowerCase()}
      onEscape={onCancel}
      tone={destructive ? 'bad' : 'accent'}
      columns={{ least: 56, most: 90, free: 8 }}
      screenWidth={props.screenWidth}
      screenHeight={props.screenHeight}
    />
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

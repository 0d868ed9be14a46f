import type { ReactNode } from 'react';
import { sanitise } from '../../src/text.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { type Style, type Theme, useTheme } from '../theme.ts';
import { type Button, buttonLine, moveButton } from '../widgets/buttons.ts';
import { Modal } from '../widgets/modal.tsx';
import { hintLine } from './hint-line.ts';
import { useLiveState } from './use-live-state.ts';
import { useScroll } from './use-scroll.ts';

export interface DialogButton extends Button {
  press(): void;
}

export interface TextDialogProps {
  title: string;
  /** What is said, cut to that many columns. */
  lines(theme: Theme, width: number): string[];
  buttons: readonly DialogButton[];
  /** Index of the button that has the focus at first. */
  focus: number;
  /** Keys beside those that move and press: name → what it does. */
  keys?: Readonly<Record<string, () => void>>;
  /** What is hinted at beside Tab, Enter and Esc. */
  hints?: readonly (readonly [key: string, does: string])[];
  /** What Esc does, in a word. */
  escape: string;
  onEscape(): void;
  tone: Style;
  /** Columns: at least, at most, and how many stay free on the screen. */
  columns: { least: number; most: number; free: number };
  screenWidth: number;
  screenHeight: number;
}

/** Frame, empty line, buttons, hints. */
const AROUND = 5;

/** Something to read with buttons below: Tab and the arrows move the focus, Enter presses, Esc leaves, the rest scrolls. */
export function TextDialog(props: TextDialogProps): ReactNode {
  const theme = useTheme();
  const { buttons, screenWidth, screenHeight, columns } = props;
  const [button, read, set] = useLiveState<number>(() => props.focus);
  const width = Math.min(screenWidth, Math.max(columns.least, Math.min(columns.most, screenWidth - columns.free)));
  const lines = props.lines(theme, width - 4);
  const height = Math.min(screenHeight, lines.length + AROUND);
  const scroll = useScroll(lines.length, height - AROUND);
  useKeys(true, key => {
    if (['escape', 'q', 'ctrl-c'].includes(key.name)) return props.onEscape();
    const own = props.keys?.[key.name];
    if (own) return own();
    if (key.name === 'enter') return buttons[read()]?.press();
    const moved = moveButton(read(), key.name, buttons.length);
    if (moved === undefined) scroll.onKey(key);
    else set(moved);
  });
  const hints = [
    ...(buttons.length > 1 ? [['Tab', 'other button'] as const] : []),
    ['Enter', 'press'] as const,
    ...(props.hints ?? []),
    ...(scroll.outside === '' ? [] : [['↑ ↓', 'scroll'] as const]),
    ['Esc', props.escape] as const,
  ];
  return (
    <Modal
      title={sanitise(props.title)}
      right={scroll.outside}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      height={height}
      tone={props.tone}
      lines={[
        ...lines.slice(scroll.top, scroll.top + height - AROUND),
        '',
        buttonLine(theme, buttons, button, width - 4),
        hintLine(theme, hints, width - 4),
      ]}
    />
  );
}

import type { ReactNode } from 'react';
import { sanitise, stringWidth } from '../../src/text.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { type Style, useTheme } from '../theme.ts';
import { type ChoiceItem, choiceLines } from '../widgets/choice-lines.ts';
import { choiceOf, moveChoice } from '../widgets/choice-state.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { hintLine } from './hint-line.ts';
import { useLiveState } from './use-live-state.ts';

export interface MenuItem<T> extends ChoiceItem {
  value: T;
}

export interface MenuProps<T> {
  title: string;
  /** Plain sentences above the list. */
  message?: string;
  items: readonly MenuItem<T>[];
  /** Row that is selected at first. */
  selected?: number;
  tone?: Style;
  screenWidth: number;
  screenHeight: number;
  onPick: (value: T) => void;
  onCancel: () => void;
}

/** One of several things to do. Enter takes the selected one, a row's letter takes that one, Esc none. */
export function Menu<T>(props: MenuProps<T>): ReactNode {
  const theme = useTheme();
  const { items, screenWidth, screenHeight } = props;
  const [choice, read, set] = useLiveState(() => choiceOf(props.selected ?? 0));
  const longest = Math.max(0, ...items.map(item => stringWidth(item.label) + stringWidth(item.detail ?? '') + 12));
  const width = Math.min(screenWidth, Math.max(44, Math.min(longest + 6, 100, screenWidth - 4)));
  const message = props.message ? [...wrapText(props.message, width - 4), ''] : [];
  const height = Math.min(screenHeight, message.length + items.length + 4);
  const rows = Math.max(1, height - 4 - message.length);
  useKeys(true, key => {
    if (key.name === 'escape' || key.name === 'q' || key.name === 'ctrl-c') return props.onCancel();
    const picked = key.name === 'enter' ? items[read().index] : items.find(item => item.key === key.name);
    if (picked) return props.onPick(picked.value);
    const moved = moveChoice(read(), key, items.length, rows);
    if (moved) set(moved);
  });
  return (
    <Modal
      title={sanitise(props.title)}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      height={height}
      tone={props.tone}
      lines={[
        ...message,
        ...choiceLines(theme, items, choice, width - 4, rows),
        '',
        hintLine(
          theme,
          [
            ['Enter', 'take'],
            ['↑ ↓', 'move'],
            ['Esc', 'back'],
          ],
          width - 4,
        ),
      ]}
    />
  );
}

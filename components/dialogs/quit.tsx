import type { ReactNode } from 'react';
import { Menu } from './menu.tsx';

export type QuitChoice =
  /** Quit as soon as they have ended. */
  | 'wait'
  /** Cancel them, let them undo, then quit. */
  | 'cancel'
  /** Stay in the app. */
  | 'stay';

export interface QuitProps {
  /** Titles of the operations that run. */
  running: readonly string[];
  screenWidth: number;
  screenHeight: number;
  onPick: (choice: QuitChoice) => void;
}

/** Asked when somebody quits while operations run: left alone they would stop half way. Esc stays. */
export function Quit({ running, screenWidth, screenHeight, onPick }: QuitProps): ReactNode {
  const them = running.length === 1 ? 'it' : 'them';
  return (
    <Menu<QuitChoice>
      title="Quit while something runs?"
      message={`Still running: ${running.join(', ')}.`}
      tone="warn"
      items={[
        { value: 'stay', key: 's', label: 'Stay', detail: 'and watch' },
        {
          value: 'wait',
          key: 'w',
          label: 'Wait, then quit',
          detail: `as soon as ${running.length === 1 ? 'it has' : 'they have'} ended`,
        },
        { value: 'cancel', key: 'c', label: `Cancel ${them}, then quit`, detail: 'what was made so far is undone' },
      ]}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      onPick={onPick}
      onCancel={() => onPick('stay')}
    />
  );
}

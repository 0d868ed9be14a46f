import { Text } from 'ink';
import type { ReactNode } from 'react';
import type { Plan } from '../../src/engine/plan.ts';
import { sanitise } from '../../src/text.ts';
import { useKeys } from '../hooks/use-keys.ts';
import { type Style, useTheme } from '../theme.ts';
import { buttonLine, moveButton } from '../widgets/buttons.ts';
import { Modal } from '../widgets/modal.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { hintLine } from './hint-line.ts';
import { planLines } from './plan-lines.ts';
import { useLiveState } from './use-live-state.ts';
import { useScroll } from './use-scroll.ts';

export interface PlanPreviewProps {
  plan: Plan;
  screenWidth: number;
  screenHeight: number;
  /** Word on the button that carries it out: `Create`, `Start`. */
  applyLabel: string;
  backLabel?: string;
  /** Things are lost: the focus begins on the other button, and Enter applies only when moved to. */
  destructive?: boolean;
  tone?: Style;
  /** Why it could not be carried out, if it was tried. */
  error?: string;
  onApply: (plan: Plan) => void;
  onBack: () => void;
}

const HINTS = [
  ['Tab', 'other button'],
  ['Enter', 'press'],
  ['Esc', 'back'],
] as const;
const SCROLL = ['↑ ↓', 'scroll'] as const;

/** What exactly will be done, with its warnings and the equal command line. Enter presses the focused button, Esc goes back. */
export function PlanPreview(props: PlanPreviewProps): ReactNode {
  const theme = useTheme();
  const { plan, screenWidth, screenHeight, destructive = false } = props;
  const [button, read, set] = useLiveState<number>(() => (destructive ? 1 : 0));
  const width = Math.min(screenWidth, Math.max(60, Math.min(110, screenWidth - 6)));
  const error = props.error ? wrapText(props.error, width - 4).map(line => theme.paint('bad', line)) : [];
  const lines = [...error, ...planLines(theme, plan, width - 4)];
  const height = Math.min(screenHeight, lines.length + 5);
  const scroll = useScroll(lines.length, height - 5);
  useKeys(true, key => {
    if (key.name === 'escape' || key.name === 'q' || key.name === 'ctrl-c') return props.onBack();
    if (key.name === 'enter') return read() === 0 ? props.onApply(plan) : props.onBack();
    const moved = moveButton(read(), key.name, 2);
    if (moved === undefined) scroll.onKey(key);
    else set(moved);
  });
  const buttons = [
    { label: props.applyLabel, tone: destructive ? ('bad' as const) : ('good' as const) },
    { label: props.backLabel ?? 'Back' },
  ];
  return (
    <Modal
      title={sanitise(plan.title)}
      right={scroll.outside}
      screenWidth={screenWidth}
      screenHeight={screenHeight}
      width={width}
      height={height}
      tone={props.tone ?? (destructive ? 'bad' : 'accent')}
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

import type { ReactNode } from 'react';
import type { Plan } from '../../src/engine/plan.ts';
import type { Theme } from '../theme.ts';
import { planLines } from './plan-lines.ts';
import { TextDialog } from './text-dialog.tsx';

export interface PlanPreviewProps {
  plan: Plan;
  screenWidth: number;
  screenHeight: number;
  /** Word on the button that carries it out: `Create`, `Start`. */
  applyLabel: string;
  backLabel?: string;
  /** Things are lost: the focus begins on the other button, and Enter applies only when moved to. */
  destructive?: boolean;
  /** What else to show, below. */
  below?: (theme: Theme, width: number) => string[];
  onApply: (plan: Plan) => void;
  onBack: () => void;
}

/** What exactly will be done, with its warnings and the equal command line. Enter presses the focused button, Esc goes back. */
export function PlanPreview(props: PlanPreviewProps): ReactNode {
  const { plan, destructive = false } = props;
  return (
    <TextDialog
      title={plan.title}
      lines={(theme, width) => [...planLines(theme, plan, width), ...(props.below?.(theme, width) ?? [])]}
      buttons={[
        { label: props.applyLabel, tone: destructive ? 'bad' : 'good', press: () => props.onApply(plan) },
        { label: props.backLabel ?? 'Back', press: props.onBack },
      ]}
      focus={destructive ? 1 : 0}
      escape="back"
      onEscape={props.onBack}
      tone={destructive ? 'bad' : 'accent'}
      columns={{ least: 60, most: 110, free: 6 }}
      screenWidth={props.screenWidth}
      screenHeight={props.screenHeight}
    />
  );
}

import type { ReactNode } from 'react';
import type { Difference } from '../../src/engine/cluster/differences.ts';
import { isEmptyPlan, type Plan } from '../../src/engine/plan.ts';
import { differenceLines } from '../screens/diff-screen.tsx';
import { wrapText } from '../widgets/wrap.ts';
import { TextDialog } from './text-dialog.tsx';

export interface ApplyLeftProps {
  cluster: string;
  /** What can be done while the cluster goes on. */
  plan: Plan;
  /** What cannot. */
  left: readonly Difference[];
  screenWidth: number;
  screenHeight: number;
  /** Goes on to the preview of what can be done. */
  onRest: () => void;
  /** Goes on to the preview of making the cluster anew. */
  onRecreate: () => void;
  onCancel: () => void;
}

/** Some of what a file asks for can only be had by making the cluster anew: which way shall it go? */
export function ApplyLeft(props: ApplyLeftProps): ReactNode {
  const rest = isEmptyPlan(props.plan) ? [] : [{ label: 'Do the rest', tone: 'good' as const, press: props.onRest }];
  const otherImage = props.left.some(({ field }) => field === 'image');
  return (
    <TextDialog
      title={`${props.cluster} cannot become all that the file asks for`}
      lines={(theme, width) => [
        ...wrapText('Docker takes these only when it makes a node. The preview of either way comes next.', width),
        ...(otherImage ? wrapText('To keep it meanwhile: clone it with the other image (D on the list).', width) : []),
        '',
        ...differenceLines(theme, props.left, width).slice(0, -2),
      ]}
      buttons={[
        { label: 'Cancel', press: props.onCancel },
        ...rest,
        { label: 'Make it anew', tone: 'bad', press: props.onRecreate },
      ]}
      focus={0}
      escape="cancel"
      onEscape={props.onCancel}
      tone="warn"
      columns={{ least: 60, most: 100, free: 6 }}
      screenWidth={props.screenWidth}
      screenHeight={props.screenHeight}
    />
  );
}

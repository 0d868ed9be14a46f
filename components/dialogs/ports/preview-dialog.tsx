import type { ReactNode } from 'react';
import type { PortEdit } from '../../port-actions.ts';
import { wrapText } from '../../widgets/wrap.ts';
import { TextDialog } from '../text-dialog.tsx';
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
  const { edit, destructive, problem } = props;
  const empty = edit.plan.steps.length === 0;
  return (
    <TextDialog
      title={edit.plan.title}
      lines={(theme, width) => [
        ...(problem === undefined ? [] : wrapText(`! ${problem}`, width).map(line => theme.paint('warn', line))),
        ...previewLines(theme, edit, width),
      ]}
      buttons={[
        {
          label: destructive ? 'Remove' : 'Apply',
          tone: empty ? 'dim' : destructive ? 'bad' : 'good',
          press: empty ? props.onBack : props.onApply,
        },
        { label: destructive ? 'Cancel' : 'Back', press: props.onBack },
      ]}
      focus={destructive || empty ? 1 : 0}
      keys={{ a: props.onMore, x: props.onDrop }}
      hints={[
        ['a', 'add another'],
        ['x', 'remove others too'],
      ]}
      escape="back"
      onEscape={props.onBack}
      tone={destructive ? 'bad' : 'accent'}
      columns={{ least: 60, most: 110, free: 6 }}
      screenWidth={props.screenWidth}
      screenHeight={props.screenHeight}
    />
  );
}

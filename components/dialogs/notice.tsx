import type { ReactNode } from 'react';
import type { Theme } from '../theme.ts';
import { TextDialog } from './text-dialog.tsx';

export interface NoticeProps {
  title: string;
  lines(theme: Theme, width: number): string[];
  screenWidth: number;
  screenHeight: number;
  onClose(): void;
}

/** Something to read, and nothing to decide. */
export function Notice({ onClose, ...text }: NoticeProps): ReactNode {
  return (
    <TextDialog
      {...text}
      buttons={[{ label: 'Close', press: onClose }]}
      focus={0}
      escape="back"
      onEscape={onClose}
      tone="accent"
      columns={{ least: 60, most: 120, free: 6 }}
    />
  );
}

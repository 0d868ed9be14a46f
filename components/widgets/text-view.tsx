import { type ReactNode, useLayoutEffect } from 'react';
import { usePart } from '../spoken/voice-context.ts';
import { useTheme } from '../theme.ts';
import { Panel } from './panel.tsx';

export interface TextViewProps {
  title: string;
  /** ANSI lines of at most `width - 4` columns. */
  lines: readonly string[];
  /** First line shown. */
  top: number;
  width: number;
  height: number;
  /** Its changes are told otherwise; see components/spoken. */
  live?: boolean;
  onLayout?(page: number, lines: number): void;
}

/** Text that is longer than the screen, in a panel that says which part of it is seen. */
export function TextView({ title, lines, top, width, height, live, onLayout }: TextViewProps): ReactNode {
  const page = Math.max(0, height - 2);
  const first = Math.max(0, Math.min(top, lines.length - page));
  useLayoutEffect(() => onLayout?.(page, lines.length), [onLayout, page, lines.length]);
  usePart({ kind: 'text', title, lines, top: first, live });
  if (useTheme().spoken) return null;
  const right = lines.length > page ? `${first + 1}-${Math.min(first + page, lines.length)} of ${lines.length}` : '';
  return <Panel title={title} right={right} width={width} height={height} lines={lines.slice(first, first + page)} />;
}

import { type ReactNode, useLayoutEffect } from 'react';
import { Panel } from './panel.tsx';

export interface TextViewProps {
  title: string;
  /** ANSI lines of at most `width - 4` columns. */
  lines: readonly string[];
  /** First line shown. */
  top: number;
  width: number;
  height: number;
  onLayout?(page: number, lines: number): void;
}

/** Text that is longer than the screen, in a panel that says which part of it is seen. */
export function TextView({ title, lines, top, width, height, onLayout }: TextViewProps): ReactNode {
  const page = Math.max(0, height - 2);
  const first = Math.max(0, Math.min(top, lines.length - page));
  useLayoutEffect(() => onLayout?.(page, lines.length), [onLayout, page, lines.length]);
  const right = lines.length > page ? `${first + 1}-${Math.min(first + page, lines.length)} of ${lines.length}` : '';
  return <Panel title={title} right={right} width={width} height={height} lines={lines.slice(first, first + page)} />;
}

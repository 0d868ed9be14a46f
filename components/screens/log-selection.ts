import type { LogLines } from './log-lines.ts';
import { lineText } from './log-rows.ts';
import type { LineList } from './log-viewport.ts';

/** Both ends of what is selected: where it began, and the one that moves. */
export interface LogSelection {
  anchor: number;
  cursor: number;
}

/** First and last of some lines. */
export interface LineRange {
  first: number;
  last: number;
}

/** The lines from one end of a selection to the other. */
export const selectedLines = ({ anchor, cursor }: LogSelection): LineRange => ({
  first: Math.min(anchor, cursor),
  last: Math.max(anchor, cursor),
});

/** A selection whose cursor went so many lines down or up, as far as there are lines. */
export function extended(selection: LogSelection, list: LineList, by: number): LogSelection {
  let { cursor } = selection;
  for (let step = 0; step < Math.abs(by); step++) {
    const next = by < 0 ? list.previous(cursor) : list.next(cursor);
    if (next === undefined) break;
    cursor = next;
  }
  return { ...selection, cursor };
}

/** What is shown of these lines as plain text, and how many lines that is. */
export function plainText({ feed, list }: LogLines, range: LineRange): { text: string; lines: number } {
  const lines: string[] = [];
  for (let line = list.nearest(range.first); line !== undefined && line <= range.last; line = list.next(line)) {
    lines.push(lineText(feed.ring, line));
  }
  return { text: lines.join('\n'), lines: lines.length };
}

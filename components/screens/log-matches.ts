import { LineIndex } from '../../src/engine/logs/line-index.ts';
import type { LineRing } from '../../src/engine/logs/line-ring.ts';
import type { LogPattern } from './log-pattern.ts';
import { lineText } from './log-rows.ts';

/** So long at a time lines are searched before keys get their turn. */
export const SLICE_MILLISECONDS = 8;

/** The lines of a log that match a pattern, as far as they were looked through. */
export class LogMatches {
  readonly pattern: LogPattern;
  readonly index: LineIndex;
  /** All that is loaded was looked through. */
  complete = false;

  /** `notes`: our own notes match whatever the pattern says. */
  constructor(ring: LineRing, pattern: LogPattern, notes: boolean) {
    this.pattern = pattern;
    this.index = new LineIndex(ring, line => {
      return (notes && ring.isNote(line)) || pattern.matches(lineText(ring, line)) !== pattern.hides;
    });
  }

  /** Looks through more lines for a moment; true: none is left. */
  lookThrough(): boolean {
    this.complete = this.index.advance(SLICE_MILLISECONDS);
    return this.complete;
  }

  /** The index with everything looked through that is loaded. */
  all(): LineIndex {
    this.complete = this.index.advance(Number.POSITIVE_INFINITY);
    return this.index;
  }
}

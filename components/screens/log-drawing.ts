import type { LineRing } from '../../src/engine/logs/line-ring.ts';
import { type DrawnLine, drawLine, type LogLook, rowText } from './log-rows.ts';
import type { Spot } from './log-viewport.ts';

const DRAWN_LIMIT = 1000;

/** The lines of a log as they were drawn last, for drawing them again and for moving by rows. */
export class LogDrawing {
  readonly #ring: LineRing;
  readonly #drawn = new Map<number, DrawnLine>();
  #look: LogLook | undefined;
  #epoch = 0;

  constructor(ring: LineRing) {
    this.#ring = ring;
  }

  /** Forgets the lines of a window that is gone. */
  renew(): void {
    if (this.#epoch === this.#ring.epoch) return;
    this.#epoch = this.#ring.epoch;
    this.#drawn.clear();
  }

  /** How lines are drawn from now on. */
  prepare(look: LogLook): void {
    const last = this.#look;
    const same =
      last !== undefined &&
      last.width === look.width &&
      last.wrap === look.wrap &&
      last.times === look.times &&
      last.column === look.column;
    if (!same || this.#drawn.size > DRAWN_LIMIT) this.#drawn.clear();
    this.#look = look;
  }

  /** A row as an ANSI string. */
  row({ line, row }: Spot, look: LogLook, is: { found: boolean; selected: boolean }): string {
    return rowText(this.#ring, line, row, this.#draw(line, look), look, is);
  }

  /** How many rows a line takes as lines are drawn now. */
  readonly rowCount = (line: number): number => (this.#look?.wrap ? this.#draw(line, this.#look).pieces.length : 1);

  #draw(line: number, look: LogLook): DrawnLine {
    const known = this.#drawn.get(line);
    if (known !== undefined) return known;
    const drawn = drawLine(this.#ring, line, look);
    this.#drawn.set(line, drawn);
    return drawn;
  }
}

/** First of the private code points that stand for a row, and how many of them are used in turn. */
const FIRST = 0xf0000;
const COUNT = 0xfff0;
/** So many rows are remembered: many screens full. */
const REMEMBERED = 4096;

/**
 * Finished rows on their way past Ink. A row that fills the width of the screen and that nothing overlaps goes through
 * Ink as one private character, which stands for it; what writes the frame puts the row in its place. Ink would else
 * take every character of every row apart and together again for each frame, which is most of a frame's time.
 */
export class RowStore {
  readonly #marks = new Map<string, string>();
  readonly #rows = new Map<string, string>();
  #next = 0;

  /** The character that stands for this row; the same one for the same row. */
  mark(row: string): string {
    const known = this.#marks.get(row);
    if (known !== undefined) {
      // Moved behind the others: what is on the screen must not be what is forgotten next.
      this.#rows.delete(known);
      this.#rows.set(known, row);
      return known;
    }
    const mark = String.fromCodePoint(FIRST + (this.#next++ % COUNT));
    this.#rows.set(mark, row);
    this.#marks.set(row, mark);
    if (this.#rows.size > REMEMBERED) this.#forget();
    return mark;
  }

  /** The row for which a line of a frame stands, or the line itself. */
  resolve(line: string): string {
    return line.length === 2 ? (this.#rows.get(line) ?? line) : line;
  }

  /** Forgets the half that was not asked for the longest. */
  #forget(): void {
    for (const [mark, row] of [...this.#rows].slice(0, REMEMBERED / 2)) {
      this.#rows.delete(mark);
      this.#marks.delete(row);
    }
  }
}

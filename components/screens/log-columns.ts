import { stringWidth } from '../../src/text.ts';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const ASCII = /^[\x20-\x7e]*$/;

/** A part of a text: where it begins and ends in it, and the columns it takes. */
export interface Piece {
  from: number;
  to: number;
  width: number;
  /** Blank columns in front: half of a wide character was cut off there. */
  indent: number;
}

/** The text in pieces of at most `columns` columns; at least one. No character is cut in two. */
export function wrapColumns(text: string, columns: number): Piece[] {
  const room = Math.max(2, columns);
  if (ASCII.test(text)) {
    const pieces: Piece[] = [];
    for (let from = 0; from === 0 || from < text.length; from += room) {
      const to = Math.min(text.length, from + room);
      pieces.push({ from, to, width: to - from, indent: 0 });
    }
    return pieces;
  }
  const pieces: Piece[] = [];
  let piece: Piece = { from: 0, to: 0, width: 0, indent: 0 };
  for (const { index, segment } of graphemes.segment(text)) {
    const width = stringWidth(segment);
    if (piece.width + width > room && piece.to > piece.from) {
      pieces.push(piece);
      piece = { from: index, to: index, width: 0, indent: 0 };
    }
    piece.to = index + segment.length;
    piece.width += width;
  }
  return [...pieces, piece];
}

/** The part of a text that is seen through a window of `columns` columns from `start` on. */
export function windowColumns(text: string, start: number, columns: number): Piece {
  if (ASCII.test(text)) {
    const from = Math.min(start, text.length);
    const to = Math.min(text.length, start + columns);
    return { from, to: Math.max(from, to), width: Math.max(0, to - from), indent: 0 };
  }
  let at = 0;
  let piece: Piece | undefined;
  for (const { index, segment } of graphemes.segment(text)) {
    const width = stringWidth(segment);
    if (at >= start || (piece !== undefined && width === 0)) {
      piece ??= { from: index, to: index, width: 0, indent: at - start };
      if (piece.indent + piece.width + width > columns) return piece;
      piece.to = index + segment.length;
      piece.width += width;
    }
    at += width;
  }
  return piece ?? { from: text.length, to: text.length, width: 0, indent: 0 };
}

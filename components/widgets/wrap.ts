import { sanitiseLines, stringWidth } from '../../src/text.ts';

/** Plain text as lines of at most `width` columns, broken between words; a word that is too long is broken where it must. */
export function wrapText(text: string, width: number): string[] {
  return sanitiseLines(text).flatMap(line => wrapLine(line, Math.max(1, width)));
}

function wrapLine(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (stringWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const character of word) {
      if (stringWidth(line + character) > width) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  lines.push(line);
  return lines;
}

import { sanitise } from '../../src/text.ts';

/** Signs that only repeat what words beside them say, box drawing, graphs, braille. */
const DECORATION = /[\u2500-\u25ff\u2800-\u28ff⟳⟲⋯‖↑↓]/g;
/** Signs that carry meaning, as words. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(\s*)✗\s*/, '$1Error: '],
  [/^(\s*)!\s+/, '$1Warning: '],
  [/^(\s*)·\s*/, '$1'],
  // Before what is done about a fault; elsewhere it is between two ends.
  [/^(\s*)→\s*/, '$1To do: '],
  [/\s*→\s*/g, ' to '],
  // The sign of what goes on; at the end of a text it says that there is more.
  [/^(\s*)…\s+/, '$1'],
  [/\s*[›·]\s*/g, ', '],
  [/[✗✓]\s*/g, ''],
  [/\[x\]/g, 'marked'],
  [/\[ \]/g, 'not marked'],
];

/** A drawn line as it is read out: no styles, no signs, columns told apart by commas; only its indentation stays. */
export function spoken(line: string): string {
  let text = sanitise(line);
  for (const [sign, word] of WORDS) text = text.replace(sign, word);
  const indent = /^ */.exec(text)?.[0] ?? '';
  const words = text
    .replace(DECORATION, '')
    .trim()
    .replace(/(?<=[.:,;?!]) {2,}/g, ' ')
    .replace(/ {2,}/g, ', ')
    .replace(/(?:, )+,? ?(?=, )/g, '');
  return words === '' ? '' : indent + words;
}

/** The same without indentation, for what stands in a sentence. */
export const inWords = (text: string): string => spoken(text).trim();

/** Ends with a full stop, so that a voice makes a pause. */
export const sentence = (text: string): string => (text === '' || /[.:!?…]$/.test(text) ? text : `${text}.`);

/** For comparing lines: ages, loads and counts move on all the time. */
export const withoutFigures = (line: string): string => spoken(line).replace(/\d+(?:\.\d+)?/g, '#');

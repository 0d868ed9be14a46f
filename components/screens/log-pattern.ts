/** What was typed to search for, or to keep or hide lines by. */
export interface LogPattern {
  /** As typed. */
  text: string;
  /** Hides what matches instead of keeping it. */
  hides: boolean;
  /** Why it is no pattern; then nothing matches. */
  error?: string;
  matches(line: string): boolean;
  /** Where it matches, as offsets from and to. */
  ranges(line: string): [number, number][];
}

/** More are not highlighted in one line. */
const MAX_RANGES = 200;

/**
 * Reads a pattern: a regular expression without regard to case, `!` in front for the opposite, `-f` in front for plain
 * text. Undefined when nothing was typed. Never throws.
 */
export function parsePattern(typed: string): LogPattern | undefined {
  const text = typed.trim();
  const hides = text.startsWith('!');
  const rest = hides ? text.slice(1).trim() : text;
  const source = rest.startsWith('-f ')
    ? rest
        .slice(3)
        .trim()
        .replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    : rest;
  if (source === '') return undefined;
  let expression: RegExp;
  try {
    expression = new RegExp(source, 'giu');
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '') : '';
    return {
      text,
      hides,
      error: reason || 'not a regular expression',
      matches: () => false,
      ranges: () => [],
    };
  }
  const once = new RegExp(source, 'iu');
  return {
    text,
    hides,
    matches: line => once.test(line),
    ranges(line) {
      const found: [number, number][] = [];
      expression.lastIndex = 0;
      for (let match = expression.exec(line); match !== null; match = expression.exec(line)) {
        if (match[0] === '') expression.lastIndex++;
        else found.push([match.index, match.index + match[0].length]);
        if (found.length >= MAX_RANGES) break;
      }
      return found;
    },
  };
}

export interface Filter {
  /** Says whether a row's text passes. */
  passes(text: string): boolean;
  /** Why the expression is not one; then everything passes. */
  error?: string;
}

const EVERYTHING: Filter = { passes: () => true };

/** What was typed after `/`: a regular expression without case, `!` inverse, `-f` fuzzy. Never throws. */
export function parseFilter(typed: string): Filter {
  const text = typed.trim();
  if (text === '' || text === '!') return EVERYTHING;
  if (text.startsWith('-f')) {
    const letters = text.slice(2).trim().toLowerCase();
    return letters === '' ? EVERYTHING : { passes: candidate => isSubsequence(letters, candidate.toLowerCase()) };
  }
  const inverse = text.startsWith('!');
  try {
    const expression = new RegExp(inverse ? text.slice(1).trim() : text, 'iu');
    return { passes: candidate => expression.test(candidate) !== inverse };
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /, '') : '';
    return { ...EVERYTHING, error: reason || 'not a regular expression' };
  }
}

/** True when the letters occur in that order, with anything between them. */
function isSubsequence(letters: string, text: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

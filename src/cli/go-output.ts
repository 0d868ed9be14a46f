/** JSON in one line as Go writes it: `<`, `>`, `&` and the two line separators escaped. Ends in a line feed. */
export function goJson(value: unknown): string {
  return `${plainJson(JSON.stringify(value)).replace(/[<>&]/g, escaped)}\n`;
}

/** What JSON leaves as it is and a terminal obeys: DEL, 8-bit controls, marks that turn text around or take no room. */
const OBEYED = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON of the same value with nothing in it that a terminal obeys. */
export const plainJson = (json: string): string => json.replace(OBEYED, escaped);

/**
 * YAML as Go's sigs.k8s.io/yaml writes it: keys sorted (numbers in them by value, digits before letters), lists not
 * indented, double quotes where quotes are needed.
 */
export async function goYaml(value: unknown): Promise<string> {
  const { dump } = await import('js-yaml');
  return dump(value, { sortKeys: compareKeys, seqNoIndent: true, lineWidth: -1, quoteStyle: 'double', noRefs: true });
}

/** go-yaml's order of keys: letters before other signs only by code, runs of digits by their value. */
function compareKeys(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  let digits = false;
  for (let i = 0; i < left.length && i < right.length; i++) {
    const x = left[i]!;
    const y = right[i]!;
    if (x === y) {
      digits = isDigit(x);
      continue;
    }
    const xLetter = isLetter(x);
    const yLetter = isLetter(y);
    if (xLetter && yLetter) return x < y ? -1 : 1;
    if (xLetter || yLetter) return digits === xLetter ? 1 : -1;
    return compareNumbers(left, right, i) || (x < y ? -1 : 1);
  }
  return left.length - right.length;
}

/** Compares the numbers that stand at this place, back to their first digit; 0 when there is none or they are equal. */
function compareNumbers(left: string[], right: string[], at: number): number {
  let start = at;
  while (start > 0 && isDigit(left[start - 1]!)) start--;
  const number = (chars: string[]) => {
    let end = start;
    while (end < chars.length && isDigit(chars[end]!)) end++;
    return Number(chars.slice(start, end).join(''));
  };
  return Math.sign(number(left) - number(right));
}

function isDigit(char: string): boolean {
  return /\p{Nd}/u.test(char);
}

function isLetter(char: string): boolean {
  return /\p{L}/u.test(char);
}

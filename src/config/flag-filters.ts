import { K3duiError } from '../errors.ts';

export interface FlagValue {
  value: string;
  /** Empty: the flag named none. */
  nodeFilters: string[];
}

/**
 * Splits `VALUE@FILTER;FILTER` at its one unescaped `@`. `\@` is a literal `@`, `\\@` a backslash and then the split
 * (k3d cmd/util/filter.go). Unlike k3d a value may hold literal `@` and no filter at all. Throws FLAG_FILTER_INVALID.
 */
export function splitFlag(text: string): FlagValue {
  const pieces: string[] = [];
  let piece = '';
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith('\\\\@', i)) {
      piece += '\\';
      i++;
    } else if (text.startsWith('\\@', i)) {
      piece += '@';
      i++;
    } else if (text[i] === '@') {
      pieces.push(piece);
      piece = '';
    } else {
      piece += text[i];
    }
  }
  pieces.push(piece);
  const [value = '', filters] = pieces;
  if (pieces.length > 2) {
    throw invalid(text, "only one unescaped '@' allowed for node filter(s)");
  }
  if (filters === undefined) return { value, nodeFilters: [] };
  const nodeFilters = filters.split(';').filter(filter => filter !== '');
  if (nodeFilters.length === 0) {
    throw invalid(text, "includes unescaped '@' but is missing a node filter");
  }
  return { value, nodeFilters };
}

/** The flag that splits into these. The grammar cannot say a backslash right before a literal `@` inside a value. */
export function joinFlag(value: string, nodeFilters: string[]): string {
  const escaped = value.replaceAll('@', '\\@');
  if (nodeFilters.length === 0) return escaped;
  return `${escaped}${value.endsWith('\\') ? '\\' : ''}@${nodeFilters.join(';')}`;
}

function invalid(text: string, why: string): K3duiError {
  return new K3duiError({
    code: 'FLAG_FILTER_INVALID',
    message: `invalid flag '${text}': ${why} (Escape literal '@' with '\\')`,
    hint: 'write VALUE@FILTER[;FILTER…], for example FOO=bar@server:0;agent:*',
  });
}

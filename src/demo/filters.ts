import { ApiError } from './api-error.ts';

/** Docker's `filters` query: `{"label":["a=b"]}` or the older `{"label":{"a=b":true}}`. */
export type Filters = Map<string, string[]>;

/** Throws 400 for anything that is no filter. */
export function parseFilters(text: string | null): Filters {
  const filters: Filters = new Map();
  if (!text) return filters;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ApiError(400, 'invalid filter');
  }
  for (const [key, value] of Object.entries((parsed ?? {}) as Record<string, string[] | Record<string, boolean>>)) {
    filters.set(key, Array.isArray(value) ? value : Object.keys(value).filter(name => value[name]));
  }
  return filters;
}

/** Every label asked for is there (`key` or `key=value`). */
export function labelsMatch(
  filters: Filters,
  labels: Record<string, string> | null | undefined,
  key = 'label',
): boolean {
  return (filters.get(key) ?? []).every(wanted => {
    const [name = '', value] = wanted.split(/=(.*)/s);
    const has = labels?.[name];
    return has !== undefined && (value === undefined || has === value);
  });
}

/** One of the patterns given (regular expressions, as Docker takes them) fits one of the texts. */
export function anyMatch(filters: Filters, key: string, texts: string[]): boolean {
  const wanted = filters.get(key);
  if (!wanted?.length) return true;
  return wanted.some(pattern => {
    let expression: RegExp | undefined;
    try {
      expression = new RegExp(pattern);
    } catch {
      // Not a pattern: then it is a plain text.
    }
    return texts.some(text => text === pattern || expression?.test(text));
  });
}

/** One of the values given equals one of the texts. */
export function oneOf(filters: Filters, key: string, texts: string[]): boolean {
  const wanted = filters.get(key);
  return !wanted?.length || wanted.some(value => texts.includes(value));
}

import { isRecord, type KubeObject } from './objects.ts';

export type Test = (object: KubeObject) => boolean;

/** Splits at commas that stand outside parentheses. */
const clauses = (selector: string): string[] => selector.match(/(?:[^,(]|\([^)]*\))+/g) ?? [];

function labelTest(clause: string): Test {
  const [, key = '', not, list] = /^\s*(\S+)\s+(not)?in\s*\(([^)]*)\)\s*$/.exec(clause) ?? [];
  if (list !== undefined) {
    const values = list.split(',').map(v => v.trim());
    return o => values.includes(o.metadata.labels?.[key] ?? '\0') !== (not !== undefined);
  }
  const [, name = '', operator, value] = /^\s*([^!=\s]+)\s*(==?|!=)\s*(.*?)\s*$/.exec(clause) ?? [];
  if (operator !== undefined) return o => (o.metadata.labels?.[name] === value) !== (operator === '!=');
  const bare = clause.trim();
  if (bare.startsWith('!')) return o => o.metadata.labels?.[bare.slice(1)] === undefined;
  return o => o.metadata.labels?.[bare] !== undefined;
}

function fieldTest(clause: string): Test {
  const [, path = '', operator, value = ''] = /^([^!=]+)(==?|!=)(.*)$/.exec(clause) ?? [];
  const read = (object: KubeObject): string => {
    let here: unknown = object;
    for (const part of path.split('.')) here = isRecord(here) ? here[part] : undefined;
    return here === undefined || here === null ? '' : String(here);
  };
  return object => (read(object) === value) !== (operator === '!=');
}

/** One test for a request's `labelSelector` and `fieldSelector`. */
export function selector(query: URLSearchParams): Test {
  const tests = [
    ...clauses(query.get('labelSelector') ?? '').map(labelTest),
    ...clauses(query.get('fieldSelector') ?? '').map(fieldTest),
  ];
  return object => tests.every(test => test(object));
}

import { FIELDS } from './fields.ts';
import type { FormRow, FormState } from './form-state.ts';
import type { FieldProblem } from './to-spec.ts';

/** A mistake as `checkClusterSpec` names it: the part of the spec, and for lists perhaps which entry. */
export interface NamedProblem {
  field: string;
  index?: number;
  message: string;
  hint?: string;
  severity: 'error' | 'warning';
}

/**
 * The problem at its place in the form. An index counts the entries of the spec, which has no empty lines and none that
 * could not be read: it is turned into the line where the entry stands. Without an index the last line that holds
 * a number named in the message is taken: of two that ask for one port the newer is in the way.
 */
export function placeProblem(
  problem: NamedProblem,
  form: FormState,
  unreadable: readonly FieldProblem[],
): FieldProblem {
  const { message, hint, severity } = problem;
  const field = FIELDS.find(({ id }) => id === problem.field);
  if (!field) return { field: 'name', message, hint, severity };
  if (field.kind !== 'list') return { field: field.id, message, hint, severity };
  const entries = form.lines[field.id]
    .map((line, at) => ({ at, text: line.text.trim() }))
    .filter(({ at, text }) => text !== '' && !unreadable.some(other => other.field === field.id && other.at === at));
  const numbers: string[] = message.match(/\d+/g) ?? [];
  const entry =
    problem.index === undefined
      ? entries.findLast(({ text }) => text.match(/\d+/g)?.some(number => numbers.includes(number)))
      : entries[problem.index];
  return { field: field.id, at: entry?.at, message, hint, severity };
}

/** What is shown under a row: mistakes of fields not yet touched wait until the person tries to go on. */
export function problemsAt(row: FormRow, form: FormState, problems: readonly FieldProblem[]): FieldProblem[] {
  if (row.kind !== 'field') return [];
  const { id, kind } = row.field;
  if (!form.tried && !form.touched.has(id)) return [];
  const last = form.lines[id].length - 1;
  return problems.filter(problem => {
    if (problem.field !== id) return false;
    if (kind !== 'list') return true;
    return (problem.at ?? Math.max(0, last - 1)) === row.at;
  });
}

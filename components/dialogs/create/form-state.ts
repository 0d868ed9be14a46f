import type { ClusterSpec } from '../../../src/config/cluster-spec.ts';
import type { KeyPress } from '../../hooks/use-keys.ts';
import { editField, type FieldState, fieldOf, selectAll } from '../../widgets/field-state.ts';
import { FIELDS, type FieldId, type FormField } from './fields.ts';

/** One row of the form that can have the focus. */
export type FormRow =
  | { kind: 'field'; field: FormField /** Which line of a list; 0 for all others. */; at: number }
  | { kind: 'more' }
  | { kind: 'preview' }
  | { kind: 'cancel' };

/** All that was typed, and where the focus is. A plain value: going to the preview and back loses nothing. */
export interface FormState {
  /** Lines and counts hold one line, lists several with an empty one at the end, switches none. */
  readonly lines: Readonly<Record<FieldId, readonly FieldState[]>>;
  readonly switches: Readonly<Record<FieldId, boolean>>;
  readonly moreOpen: boolean;
  /** Index into `formRows`. */
  readonly focus: number;
  /** Fields that were edited: only their mistakes are shown before the first try to go on. */
  readonly touched: ReadonlySet<FieldId>;
  readonly tried: boolean;
  /** What the request has that no field shows; it stays as it is. */
  readonly rest: Pick<ClusterSpec, 'files' | 'registries'>;
}

/** The rows that are there now, from top to bottom. */
export function formRows(form: FormState): FormRow[] {
  const rowsOf = (more: boolean): FormRow[] =>
    FIELDS.filter(field => field.more === more).flatMap(field => {
      const count = field.kind === 'list' ? form.lines[field.id].length : 1;
      return Array.from({ length: count }, (_, at): FormRow => ({ kind: 'field', field, at }));
    });
  return [
    ...rowsOf(false),
    { kind: 'more' },
    ...(form.moreOpen ? rowsOf(true) : []),
    { kind: 'preview' },
    { kind: 'cancel' },
  ];
}

export function focusedRow(form: FormState): FormRow {
  const rows = formRows(form);
  return rows[Math.min(form.focus, rows.length - 1)]!;
}

/** Moves the focus to a field, opening `More options` if it is there. */
export function focusField(form: FormState, id: FieldId, at = 0): FormState {
  const more = FIELDS.some(field => field.id === id && field.more);
  const opened = more && !form.moreOpen ? { ...form, moreOpen: true } : form;
  const rows = formRows(opened);
  const index = rows.findIndex(row => row.kind === 'field' && row.field.id === id && row.at === at);
  const focused = { ...opened, focus: Math.max(0, index) };
  const row = rows[focused.focus];
  if (row?.kind !== 'field' || (row.field.kind !== 'line' && row.field.kind !== 'count')) return focused;
  return { ...focused, lines: { ...focused.lines, [id]: [selectAll(form.lines[id][0]!)] } };
}

/** Opens `More options` when something is filled in there. */
export function openFilled(form: FormState): FormState {
  const filled = FIELDS.some(({ id, more, kind }) => more && kind !== 'switch' && entriesOf(form, id).length > 0);
  return filled ? { ...form, moreOpen: true } : form;
}

/** What stands in a field, trimmed; lists without their empty lines. */
export const textOf = (form: FormState, id: FieldId): string => form.lines[id][0]?.text.trim() ?? '';
const entriesOf = (form: FormState, id: FieldId): string[] =>
  form.lines[id].map(line => line.text.trim()).filter(text => text !== '');

/** Puts a text into a one-line field, as picking a suggestion does. */
export function setText(form: FormState, id: FieldId, text: string): FormState {
  return touch({ ...form, lines: { ...form.lines, [id]: [fieldOf(text)] } }, id);
}

/** The form after a key; undefined when the form itself has no use for it (Esc, Enter on a button, Ctrl-O). */
export function editForm(form: FormState, key: KeyPress, page = 5): FormState | undefined {
  const rows = formRows(form);
  const row = focusedRow(form);
  switch (key.name) {
    case 'down':
    case 'tab':
    case 'wheel-down':
      return moveFocus(form, 1);
    case 'up':
    case 'shift-tab':
    case 'wheel-up':
      return moveFocus(form, -1);
    case 'pagedown':
      return moveFocus(form, page);
    case 'pageup':
      return moveFocus(form, -page);
    case 'ctrl-home':
      return { ...form, focus: 0 };
    case 'ctrl-end':
      return { ...form, focus: rows.length - 1 };
  }
  if (row.kind === 'more') {
    if (key.name === 'right' || key.name === 'left') return { ...form, moreOpen: key.name === 'right' };
    return key.name === 'space' || key.name === 'enter' ? { ...form, moreOpen: !form.moreOpen } : undefined;
  }
  if (row.kind !== 'field') {
    if (key.name === 'left' || key.name === 'right') return moveFocus(form, row.kind === 'preview' ? 1 : -1);
    return undefined;
  }
  if (row.field.kind === 'switch') return editSwitch(form, row.field.id, key);
  if (row.field.kind === 'count') return editCount(form, row.field.id, key);
  if (row.field.kind === 'list') return editList(form, row.field.id, row.at, key);
  const line = editField(form.lines[row.field.id][0]!, key);
  return line && touch({ ...form, lines: { ...form.lines, [row.field.id]: [line] } }, row.field.id);
}

/** Moves the focus, and drops the lines of a list that were left empty. */
function moveFocus(form: FormState, step: number): FormState {
  const rows = formRows(form);
  const to = Math.max(0, Math.min(rows.length - 1, form.focus + step));
  const target = rows[to]!;
  const tidy = tidyLists(form, target);
  if (target.kind === 'field') {
    const gone = target.field.kind === 'list' ? emptyBefore(form, target.field.id, target.at) : 0;
    return focusField(tidy, target.field.id, target.at - gone);
  }
  return { ...tidy, focus: formRows(tidy).findIndex(row => row.kind === target.kind) };
}

const emptyBefore = (form: FormState, id: FieldId, at: number) =>
  form.lines[id].slice(0, at).filter(line => line.text.trim() === '').length;

function tidyLists(form: FormState, keep: FormRow): FormState {
  const lines = { ...form.lines };
  for (const field of FIELDS) {
    if (field.kind !== 'list') continue;
    const kept = lines[field.id].filter(
      (line, at) => line.text.trim() !== '' || (keep.kind === 'field' && keep.field.id === field.id && keep.at === at),
    );
    lines[field.id] = withEmptyEnd(kept);
  }
  return { ...form, lines };
}

const withEmptyEnd = (lines: readonly FieldState[]): readonly FieldState[] =>
  lines.at(-1)?.text.trim() === '' ? lines : [...lines, fieldOf('')];

function editSwitch(form: FormState, id: FieldId, key: KeyPress): FormState | undefined {
  const answers: Record<string, boolean> = {
    space: !form.switches[id],
    left: !form.switches[id],
    right: !form.switches[id],
    y: true,
    n: false,
  };
  const answer = answers[key.name];
  return answer === undefined ? undefined : touch({ ...form, switches: { ...form.switches, [id]: answer } }, id);
}

function editCount(form: FormState, id: FieldId, key: KeyPress): FormState | undefined {
  const state = form.lines[id][0]!;
  const set = (line: FieldState) => touch({ ...form, lines: { ...form.lines, [id]: [line] } }, id);
  if (key.name === '+' || key.name === '-') {
    const count = Number(state.text);
    if (!Number.isInteger(count)) return form;
    return set(fieldOf(String(Math.max(0, count + (key.name === '+' ? 1 : -1)))));
  }
  const line = editField(state, key);
  return line && set(line);
}

function editList(form: FormState, id: FieldId, at: number, key: KeyPress): FormState | undefined {
  const lines = form.lines[id];
  const state = lines[at]!;
  if ((key.name === 'backspace' || key.name === 'ctrl-k') && state.text === '' && lines.length > 1) {
    if (at === lines.length - 1 && key.name === 'ctrl-k') return form;
    const left = at === lines.length - 1 ? lines : lines.filter((_, index) => index !== at);
    return focusField(touch({ ...form, lines: { ...form.lines, [id]: left } }, id), id, Math.max(0, at - 1));
  }
  // A paste of several lines becomes several entries.
  const pasted = key.name === 'paste' ? key.text.split(/[\r\n]+/).filter(line => line.trim() !== '') : [];
  if (pasted.length > 1) {
    const entries = pasted.map(text => editField(fieldOf(''), { name: 'paste', text: text.trim() })!);
    const all = withEmptyEnd([
      ...lines.slice(0, at),
      ...(state.text === '' ? [] : [state]),
      ...entries,
      ...lines.slice(at + 1),
    ]);
    return focusField(touch({ ...form, lines: { ...form.lines, [id]: all } }, id), id, at + pasted.length);
  }
  const line = editField(state, key);
  if (!line) return undefined;
  const changed = withEmptyEnd(lines.map((old, index) => (index === at ? line : old)));
  return touch({ ...form, lines: { ...form.lines, [id]: changed } }, id);
}

function touch(form: FormState, id: FieldId): FormState {
  return form.touched.has(id) ? form : { ...form, touched: new Set([...form.touched, id]) };
}

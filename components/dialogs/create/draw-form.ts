import { sanitise, truncate } from '../../../src/text.ts';
import { mark } from '../../spoken/marks.ts';
import type { Theme } from '../../theme.ts';
import { buttonLine } from '../../widgets/buttons.ts';
import { fieldLine } from '../../widgets/field-line.ts';
import { rowHead, switchText } from '../../widgets/form-row.ts';
import { wrapText } from '../../widgets/wrap.ts';
import { FIELDS } from './fields.ts';
import { type FormRow, type FormState, focusedRow, formRows } from './form-state.ts';
import { problemsAt } from './problems.ts';
import type { FieldProblem } from './to-spec.ts';

const LABEL_WIDTH = Math.max(...FIELDS.map(field => field.label.length)) + 2;

export interface DrawnForm {
  lines: string[];
  /** First and last line of the focused row with its problems. */
  from: number;
  to: number;
}

/** The form as ANSI lines of `width` columns: a row per field, its mistakes beneath it. */
export function drawForm(theme: Theme, form: FormState, problems: readonly FieldProblem[], width: number): DrawnForm {
  const lines: string[] = [];
  let [from, to] = [0, 0];
  const focus = focusedRow(form);
  for (const row of formRows(form)) {
    if (row.kind === 'cancel') continue;
    const focused = sameRow(row, focus) || (row.kind === 'preview' && focus.kind === 'cancel');
    if (row.kind === 'preview') lines.push('');
    if (focused) from = lines.length;
    lines.push(drawRow(theme, form, row, focus, problems, width));
    for (const problem of problemsAt(row, form, problems)) lines.push(...drawProblem(theme, problem, width));
    if (focused) to = lines.length - 1;
  }
  return { lines, from, to };
}

const sameRow = (a: FormRow, b: FormRow) =>
  a.kind === b.kind && (a.kind !== 'field' || (b.kind === 'field' && a.field === b.field && a.at === b.at));

function drawRow(
  theme: Theme,
  form: FormState,
  row: FormRow,
  focus: FormRow,
  problems: readonly FieldProblem[],
  width: number,
): string {
  const focused = sameRow(row, focus);
  if (row.kind === 'more') {
    const hidden = FIELDS.filter(field => field.more);
    const wrong = problems.filter(problem => hidden.some(field => field.id === problem.field)).length;
    const note = wrong > 0 && !form.moreOpen ? `  (${wrong} to look at)` : '';
    if (theme.spoken) return mark(focused, `More options, ${form.moreOpen ? 'open' : 'closed'}${note}`);
    const text = `${form.moreOpen ? '▾' : '▸'} More options`;
    const what = form.moreOpen ? '' : '  volumes, environment, arguments, labels, network, memory, kubeconfig …';
    return truncate(`${theme.paint(focused ? 'selected' : 'title', text)}${note}${theme.paint('dim', what)}`, width);
  }
  if (row.kind !== 'field') {
    const index = focus.kind === 'preview' ? 0 : focus.kind === 'cancel' ? 1 : -1;
    return buttonLine(theme, [{ label: 'Preview', tone: 'good' }, { label: 'Cancel' }], index, width);
  }
  const { field, at } = row;
  const head = rowHead(theme, focused, at === 0 || theme.spoken ? field.label : '', LABEL_WIDTH);
  const room = Math.max(3, width - 2 - LABEL_WIDTH);
  if (field.kind === 'switch') return head + switchText(theme, form.switches[field.id], focused);
  const line = form.lines[field.id][at]!;
  const last = field.kind !== 'list' || at === form.lines[field.id].length - 1;
  const look = { placeholder: last ? field.placeholder : undefined, secret: field.secret && !focused };
  const wrong = problemsAt(row, form, problems).some(problem => problem.severity === 'error');
  return (
    head +
    fieldLine(theme, line, room - 2, focused, look) +
    (wrong ? theme.paint('bad', theme.spoken ? ', wrong' : ' ✗') : '')
  );
}

function drawProblem(theme: Theme, problem: FieldProblem, width: number): string[] {
  const indent = ' '.repeat(LABEL_WIDTH + 2);
  const [tone, sign] = problem.severity === 'error' ? (['bad', '✗'] as const) : (['warn', '!'] as const);
  const room = width - indent.length - 2;
  const message = wrapText(sanitise(problem.message), room).map((line, at) => `${at === 0 ? sign : ' '} ${line}`);
  const hint = problem.hint ? wrapText(sanitise(problem.hint), room).map(line => `  ${line}`) : [];
  return [
    ...message.map(line => indent + theme.paint(tone, line)),
    ...hint.map(line => indent + theme.paint('dim', line)),
  ];
}

/** The first line to show in a window of `height` lines: the focused row about in the middle, all of it seen. */
export function scrollTo({ lines, from, to }: DrawnForm, height: number): number {
  const last = Math.max(0, lines.length - height);
  const middle = Math.min(from, Math.max(to - height + 1, Math.floor((from + to - height) / 2)));
  return Math.max(0, Math.min(last, middle));
}

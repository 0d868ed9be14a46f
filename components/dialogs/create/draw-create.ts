import type { ClusterSpec } from '../../../src/config/cluster-spec.ts';
import { pad, sanitise, truncate } from '../../../src/text.ts';
import type { Theme } from '../../theme.ts';
import { choiceLines } from '../../widgets/choice-lines.ts';
import { wrapText } from '../../widgets/wrap.ts';
import type { CreateState } from '../create-cluster.tsx';
import { hintLine } from '../hint-line.ts';
import { drawForm, scrollTo } from './draw-form.ts';
import { type FormField, fieldById } from './fields.ts';
import { focusedRow } from './form-state.ts';
import { summaryLines } from './summary.ts';
import type { FieldProblem } from './to-spec.ts';

export interface CreateLayout {
  width: number;
  height: number;
  /** Columns of the form and of the summary beside it; no summary where there is no room. */
  formWidth: number;
  summaryWidth: number;
  formHeight: number;
}

const HELP_HEIGHT = 4;

/** How the dialog uses a screen: full at 80×24, with a summary beside the form from 110 columns on. */
export function createLayout(screenWidth: number, screenHeight: number): CreateLayout {
  const width = Math.min(screenWidth, screenWidth >= 110 ? Math.min(150, screenWidth - 6) : 90);
  const height = Math.min(screenHeight, screenHeight >= 30 ? Math.min(40, screenHeight - 4) : screenHeight);
  const inner = width - 4;
  const wide = width >= 104;
  const summaryWidth = wide ? Math.min(46, Math.floor(inner * 0.36)) : 0;
  return {
    width,
    height,
    formWidth: wide ? inner - summaryWidth - 3 : inner,
    summaryWidth,
    formHeight: Math.max(1, height - 2 - 2 - (wide ? 0 : HELP_HEIGHT)),
  };
}

/** What the world says of the form. */
export interface Findings {
  spec: ClusterSpec;
  problems: readonly FieldProblem[];
  failure?: string;
  /** There is a last time to be like. */
  last: boolean;
}

/** The inside of the dialog as lines, and what the border says is out of sight. */
export function drawCreate(
  theme: Theme,
  state: CreateState,
  findings: Findings,
  layout: CreateLayout,
): { lines: string[]; outside: string } {
  const { formWidth, formHeight, summaryWidth } = layout;
  const inner = layout.width - 4;
  const row = focusedRow(state.form);
  const field = row.kind === 'field' ? row.field : undefined;
  const { lines, outside } = state.suggestions
    ? drawSuggestions(theme, state.suggestions, state.published?.note ?? '', layout)
    : drawWindow(theme, state, findings.problems, layout);
  const body = Array.from({ length: formHeight }, (_, at) => lines[at] ?? '');
  const status = statusLines(theme, state, findings, inner);
  if (summaryWidth > 0) {
    const side = summaryLines(theme, field, findings.spec, findings.problems, summaryWidth);
    const joined = body.map((line, at) => `${pad(line, formWidth)} ${theme.paint('border', '│')} ${side[at] ?? ''}`);
    return {
      lines: [
        ...joined,
        ...(status.length > 0 ? status.slice(0, 1) : ['']),
        hints(theme, state, field, findings.last, inner),
      ],
      outside,
    };
  }
  const help = status.length > 0 ? status : wrapText(field?.help ?? '', inner).map(line => theme.paint('dim', line));
  const below = Array.from({ length: HELP_HEIGHT }, (_, at) => help[at] ?? '');
  const rule = theme.paint('border', '─'.repeat(inner));
  return { lines: [...body, rule, ...below, hints(theme, state, field, findings.last, inner)], outside };
}

function drawWindow(theme: Theme, state: CreateState, problems: readonly FieldProblem[], layout: CreateLayout) {
  const drawn = drawForm(theme, state.form, problems, layout.formWidth);
  const top = scrollTo(drawn, layout.formHeight);
  const below = drawn.lines.length - top - layout.formHeight;
  const outside = [top > 0 ? `↑ ${top}` : '', below > 0 ? `↓ ${below}` : ''].filter(text => text !== '');
  return { lines: drawn.lines.slice(top, top + layout.formHeight), outside: outside.join('  ') };
}

function drawSuggestions(
  theme: Theme,
  { field, items, choice }: NonNullable<CreateState['suggestions']>,
  note: string,
  layout: CreateLayout,
) {
  const title = field === 'image' ? 'Images: words, what Docker has, what is published' : 'Networks that Docker has';
  const rows = choiceLines(theme, items, choice, layout.formWidth, layout.formHeight - 2);
  const empty = theme.paint('dim', 'Docker has none that fits.');
  return {
    lines: [
      theme.paint('title', title),
      theme.paint('dim', truncate(sanitise(note), layout.formWidth)),
      ...(items.length > 0 ? rows : [empty]),
    ],
    outside: `${items.length}`,
  };
}

/** What must be said now instead of the field's help. */
function statusLines(theme: Theme, state: CreateState, { failure }: Findings, width: number): string[] {
  if (state.stage === 'planning') return [theme.paint('accent', 'Looking at what is there …')];
  if (state.leaving) return [theme.paint('warn', 'Esc again throws away what you typed; any other key goes on.')];
  if (state.error) {
    const message = wrapText(state.error.message, width).map(line => theme.paint('bad', line));
    return [...message, ...wrapText(state.error.hint ?? '', width).map(line => theme.paint('dim', line))];
  }
  if (state.filled) return wrapText(sanitise(state.filled), width).map(line => theme.paint('accent', line));
  return failure ? [theme.paint('warn', truncate(`Cannot check: ${sanitise(failure)}`, width))] : [];
}

function hints(theme: Theme, state: CreateState, field: FormField | undefined, last: boolean, width: number): string {
  if (state.suggestions)
    return hintLine(
      theme,
      [
        ['Enter', 'take'],
        ['↑ ↓', 'move'],
        ['Esc', 'back'],
      ],
      width,
    );
  const own: [string, string][] = [];
  if (field?.kind === 'switch') own.push(['Space', 'change']);
  if (field?.kind === 'count') own.push(['+ -', 'change']);
  if (field && fieldById(field.id)?.choices) own.push(['Ctrl-O', 'choices']);
  const enter: [string, string] = field?.kind === 'list' ? ['Enter', 'next'] : ['Enter', 'preview'];
  const like: [string, string][] = last ? [['Ctrl-L', 'like last time']] : [];
  return hintLine(theme, [['Tab ↑ ↓', 'move'], ...own, enter, ...like, ['Esc', 'cancel']], width);
}

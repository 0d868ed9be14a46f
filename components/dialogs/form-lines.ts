import type { Problem } from '../../src/engine/cluster/problems.ts';
import { errorText } from '../error-text.ts';
import type { Theme } from '../theme.ts';
import { buttonLine } from '../widgets/buttons.ts';
import { wrapText } from '../widgets/wrap.ts';
import { hintLine } from './hint-line.ts';
import type { PlanFormState } from './use-plan-form.ts';

export type FormProblem = Pick<Problem, 'message' | 'hint' | 'severity'>;

/** What is wrong, `✗` for what must be mended and `!` for what should; as ANSI lines of at most `width` columns. */
export function problemLines(theme: Theme, problems: readonly FormProblem[], width: number): string[] {
  return problems.flatMap(problem => {
    const [tone, sign] = problem.severity === 'error' ? (['bad', '✗'] as const) : (['warn', '!'] as const);
    return wrapText(errorText(problem), width - 2).map((line, at) =>
      theme.paint(tone, `${at > 0 ? ' ' : sign} ${line}`),
    );
  });
}

/** Why there is no plan, as problems are drawn; none while there is nothing to say. */
export const failureOf = ({ error }: { error?: string }): FormProblem[] =>
  error === undefined ? [] : [{ message: error, severity: 'error' }];

/** The last two lines of a form: its buttons, or that it is being planned; and its keys. */
export function formEnd(
  theme: Theme,
  { stage, focus }: Pick<PlanFormState<unknown, unknown>, 'stage' | 'focus'>,
  rows: number,
  hints: Parameters<typeof hintLine>[1],
  width: number,
): string[] {
  return [
    stage === 'planning'
      ? theme.paint('dim', 'working out what is to be done …')
      : buttonLine(theme, [{ label: 'Preview', tone: 'good' }, { label: 'Cancel' }], focus - rows, width),
    hintLine(theme, hints, width),
  ];
}

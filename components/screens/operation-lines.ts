import type { Operation } from '../../src/engine/operation.ts';
import type { StepState, StepView } from '../../src/engine/step.ts';
import { formatBytes, formatDuration, sanitise, stringWidth, truncate } from '../../src/text.ts';
import type { Style, Theme } from '../theme.ts';
import { fitCell } from '../widgets/columns.ts';
import { wrapText } from '../widgets/wrap.ts';
import { operationStateStyle, operationStateText, stepsText } from './operations-list.ts';
import { fact } from './text-screen.tsx';

const SIGNS: Record<StepState, { sign: string; style: Style }> = {
  waiting: { sign: '·', style: 'dim' },
  running: { sign: '⟳', style: 'accent' },
  done: { sign: '✓', style: 'good' },
  failed: { sign: '✗', style: 'bad' },
  skipped: { sign: '-', style: 'dim' },
  undone: { sign: '⟲', style: 'warn' },
};

/** The whole operation as lines: how it stands, its steps by node on a time axis, what went wrong, the evidence. */
export function operationLines(theme: Theme, operation: Operation, now: number, width: number): string[] {
  const { state, startedAt, endedAt, steps, error } = operation;
  const end = endedAt ?? Math.max(now, startedAt);
  const took = formatDuration(end - startedAt);
  const layout = stepLayout(steps, width);
  const stateText = theme.paint(operationStateStyle(state), operationStateText(state));
  return [
    fact(theme, 'State', `${stateText}  ${took}  ${theme.paint('dim', `${stepsText(operation)} steps done`)}`),
    ...wrapText(operation.command, width - 16).map((line, index) =>
      fact(theme, index === 0 ? 'Equal command' : '', line),
    ),
    ...(error ? errorLines(theme, operation, width) : []),
    ...groups(steps).flatMap(({ subject, steps: own }) => [
      '',
      theme.paint('title', subject === '' ? 'for the whole cluster' : truncate(sanitise(subject), width)),
      ...own.flatMap(step => stepLines(theme, step, { from: startedAt, to: end }, layout)),
    ]),
  ];
}

/** Steps by the node they are about, in the order in which the nodes come up. */
function groups(steps: readonly StepView[]): { subject: string; steps: StepView[] }[] {
  const bySubject = new Map<string, StepView[]>();
  for (const step of steps) {
    const subject = step.subject ?? '';
    const own = bySubject.get(subject);
    if (own) own.push(step);
    else bySubject.set(subject, [step]);
  }
  return [...bySubject].map(([subject, own]) => ({ subject, steps: own }));
}

function errorLines(theme: Theme, { error, state }: Operation, width: number): string[] {
  if (!error) return [];
  const room = width - 16;
  const style = state === 'cancelled' ? 'warn' : 'bad';
  const block = (label: string, text: string, paint: (line: string) => string): string[] =>
    wrapText(text, room).map((line, index) => fact(theme, index === 0 ? label : '', paint(line)));
  return [
    // That it was cancelled stands in its state; why, where there is more to say of it.
    ...(state === 'cancelled' && error.message === state
      ? []
      : block('Error', error.message, line => theme.paint(style, line))),
    ...(error.hint ? block('What to do', error.hint, line => line) : []),
    ...(error.evidence ? block('Evidence', error.evidence, line => line) : []),
  ];
}

interface StepLayout {
  width: number;
  title: number;
  bar: number;
}

/** Columns for how many bytes of how many. */
const FIGURES = 22;

/** Titles get what they need, bars up to a quarter, what a step says the rest. */
function stepLayout(steps: readonly StepView[], width: number): StepLayout {
  const longest = Math.max(0, ...steps.map(step => stringWidth(sanitise(step.title))));
  // `100 MiB of 200 MiB` is what people wait for.
  const figures = steps.some(({ bytes }) => bytes !== undefined) ? FIGURES : 0;
  const left = width - 16 - figures - longest;
  // What a step is must be readable; when it was is told by a short bar too.
  const bar = Math.max(10, Math.min(40, Math.floor(width / 4), left));
  return { width, bar, title: Math.max(12, Math.min(longest, width - bar - 16 - figures)) };
}

function stepLines(theme: Theme, step: StepView, span: { from: number; to: number }, layout: StepLayout): string[] {
  const { style } = SIGNS[step.state];
  const sign = theme.spoken ? `${step.state}:` : SIGNS[step.state].sign;
  const { width } = layout;
  const started = step.startedAt;
  const seconds = started === undefined ? '' : formatDuration((step.endedAt ?? span.to) - started);
  const bar = theme.paint(style, timeBar(step, span, layout.bar));
  const said = step.state === 'running' || step.bytes !== undefined ? progressText(step) : '';
  const left = `  ${theme.paint(style, sign)} ${fitCell(sanitise(step.title), layout.title)} ${bar} ${seconds.padStart(7)}  `;
  const room = width - stringWidth(left);
  const line = left + theme.paint('dim', truncate(said, Math.max(0, room)));
  const below = (text: string, style: Style): string[] =>
    wrapText(text, width - 6).map(part => `    ${theme.paint(style, part)}`);
  return [
    line,
    ...(step.warning === undefined ? [] : below(sanitise(step.warning), 'warn')),
    ...(!step.error || step.state === 'skipped' ? [] : below(step.error.message, 'bad')),
  ];
}

/** When in the whole operation the step ran: `──██████──`. */
function timeBar(step: StepView, span: { from: number; to: number }, width: number): string {
  const total = Math.max(1, span.to - span.from);
  if (step.startedAt === undefined) return ' '.repeat(width);
  const cell = (at: number): number => Math.round(((at - span.from) / total) * width);
  const from = Math.max(0, Math.min(width - 1, cell(step.startedAt)));
  const to = Math.max(from + 1, Math.min(width, cell(step.endedAt ?? span.to)));
  return `${' '.repeat(from)}${'━'.repeat(to - from)}${' '.repeat(width - to)}`;
}

/** `12 MiB of 200 MiB  Extracting`. */
function progressText({ bytes, totalBytes, text }: StepView): string {
  const moved = bytes === undefined ? '' : formatBytes(bytes) + (totalBytes ? ` of ${formatBytes(totalBytes)}` : '');
  return [moved, text === undefined ? '' : sanitise(text)].filter(part => part !== '').join('  ');
}

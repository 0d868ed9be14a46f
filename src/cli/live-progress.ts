import type { Operation } from '../engine/operation.ts';
import type { StepView } from '../engine/step.ts';
import { formatDuration, sanitise, stringWidth, toWidth, truncate } from '../text.ts';
import type { Io, Output } from './io.ts';
import { type Log, usesColour } from './log.ts';
import { describeBytes, describeStep, type Progress } from './progress.ts';

const REDRAW_MILLISECONDS = 100;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const BAR_WIDTH = 20;
const SHOW_CURSOR = '\x1b[?25h';
const HIDE_CURSOR = '\x1b[?25l';

/** Lines at the bottom of the terminal, one per node, redrawn in place while operations run. */
export function liveProgress(io: Io, log: Log, now: () => number = Date.now): Progress {
  const operations: Operation[] = [];
  const area = openLiveArea(io.stdout);
  const colour = usesColour(io.stdout, io.env);
  const draw = () => area.draw(operations.flatMap(operation => operationLines(operation, now(), colour)));
  log.around = write => {
    area.clear();
    write();
    if (operations.length > 0) draw();
  };
  const timer = setInterval(draw, REDRAW_MILLISECONDS);
  return {
    live: true,
    follow(operation) {
      operations.push(operation);
      operation.subscribe(event => {
        if (event.type === 'step.progress' && event.warning !== undefined) log.warn(sanitise(event.warning));
      });
      draw();
    },
    close() {
      clearInterval(timer);
      draw();
      area.leave();
      log.around = write => write();
    },
  };
}

/** What a line says: the state of one node, or of one step that is about no node. */
export interface ProgressLine {
  state: 'waiting' | 'running' | 'done' | 'failed' | 'undone';
  name: string;
  text: string;
  milliseconds: number | undefined;
  bytes?: number;
  totalBytes?: number;
}

/** One line per node, in the order in which the plan names them; steps that are about no node have their own line. */
export function progressLines(steps: readonly StepView[], now: number): ProgressLine[] {
  const groups = new Map<string, StepView[]>();
  for (const step of steps) {
    const key = step.subject ?? `step ${step.id}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups.values()].map(group => lineOf(group, now));
}

function lineOf(group: StepView[], now: number): ProgressLine {
  const first = group[0]!;
  const running = group.find(step => step.state === 'running');
  const failed = group.find(step => step.state === 'failed');
  const started = group.flatMap(step => step.startedAt ?? []);
  const ended = group.flatMap(step => step.endedAt ?? []);
  const name = sanitise(first.subject ?? first.title);
  const milliseconds =
    started.length === 0 ? undefined : (running ? now : Math.max(...ended, ...started)) - Math.min(...started);
  const line = (state: ProgressLine['state'], text: string): ProgressLine => ({ state, name, text, milliseconds });
  const what = (step: StepView) =>
    step.subject === undefined ? '' : sanitise(step.title.replace(step.subject, '').trim());
  if (running) {
    const { bytes, totalBytes } = running;
    const text = [what(running), sanitise(running.text ?? '')].filter(Boolean).join(': ');
    return { ...line('running', text), bytes, totalBytes };
  }
  if (failed) return line('failed', [what(failed), sanitise(failed.error?.message ?? '')].filter(Boolean).join(': '));
  if (group.some(step => step.state === 'undone')) return line('undone', 'undone');
  if (group.every(step => step.state === 'done')) return line('done', '');
  if (started.length === 0) return line('waiting', group.some(step => step.state === 'skipped') ? 'not begun' : '');
  const next = group.find(step => step.state === 'waiting');
  return line('waiting', next ? `then ${what(next)}` : 'stopped');
}

function operationLines(operation: Operation, now: number, colour: boolean): string[] {
  const lines = progressLines(operation.steps, now);
  const width = Math.min(40, Math.max(12, ...lines.map(line => stringWidth(line.name))));
  const state = operation.state === 'running' ? '' : `  ${operation.state}`;
  const total = formatDuration((operation.endedAt ?? now) - operation.startedAt);
  return [`${describeStep(operation)}  ${total}${state}`, ...lines.map(line => formatLine(line, width, now, colour))];
}

const GLYPH = { waiting: '·', done: '✓', failed: '✗', undone: '↶' } as const;
const PAINT = { waiting: 90, running: 36, done: 32, failed: 31, undone: 33 } as const;

/** `✓ k3d-demo-server-0   5.2 s` */
export function formatLine(line: ProgressLine, width: number, now: number, colour: boolean): string {
  const spinner = SPINNER[Math.floor(now / REDRAW_MILLISECONDS) % SPINNER.length]!;
  const glyph = line.state === 'running' ? spinner : GLYPH[line.state];
  const painted = colour ? `\x1b[${PAINT[line.state]}m${glyph}\x1b[0m` : glyph;
  const time = line.milliseconds === undefined ? '' : formatDuration(line.milliseconds);
  const bar = line.bytes === undefined ? '' : `${formatBar(line.bytes, line.totalBytes)} ${describeBytes(line)}  `;
  return `  ${painted} ${toWidth(line.name, width)}  ${time.padStart(8)}  ${bar}${line.text}`.trimEnd();
}

function formatBar(bytes: number, totalBytes: number | undefined): string {
  const filled = totalBytes ? Math.min(BAR_WIDTH, Math.round((bytes / totalBytes) * BAR_WIDTH)) : 0;
  return `[${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}]`;
}

/** Writes lines in place of those it wrote before. */
function openLiveArea(output: Output) {
  let height = 0;
  const up = () => (height > 0 ? `\x1b[${height}A` : '');
  return {
    draw(lines: string[]) {
      const cut = fewEnough(lines, output.rows - 1).map(line => truncate(line, output.columns - 1));
      output.write(`${HIDE_CURSOR}${up()}\r${cut.map(line => `\x1b[2K${line}\n`).join('')}\x1b[J`);
      height = cut.length;
    },
    clear() {
      output.write(`${up()}\r\x1b[J`);
      height = 0;
    },
    /** The lines stay; the cursor stands below them. */
    leave() {
      output.write(SHOW_CURSOR);
      height = 0;
    },
  };
}

/** More lines than the terminal has rows could not be drawn over: then the last ones go, and it is said. */
function fewEnough(lines: string[], rows: number): string[] {
  if (lines.length <= rows) return lines;
  const kept = Math.max(0, rows - 1);
  return [...lines.slice(0, kept), `  … and ${lines.length - kept} more`];
}

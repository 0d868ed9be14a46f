import { screenReaderIn } from '../config/settings/settings.ts';
import type { Operation } from '../engine/operation.ts';
import type { OperationEvent } from '../engine/operation-events.ts';
import { formatBytes, formatDuration, sanitise } from '../text.ts';
import { plainJson } from './go-output.ts';
import type { Io } from './io.ts';
import { operationLine } from './json-lines.ts';
import { liveProgress } from './live-progress.ts';
import type { Log } from './log.ts';

/** Shows what operations do while they run. One reader of their event stream for all of them. */
export interface Progress {
  /** True when it holds the bottom of the terminal, so that what is said meanwhile stands above it. */
  live: boolean;
  follow(operation: Operation): void;
  /** Shows the end state and lets go of the terminal. */
  close(): void;
}

/** The right one for where the output goes: a live view on a terminal, lines elsewhere, JSON when asked for. */
export function openProgress(io: Io, log: Log, how: 'auto' | 'plain' | 'json'): Progress {
  if (how === 'json' || log.json) return jsonProgress(io);
  // A screen reader can make nothing of lines that are written over.
  if (screenReaderIn(io.env)) return plainProgress(log);
  if (how === 'plain' || !io.stdout.isTTY || io.env.TERM === 'dumb' || log.shows('debug')) return plainProgress(log);
  return liveProgress(io, log);
}

/** Seconds between two lines about the same download. */
const PULL_LINE_SECONDS = 5;

/** One line when a step begins, one when it goes wrong; when it ends only with --verbose. */
export function plainProgress(log: Log): Progress {
  const lastLine = new Map<string, number>();
  const show = (event: OperationEvent) => {
    switch (event.type) {
      case 'step.started':
        log.info(`${describeStep(event)}...`);
        break;
      case 'step.progress': {
        if (event.warning !== undefined) {
          log.warn(sanitise(event.warning));
          break;
        }
        if (event.bytes === undefined && log.shows('debug'))
          log.debug(`${describeStep(event)}: ${sanitise(event.text ?? '')}`);
        if (event.bytes === undefined) break;
        const last = lastLine.get(event.step) ?? 0;
        if (event.at - last < PULL_LINE_SECONDS * 1000) break;
        lastLine.set(event.step, event.at);
        log.info(`${describeStep(event)}: ${describeBytes(event)}`);
        break;
      }
      case 'step.done':
        log.debug(`${describeStep(event)}: done in ${formatDuration(event.milliseconds)}`);
        break;
      case 'step.failed':
        if (event.optional) log.warn(`${describeStep(event)} failed, going on: ${sanitise(event.error.message)}`);
        break;
      case 'step.undone':
        if (event.error) log.warn(`could not undo: ${describeStep(event)}: ${sanitise(event.error.message)}`);
        else log.info(`Undone: ${describeStep(event)}`);
        break;
      case 'operation.state':
        if (event.state === 'cancelling') log.warn('Cancelling; once more gives up undoing...');
        if (event.state === 'undoing') log.info('Undoing what was done...');
        break;
    }
  };
  return {
    live: false,
    follow(operation) {
      for (const event of operation.events) show(event);
      operation.subscribe(show);
    },
    close() {},
  };
}

/** Every event as one JSON object a line; see json-lines.ts. */
function jsonProgress(io: Io): Progress {
  return {
    live: false,
    follow(operation) {
      const show = (event: OperationEvent) =>
        io.stdout.write(`${plainJson(JSON.stringify(operationLine(operation, event)))}\n`);
      for (const event of operation.events) show(event);
      operation.subscribe(show);
    },
    close() {},
  };
}

/** `Start k3d-demo-server-0`, `k3d-demo-server-0: put in the entry point`, `Create network k3d-demo` */
export function describeStep({ title, subject }: { title: string; subject?: string }): string {
  const text = title.charAt(0).toUpperCase() + title.slice(1);
  if (subject === undefined || title.includes(subject)) return sanitise(text);
  return sanitise(/^\w+$/.test(title) ? `${text} ${subject}` : `${subject}: ${title}`);
}

/** `12 MiB of 70 MiB` */
export function describeBytes({ bytes = 0, totalBytes }: { bytes?: number; totalBytes?: number }): string {
  return totalBytes ? `${formatBytes(bytes)} of ${formatBytes(totalBytes)}` : formatBytes(bytes);
}

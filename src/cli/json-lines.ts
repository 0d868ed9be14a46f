import type { Operation } from '../engine/operation.ts';
import type { OperationEvent } from '../engine/operation-events.ts';
import type { Level } from './log.ts';

/**
 * What `--progress json` (or `--output json` of a command that changes something) prints, one JSON object a line: what an
 * operation does, and what is said besides. Times are milliseconds since the epoch. A change of these shapes is a change of
 * the product's interface; test/unit/cli-json-lines.test.ts holds them.
 */
export type JsonLine = OperationLine | LogLine;

/** An event of an operation. Several operations may run side by side: each line says whose it is. */
export type OperationLine = { operation: string; cluster?: string } & JsonEvent;

/** The engine's event (engine/operation.ts), its error as plain values. */
export type JsonEvent = OperationEvent extends infer Event
  ? Event extends { error: unknown }
    ? Omit<Event, 'error'> & { error: JsonError }
    : Event extends { error?: unknown }
      ? Omit<Event, 'error'> & { error?: JsonError }
      : Event
  : never;

export interface JsonError {
  /** Stable: `PORT_TAKEN`. */
  code: string;
  message: string;
  hint?: string;
  /** Folder in which logs and inspects were kept. */
  evidence?: string;
}

/** What is said besides: `fatal` is the error that ended the command. Further fields by what is said. */
export interface LogLine {
  type: 'log';
  at: number;
  level: Level;
  message: string;
  code?: string;
  hint?: string;
  evidence?: string;
  commands?: string[];
}

export function operationLine(
  { id, cluster }: Pick<Operation, 'id' | 'cluster'>,
  event: OperationEvent,
): OperationLine {
  const whose = { operation: id, ...(cluster === undefined ? {} : { cluster }) };
  if (!('error' in event) || !event.error) return { ...whose, ...event } as OperationLine;
  const { code, message, hint, evidence } = event.error;
  return { ...whose, ...event, error: { code, message, hint, evidence } } as OperationLine;
}

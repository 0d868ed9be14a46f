import type { K3duiError } from '../errors.ts';

/** A unit of work. Its `run` may hand back how to undo it. */
export interface Step {
  id: string;
  title: string;
  /** The node it is about. */
  subject?: string;
  /** Ids of steps that must be done first. Steps that wait for nothing run side by side. */
  after: string[];
  /** A failure is noted and the rest goes on. */
  optional?: boolean;
  run(context: StepContext): Promise<Undo | undefined>;
}

/** Takes back what a step did. Must succeed when there is nothing left to take back. */
export type Undo = (signal: AbortSignal) => Promise<void>;

export interface StepContext {
  signal: AbortSignal;
  /** Says how far it is: a text, and bytes if it moves any; a warning is what somebody should know who will not look again. */
  report(progress: { text?: string; bytes?: number; totalBytes?: number; warning?: string }): void;
  /** Registers an undo before the work is whole, so that a failure half way is undone too. */
  onUndo(undo: Undo): void;
  /**
   * From here on there is no way back: a cancel lets optional steps end, those that have not begun with their signal
   * aborted, and what is done then is done.
   */
  commit(): void;
}

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'undone';

/** A step as it stands, for those who look at it. */
export interface StepView {
  id: string;
  title: string;
  subject?: string;
  state: StepState;
  /** Milliseconds since the epoch. */
  startedAt?: number;
  endedAt?: number;
  text?: string;
  bytes?: number;
  totalBytes?: number;
  warning?: string;
  error?: K3duiError;
}

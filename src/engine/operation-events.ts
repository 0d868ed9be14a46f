import type { K3duiError } from '../errors.ts';

export type OperationState = 'running' | 'cancelling' | 'undoing' | 'done' | 'failed' | 'cancelled';

/** What an operation tells while it runs. Times are milliseconds since the epoch. */
export type OperationEvent =
  | {
      type: 'operation.started';
      at: number;
      id: string;
      title: string;
      command: string;
      steps: { id: string; title: string; subject?: string }[];
    }
  | ({ type: 'step.started' } & OfStep)
  | ({ type: 'step.progress'; text?: string; bytes?: number; totalBytes?: number; warning?: string } & OfStep)
  | ({ type: 'step.done'; milliseconds: number } & OfStep)
  | ({ type: 'step.failed'; optional: boolean; error: K3duiError } & OfStep)
  | ({ type: 'step.undone'; error?: K3duiError } & OfStep)
  | { type: 'operation.state'; at: number; state: OperationState }
  | {
      type: 'operation.ended';
      at: number;
      state: 'done' | 'failed' | 'cancelled';
      milliseconds: number;
      error?: K3duiError;
    };

interface OfStep {
  at: number;
  /** Its id. */
  step: string;
  title: string;
  subject?: string;
}

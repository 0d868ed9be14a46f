/** What an error needs so that a person knows what happened, why, and what to do next. */
export interface ErrorDetails {
  /** Stable, upper case, for scripts and tests: `PORT_TAKEN`. */
  code: string;
  /** One line: what happened, to what. */
  message: string;
  /** What to do next. One or a few lines. */
  hint?: string;
  /** The error underneath, if there is one. */
  cause?: unknown;
  /** Process exit code when this ends a command. k3d ends every fatal error with 1. */
  exitCode?: number;
  /** Folder in which the evidence (logs, inspect) was kept. */
  evidence?: string;
}

/** The one error class. Thrown once where the fact is known, shown once where the person is. */
export class K3duiError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly evidence: string | undefined;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'K3duiError';
    this.code = details.code;
    this.hint = details.hint;
    this.exitCode = details.exitCode ?? 1;
    this.evidence = details.evidence;
  }
}

/** True for our own error, with that code if one is given. */
export function isK3duiError(error: unknown, code?: string): error is K3duiError {
  return error instanceof K3duiError && (code === undefined || error.code === code);
}

/** True when the error says that somebody cancelled: a Ctrl-C, a time limit, an abort signal. */
export function isAbort(error: unknown): boolean {
  if (isK3duiError(error)) return error.code === 'CANCELLED';
  return error instanceof Error && (error.name === 'AbortError' || (error as { code?: string }).code === 'ABORT_ERR');
}

/** Turns anything thrown into our error; ours pass through unchanged. */
export function toK3duiError(error: unknown): K3duiError {
  if (error instanceof K3duiError) return error;
  if (isAbort(error)) return new K3duiError({ code: 'CANCELLED', message: 'cancelled', cause: error, exitCode: 130 });
  const message = error instanceof Error ? error.message : String(error);
  return new K3duiError({ code: 'UNEXPECTED', message: message || 'an error without a message', cause: error });
}

/** What the work gives, or undefined when what it asks about is not there (any more). */
export async function orGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isK3duiError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

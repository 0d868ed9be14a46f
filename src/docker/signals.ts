/** What Node throws when a signal aborts, made at the place where we notice. */
export function abortError(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  // A limit that ran out says so itself; it is no cancellation.
  if (reason instanceof Error && (reason as { code?: string }).code === 'ETIMEDOUT') return reason;
  return new DOMException('The operation was aborted', { name: 'AbortError', cause: reason });
}

/** Settles as the work does, or rejects with an AbortError the moment the signal aborts, whatever the work does then. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(abortError(signal));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Runs the work with a signal that aborts after the limit (milliseconds); then it rejects with `ETIMEDOUT`. */
export async function withinLimit<T>(limit: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(Object.assign(new Error(`no answer within ${limit / 1000} s`), { code: 'ETIMEDOUT' }));
  }, limit);
  try {
    return await unlessAborted(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits, in milliseconds; an abort ends the wait with an AbortError. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(abortError(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until `probe` gives something, then returns it. Ends only by result, error or abort. */
export async function poll<T>(
  probe: () => Promise<T | undefined>,
  options: { everyMs: number; signal: AbortSignal },
): Promise<T> {
  for (;;) {
    options.signal.throwIfAborted();
    const result = await probe();
    if (result !== undefined) return result;
    await sleep(options.everyMs, undefined, { signal: options.signal }).catch(() => {});
  }
}

/**
 * Runs several waits, the first to settle decides; the others are aborted. For "ready or dead, whichever comes first".
 */
export async function first<T>(signal: AbortSignal, ...waits: ((signal: AbortSignal) => Promise<T>)[]): Promise<T> {
  const rest = new AbortController();
  const both = AbortSignal.any([signal, rest.signal]);
  try {
    return await Promise.race(waits.map(wait => wait(both)));
  } finally {
    rest.abort();
  }
}

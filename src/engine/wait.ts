import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../docker/docker.ts';

/** The call with an end of its own after so many milliseconds. */
export function limited({ signal }: Call, milliseconds: number): Required<Call> {
  const limit = AbortSignal.timeout(milliseconds);
  return { signal: signal ? AbortSignal.any([signal, limit]) : limit };
}

/** Waits so many milliseconds, or until the signal aborts. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

/** Asks again and again until `probe` gives something, then returns it. Ends only by result, error or abort. */
export async function poll<T>(
  probe: () => Promise<T | undefined>,
  options: { everyMs: number; signal: AbortSignal },
): Promise<T> {
  for (;;) {
    options.signal.throwIfAborted();
    const result = await probe();
    if (result !== undefined) return result;
    await pause(options.everyMs, options.signal);
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

import { isAbort } from '../errors.ts';
import { LinkLost } from './errors.ts';
import type { Modem } from './modem.ts';
import { abortError, withinLimit } from './signals.ts';
import { jsonLines } from './streams.ts';
import type { DockerEvent } from './types.ts';

/**
 * How a silent engine is told from a frozen one: after each quiet interval it is pinged, and must answer within the
 * limit. Milliseconds.
 */
export interface Watchdog {
  interval: number;
  limit: number;
}

/** So many times the limit pass until calls that wait for a silent engine are given up. */
const PATIENCE = 5;

export const DEFAULT_WATCHDOG: Watchdog = { interval: 10_000, limit: 5_000 };

/**
 * The engine's events. Never ends by itself: throws LinkLost, or what the connection threw, when the engine goes away
 * or stops answering, and an AbortError when the signal aborts. Leaving the loop closes the connection.
 */
export async function* followEvents(
  modem: Modem,
  path: string,
  ping: (signal: AbortSignal) => Promise<void>,
  watchdog: Watchdog,
  signal?: AbortSignal,
): AsyncGenerator<DockerEvent> {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) throw abortError(signal);
  signal?.addEventListener('abort', abort, { once: true });
  let frozen: unknown;
  const stop = watch(ping, watchdog, error => {
    frozen = error;
    // Other calls wait for the same silent engine; nothing else would ever end them. But a machine that is busy beyond
    // measure answers in the end, and what is under way should not be lost to it.
    if ((error as { code?: string }).code === 'ETIMEDOUT') {
      withinLimit(watchdog.limit * PATIENCE, ping).catch(() => modem.abandon(error));
    }
    controller.abort(error);
  });
  try {
    const { stream } = await modem.open({ method: 'GET', path, signal: controller.signal });
    try {
      stream.on('data', stop.alive);
      stream.pause();
      for await (const event of jsonLines(stream)) yield event as DockerEvent;
    } finally {
      stream.destroy();
    }
    throw new LinkLost('its event stream ended');
  } catch (error) {
    if (frozen !== undefined && !signal?.aborted) throw frozen;
    throw isAbort(error) ? abortError(signal) : error;
  } finally {
    stop();
    signal?.removeEventListener('abort', abort);
  }
}

/** Pings after each interval without news; reports the first failure. Returns how to stop it and how to tell news. */
function watch(
  ping: (signal: AbortSignal) => Promise<void>,
  { interval, limit }: Watchdog,
  onFailure: (error: Error) => void,
): (() => void) & { alive: () => void } {
  let heard = false;
  let stopped = false;
  let timer: NodeJS.Timeout;
  const arm = () => {
    timer = setTimeout(check, interval);
    timer.unref();
  };
  const check = async () => {
    if (!heard) {
      try {
        await withinLimit(limit, ping);
      } catch (error) {
        if (!stopped) onFailure(error instanceof Error ? error : new LinkLost(String(error)));
        return;
      }
    }
    heard = false;
    if (!stopped) arm();
  };
  arm();
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
  };
  return Object.assign(stop, {
    alive: () => {
      heard = true;
    },
  });
}

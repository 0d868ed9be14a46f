import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort, isK3duiError } from '../../errors.ts';

const TRIES = 3;
const PAUSE_MS = 100;

/**
 * For calls that put things right again: one refusal must not leave a cluster without its load balancer. Tries a few
 * times, then throws the last error. An engine that is gone or a cancel is not tried again.
 */
export async function stubbornly<T>(call: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await call();
    } catch (error) {
      if (tried === TRIES || isAbort(error) || isK3duiError(error, 'DOCKER_UNREACHABLE')) throw error;
      await sleep(PAUSE_MS * tried);
    }
  }
}

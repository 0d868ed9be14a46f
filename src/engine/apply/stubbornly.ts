import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort } from '../../errors.ts';

const TRIES = 3;
const PAUSE_MS = 100;

/**
 * For calls that put things right again, or away: one refusal or one connection that breaks must not leave a cluster
 * without its load balancer, or half of it lying about. Tries a few times, then throws the last error. A cancel is not
 * tried again.
 */
export async function stubbornly<T>(call: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await call();
    } catch (error) {
      if (tried === TRIES || isAbort(error)) throw error;
      await sleep(PAUSE_MS * tried);
    }
  }
}

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of a stream after which the pieces that were passed on are let go of. */
const EVERY = 16 * 1024 * 1024;

/**
 * Keeps a long stream from filling memory. Its pieces live outside V8's heap, whose collector sees only their small handles
 * and so lets more than a hundred megabytes of them pile up before it looks; asked now and then it takes a millisecond.
 * @returns to be told of each piece's size
 */
export function youngGarbage(): (bytes: number) => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as ((options: { type: 'minor' }) => void) | undefined;
  let passed = 0;
  return bytes => {
    passed += bytes;
    if (passed < EVERY) return;
    passed = 0;
    collect?.({ type: 'minor' });
  };
}

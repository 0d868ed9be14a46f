import { useEffect, useState } from 'react';

/** The time in milliseconds, moved on every so many; undefined: nothing on the screen ages, no timer runs. */
export function useNow(every: number | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (every === undefined) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** So long an age is told in seconds (src/text.ts). */
const YOUNG_SECONDS = 120;

/**
 * In what steps ages move on, in milliseconds, so that nobody sees an old one: where the newest thing, made at that
 * second, is young each second, else seldom. `now` is in milliseconds.
 */
export function ageStep(newest: number, now: number): number {
  return now / 1000 - newest < YOUNG_SECONDS ? 1000 : 10_000;
}

import { useEffect, useRef } from 'react';

/** Calls back when the number changes, not at first. */
export function useAgain(count: number, again: () => void): void {
  const seen = useRef(count);
  useEffect(() => {
    if (seen.current === count) return;
    seen.current = count;
    again();
  });
}

import { useReducer, useRef } from 'react';

/**
 * State that is read and written at once, not at the next render: several keys may arrive between two renders, and each
 * must see what the one before it did. Gives the value to draw, and how to read and to set the newest.
 */
export function useLiveState<T>(initial: () => T): [value: T, read: () => T, set: (value: T) => void] {
  const ref = useRef<{ value: T }>(undefined);
  ref.current ??= { value: initial() };
  const held = ref.current;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const set = (value: T): void => {
    held.value = value;
    redraw();
  };
  return [held.value, () => held.value, set];
}

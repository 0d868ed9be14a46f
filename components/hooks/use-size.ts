import { useWindowSize } from 'ink';

/** Columns and rows of the terminal; something usable when it does not say. */
export function useSize(): { width: number; height: number } {
  const { columns, rows } = useWindowSize();
  return { width: columns > 0 ? columns : 80, height: rows > 0 ? rows : 24 };
}

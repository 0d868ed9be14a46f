import { useWindowSize } from 'ink';
import { useTheme } from '../theme.ts';

/** What is read out has no edges; narrow enough that forms put their help under them and not beside. */
const SPOKEN = { width: 100, height: 60 };

/** Columns and rows of the terminal; something usable when it does not say. */
export function useSize(): { width: number; height: number } {
  const { columns, rows } = useWindowSize();
  if (useTheme().spoken) return SPOKEN;
  return { width: columns > 0 ? columns : 80, height: rows > 0 ? rows : 24 };
}

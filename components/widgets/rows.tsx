import { Text } from 'ink';
import { createContext, memo, type ReactNode, useContext } from 'react';

/** Turns a finished row into what Ink is given in its place; see components/terminal/row-store.ts. */
export interface RowMarks {
  mark(row: string): string;
}

/** Present while nothing lies over the rows of the screen. */
export const RowMarksContext = createContext<RowMarks | undefined>(undefined);

/** React and Ink do nothing for a row that did not change. */
const Row = memo(function Row({ text }: { text: string }): ReactNode {
  return <Text wrap="truncate">{text}</Text>;
});

/** Rows as wide as the whole screen, each one ANSI string that its maker cut and padded. */
export function Rows({ rows }: { rows: readonly string[] }): ReactNode {
  const marks = useContext(RowMarksContext);
  return rows.map((row, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen
    <Row key={index} text={marks && row !== '' ? marks.mark(row) : row} />
  ));
}

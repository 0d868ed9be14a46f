import { pad, stringWidth } from '../text.ts';

/**
 * A table as Go's tabwriter draws it with k3d's settings (minimal width 6, padding 3): every column but the last is as
 * wide as its widest cell and three spaces. k3d cmd/util/listings.go.
 */
export function formatTable(rows: string[][]): string {
  const columns = Math.max(0, ...rows.map(row => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(6, ...rows.filter(row => i < row.length - 1).map(row => stringWidth(row[i]!) + 3)),
  );
  return rows
    .map(row => `${row.map((cell, i) => (i < row.length - 1 ? pad(cell, widths[i]!) : cell)).join('')}\n`)
    .join('');
}

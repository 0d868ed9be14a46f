import type { IBufferCell } from '@xterm/headless';

export interface CellStyle {
  text: string;
  /** `default`, `palette 4`, `rgb #7aa2f7`. */
  foreground: string;
  background: string;
  bold: boolean;
  dim: boolean;
  inverse: boolean;
  underline: boolean;
}

/** How a cell looks. */
export function styleOf(cell: IBufferCell): CellStyle {
  return {
    text: cell.getChars(),
    foreground: colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    background: colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    inverse: cell.isInverse() !== 0,
    underline: cell.isUnderline() !== 0,
  };
}

function colour(isDefault: boolean, isRgb: boolean, value: number): string {
  if (isDefault) return 'default';
  return isRgb ? `rgb #${value.toString(16).padStart(6, '0')}` : `palette ${value}`;
}

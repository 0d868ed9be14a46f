/**
 * Box drawing and block characters as shapes, so that lines of neighbouring cells always meet: fonts leave gaps when the
 * line height is not theirs.
 */
export interface Cell {
  /** Upper left corner and size in pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
}

/** For each line character the weight of its arms: up, right, down, left; 0 none, 1 light, 2 heavy. */
const ARMS: Record<string, string> = {
  '─': '0101',
  '━': '0202',
  '│': '1010',
  '┃': '2020',
  '┌': '0110',
  '┐': '0011',
  '└': '1100',
  '┘': '1001',
  '├': '1110',
  '┤': '1011',
  '┬': '0111',
  '┴': '1101',
  '┼': '1111',
  '╴': '0001',
  '╵': '1000',
  '╶': '0100',
  '╷': '0010',
  '╌': '0101',
  '┄': '0101',
};

/** Rounded corners: towards which side and which end they open. */
const CORNERS: Record<string, { side: 1 | -1; end: 1 | -1 }> = {
  '╭': { side: 1, end: 1 },
  '╮': { side: -1, end: 1 },
  '╰': { side: 1, end: -1 },
  '╯': { side: -1, end: -1 },
};

const SHADES: Record<string, number> = { '░': 0.25, '▒': 0.5, '▓': 0.75 };

/** SVG of a line or block character in a cell, or undefined for any other character. */
export function lineArt(character: string, cell: Cell, colour: string): string | undefined {
  const arms = ARMS[character];
  if (arms) return drawArms(arms, cell, colour);
  const corner = CORNERS[character];
  if (corner) return drawCorner(corner, cell, colour);
  const shade = SHADES[character];
  if (shade) return block(cell, [0, 0, 1, 1], colour, shade);
  const part = blockPart(character);
  return part && block(cell, part, colour, 1);
}

function drawArms(arms: string, { x, y, width, height }: Cell, colour: string): string {
  const [up, right, down, left] = [...arms].map(Number) as [number, number, number, number];
  const [mx, my] = [x + width / 2, y + height / 2];
  const line = (weight: number, path: string) =>
    weight === 0 ? '' : `<path d="${path}" stroke="${colour}" stroke-width="${weight === 2 ? 2.6 : 1.3}"/>`;
  return [
    line(up, `M${mx} ${my + 0.6}V${y}`),
    line(right, `M${mx - 0.6} ${my}H${x + width}`),
    line(down, `M${mx} ${my - 0.6}V${y + height}`),
    line(left, `M${mx + 0.6} ${my}H${x}`),
  ].join('');
}

function drawCorner({ side, end }: { side: 1 | -1; end: 1 | -1 }, cell: Cell, colour: string): string {
  const { x, y, width, height } = cell;
  const [mx, my, radius] = [x + width / 2, y + height / 2, width / 2];
  const from = side > 0 ? x + width : x;
  const to = end > 0 ? y + height : y;
  const path = `M${from} ${my}H${mx + side * radius}Q${mx} ${my} ${mx} ${my + end * radius}V${to}`;
  return `<path d="${path}" stroke="${colour}" stroke-width="1.3" fill="none"/>`;
}

/** The part of the cell that a block character fills: left, top, width, height as fractions. */
function blockPart(character: string): [number, number, number, number] | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x2580) return [0, 0, 1, 0.5];
  if (code === 0x2590) return [0.5, 0, 0.5, 1];
  if (code >= 0x2581 && code <= 0x2588) return [0, 1 - (code - 0x2580) / 8, 1, (code - 0x2580) / 8];
  if (code >= 0x2589 && code <= 0x258f) return [0, 0, (0x2590 - code) / 8, 1];
  return undefined;
}

function block(
  cell: Cell,
  [left, top, width, height]: [number, number, number, number],
  colour: string,
  opacity: number,
) {
  const [x, y] = [cell.x + left * cell.width, cell.y + top * cell.height];
  const size = `width="${width * cell.width}" height="${height * cell.height}"`;
  return `<rect x="${x}" y="${y}" ${size} fill="${colour}" opacity="${opacity}"/>`;
}

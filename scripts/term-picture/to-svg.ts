import type { IBufferCell, Terminal } from '@xterm/headless';
import { lineArt } from './line-art.ts';
import { BACKGROUND, FOREGROUND, paletteColour } from './palette.ts';

const FONT_SIZE = 15;
const CELL_WIDTH = FONT_SIZE * 0.6;
const CELL_HEIGHT = 20;
const MARGIN = 14;
const TITLE_HEIGHT = 34;

interface Look {
  foreground: string;
  background: string;
  bold: boolean;
  italic: boolean;
  dim: boolean;
  underline: boolean;
}

/** The screen of a terminal as an SVG of a window with a title. */
export function terminalToSvg(term: Terminal, title: string): string {
  const width = term.cols * CELL_WIDTH + MARGIN * 2;
  const height = term.rows * CELL_HEIGHT + MARGIN * 2 + TITLE_HEIGHT;
  const grounds: Ground[] = [];
  const texts: string[] = [];
  const buffer = term.buffer.active;
  const cell = buffer.getNullCell();
  for (let row = 0; row < term.rows; row++) {
    const line = buffer.getLine(buffer.baseY + row);
    const y = TITLE_HEIGHT + MARGIN + row * CELL_HEIGHT;
    let ground: Ground | undefined;
    let run: { key: string; look: Look; text: string; xs: number[] } | undefined;
    const flush = () => {
      if (run) texts.push(textElement(run.text, run.xs, y, run.look));
      run = undefined;
    };
    for (let column = 0; line && column < term.cols; column++) {
      line.getCell(column, cell);
      const columns = cell.getWidth();
      if (columns === 0) continue;
      const look = lookOf(cell);
      const place = { x: MARGIN + column * CELL_WIDTH, y, width: CELL_WIDTH * columns, height: CELL_HEIGHT };
      // Neighbours of one colour are one shape: two would leave a seam.
      if (ground && ground.colour === look.background) ground.width += place.width;
      else ground = { x: place.x, y, width: place.width, colour: look.background };
      if (!grounds.includes(ground)) grounds.push(ground);
      const character = cell.getChars() || ' ';
      const art = lineArt(character, place, look.foreground);
      if (art !== undefined || character === ' ' || cell.isInvisible()) {
        flush();
        if (art) texts.push(look.dim ? `<g opacity=".6">${art}</g>` : art);
        continue;
      }
      if (look.underline) {
        texts.push(`<path d="M${place.x} ${y + CELL_HEIGHT - 2}h${place.width}" stroke="${look.foreground}"/>`);
      }
      const key = `${look.foreground}${look.bold}${look.italic}${look.dim}`;
      if (run?.key !== key) flush();
      run ??= { key, look, text: '', xs: [] };
      run.text += character;
      // Each code point gets a place; those of one cell all the same.
      for (const _ of character) run.xs.push(place.x);
    }
    flush();
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="JetBrains Mono, DejaVu Sans Mono, monospace" font-size="${FONT_SIZE}" xml:space="preserve">`,
    `<rect width="${width}" height="${height}" rx="9" fill="${BACKGROUND}"/>`,
    windowBar(width, title),
    ...grounds.filter(({ colour }) => colour !== BACKGROUND).map(drawGround),
    ...texts,
    '</svg>',
  ].join('');
}

/** Cells beside each other with one background. */
interface Ground {
  x: number;
  y: number;
  width: number;
  colour: string;
}

const drawGround = ({ x, y, width, colour }: Ground) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${CELL_HEIGHT + 0.4}" fill="${colour}"/>`;

function windowBar(width: number, title: string): string {
  const lights = ['#ff5f57', '#febc2e', '#28c840'].map((colour, at) => {
    return `<circle cx="${20 + at * 20}" cy="17" r="6" fill="${colour}"/>`;
  });
  return [
    `<path d="M0 ${TITLE_HEIGHT}V9a9 9 0 0 1 9-9H${width - 9}a9 9 0 0 1 9 9V${TITLE_HEIGHT}z" fill="#15161e"/>`,
    ...lights,
    `<text x="${width / 2}" y="22" text-anchor="middle" fill="#787c99" font-size="13">${escapeXml(title)}</text>`,
  ].join('');
}

function lookOf(cell: IBufferCell): Look {
  let foreground = colourOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor(), FOREGROUND);
  let background = colourOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor(), BACKGROUND);
  if (cell.isInverse()) [foreground, background] = [background, foreground];
  return {
    foreground,
    background,
    bold: cell.isBold() !== 0,
    italic: cell.isItalic() !== 0,
    dim: cell.isDim() !== 0,
    underline: cell.isUnderline() !== 0,
  };
}

function colourOf(isDefault: boolean, isRgb: boolean, value: number, fallback: string): string {
  if (isDefault) return fallback;
  return isRgb ? `#${value.toString(16).padStart(6, '0')}` : paletteColour(value);
}

function textElement(text: string, xs: number[], y: number, look: Look): string {
  const style = [
    look.bold ? ' font-weight="700"' : '',
    look.italic ? ' font-style="italic"' : '',
    look.dim ? ' opacity=".6"' : '',
  ].join('');
  const places = xs.map(x => Math.round(x * 100) / 100).join(' ');
  return `<text x="${places}" y="${y + 15}" fill="${look.foreground}"${style}>${escapeXml(text)}</text>`;
}

function escapeXml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, character => names[character]!);
}

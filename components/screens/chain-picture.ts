import type { HopState } from '../../src/engine/expose/diagnose.ts';
import { HOP_SIGNS } from '../../src/engine/expose/words.ts';
import { sanitise, stringWidth, toWidth, truncate } from '../../src/text.ts';
import type { ExposeLine } from '../expose-work.ts';
import type { Style, Theme } from '../theme.ts';

const STYLES: Record<HopState, Style> = {
  good: 'good',
  warn: 'warn',
  bad: 'bad',
  behind: 'dim',
  known: 'plain',
  testing: 'dim',
  absent: 'dim',
};

export const hopStyle = (state: HopState): Style => STYLES[state];

/** Corners and sides of a box: heavy where it breaks, so that no colour is needed to find it. */
interface Frame {
  top: [string, string, string];
  side: string;
  bottom: [string, string, string];
}

const LIGHT: Frame = { top: ['╭', '─', '╮'], side: '│', bottom: ['╰', '─', '╯'] };
const HEAVY: Frame = { top: ['┏', '━', '┓'], side: '┃', bottom: ['┗', '━', '┛'] };
const DASHED: Frame = { top: ['╭', '╌', '╮'], side: '┆', bottom: ['╰', '╌', '╯'] };

/** Columns of a box at least and at most, and of an arrow. */
const BOX = 16;
const WIDEST = 28;
const ARROW = 2;
/** Lines of a row of boxes. */
const ROW = 3;

/** How the boxes stand: so many in a row, so wide. undefined: they have no room. */
export function pictureLayout(
  hops: number,
  width: number,
  height: number,
): { perRow: number; rows: number; box: number } | undefined {
  const most = Math.floor((width - ARROW) / (BOX + ARROW));
  if (hops === 0 || most < 2) return undefined;
  const rows = Math.ceil(hops / most);
  if (rows * ROW > height) return undefined;
  const perRow = Math.ceil(hops / rows);
  // Every row but the first begins with the arrow that comes from the end of the one before.
  const lead = rows > 1 ? ARROW : 0;
  const box = Math.min(WIDEST, Math.floor((width - lead - (perRow - 1) * ARROW) / perRow));
  return { perRow, rows, box };
}

/** The way as boxes with arrows between them, row under row; empty where there is no room for it. */
export function chainPicture(
  theme: Theme,
  { exposure, diagnosis }: ExposeLine,
  width: number,
  height: number,
): string[] {
  const { hops } = exposure;
  const layout = pictureLayout(hops.length, width, height);
  if (layout === undefined) return [];
  const { perRow, rows, box } = layout;
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const from = row * perRow;
    const boxes = hops.slice(from, from + perRow).map((_, at) => boxOf(theme, exposure, diagnosis, from + at, box));
    for (let line = 0; line < ROW; line++) {
      const cells = boxes.map(
        (lines, at) => `${arrowBefore(theme, diagnosis, from + at, line, rows > 1)}${lines[line]}`,
      );
      lines.push(cells.join(''));
    }
  }
  return lines;
}

/** The arrow that leads into a box, on its middle line. */
function arrowBefore(
  theme: Theme,
  { hops, at: broken }: ExposeLine['diagnosis'],
  at: number,
  line: number,
  indented: boolean,
): string {
  if (at === 0) return indented ? ' '.repeat(ARROW) : '';
  if (line !== 1) return ' '.repeat(ARROW);
  if (at === broken) return theme.paint('bad', '─╳');
  const { state } = hops[at]!;
  const reached = ['good', 'warn', 'known'].includes(state) && hops[at - 1]!.state !== 'absent';
  return reached ? theme.paint('dim', '─▶') : theme.paint('dim', '╌▷');
}

function boxOf(
  theme: Theme,
  exposure: ExposeLine['exposure'],
  diagnosis: ExposeLine['diagnosis'],
  at: number,
  width: number,
): string[] {
  const hop = exposure.hops[at]!;
  const { state } = diagnosis.hops[at]!;
  const broken = at === diagnosis.at;
  const { top, side, bottom } = broken ? HEAVY : ['behind', 'testing', 'absent'].includes(state) ? DASHED : LIGHT;
  const tone: Style = broken ? 'bad' : 'border';
  const inner = width - 4;
  const title = truncate(hop.title, inner);
  const result = truncate(resultText(exposure, diagnosis, at), inner);
  const line = (rest: number, fill: string) => fill.repeat(Math.max(0, rest));
  const style = STYLES[state];
  return [
    `${theme.paint(tone, top[0])} ${theme.paint(broken ? 'bad' : 'title', title)} ${theme.paint(tone, line(width - 4 - stringWidth(title), top[1]) + top[2])}`,
    `${theme.paint(tone, side)} ${toWidth(sanitise(hop.short) || '–', inner)} ${theme.paint(tone, side)}`,
    `${theme.paint(tone, bottom[0])} ${theme.paint(style, result)} ${theme.paint(tone, line(width - 4 - stringWidth(result), bottom[1]) + bottom[2])}`,
  ];
}

/** `● 5 of 5 30 ms`, `✗ BROKEN`, as far as there is something to say. */
function resultText(
  exposure: ExposeLine['exposure'],
  { hops, at: broken }: ExposeLine['diagnosis'],
  at: number,
): string {
  const { state, said, ms } = hops[at]!;
  const sign = HOP_SIGNS[state];
  if (at === broken) return `${sign} BREAKS HERE`;
  if (state === 'behind') return `${sign} so it fails`;
  if (state === 'testing') return `${sign} trying`;
  if (state === 'absent') return `${sign} inside`;
  if (state === 'known') return `${sign} ${said === '' ? 'not tried' : said}`;
  if (exposure.hops[at]!.kind === 'endpoints') return `${sign} ready`;
  // What is open says so by its sign; of several how many are.
  const words = sanitise(said.split(',')[0]!)
    .replace(/^(\d+) of (\d+) .*/, '$1/$2')
    .replace(/^(open|stays open)$/, '');
  return [sign, words, ms === undefined ? '' : `${ms} ms`].filter(text => text !== '').join(' ');
}

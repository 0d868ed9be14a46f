import { LEVELS, type Level } from '../../src/engine/logs/level.ts';
import type { LineRing } from '../../src/engine/logs/line-ring.ts';
import { formatBytes, sanitise, stringWidth } from '../../src/text.ts';
import type { Style, Theme } from '../theme.ts';
import { fitCell } from '../widgets/columns.ts';
import { type Piece, windowColumns, wrapColumns } from './log-columns.ts';
import type { LogPattern } from './log-pattern.ts';

/** How lines are shown. */
export interface LogLook {
  theme: Theme;
  /** Columns for a whole row. */
  width: number;
  wrap: boolean;
  times: boolean;
  /** First column seen, when lines are not wrapped. */
  column: number;
  /** Short names of the sources; empty when there is only one. */
  names: readonly string[];
  search: LogPattern | undefined;
}

/** A line ready to be cut into rows. */
export interface DrawnLine {
  /** Sanitised. */
  text: string;
  pieces: readonly Piece[];
}

/** The gutter that shows which line is meant. */
const GUTTER = 2;
const STYLE_OF: Record<Level, Style> = {
  [LEVELS.none]: 'plain',
  [LEVELS.debug]: 'dim',
  [LEVELS.info]: 'plain',
  [LEVELS.warn]: 'warn',
  [LEVELS.error]: 'bad',
  [LEVELS.fatal]: 'bad',
};

/** SGR colours for names: those that neither errors nor warnings use, light and dark. */
const NAME_COLOURS = [36, 32, 34, 35, 96, 92, 94, 95];

/** The line as plain text, safe for a terminal. Colours of its own go: ours say what matters. */
export function lineText(ring: LineRing, line: number): string {
  const text = sanitise(ring.text(line));
  const dropped = ring.dropped(line);
  return dropped === 0 ? text : `${text}… and ${formatBytes(dropped)} more in this line`;
}

/** Columns in front of the text: gutter, time, name. */
function prefixWidth(look: LogLook): number {
  const names = look.names.length === 0 ? 0 : nameWidth(look) + 1;
  return GUTTER + (look.times ? timeWidth(look) + 1 : 0) + names;
}

const nameWidth = ({ names, width }: LogLook): number =>
  Math.min(Math.max(...names.map(stringWidth)), Math.max(8, Math.floor(width / 4)));

const timeWidth = ({ width }: LogLook): number => (width >= 120 ? 18 : 12);

/** Milliseconds as local time: `07:28:32.123`, with the date where there is room. */
function clockText(time: number, columns: number): string {
  if (time <= 0) return '-'.padEnd(columns);
  const date = new Date(time);
  const two = (value: number, length = 2): string => String(value).padStart(length, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
  return columns > 12 ? `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}` : clock;
}

export function drawLine(ring: LineRing, line: number, look: LogLook): DrawnLine {
  const text = lineText(ring, line);
  const room = Math.max(2, look.width - (ring.isNote(line) ? GUTTER : prefixWidth(look)));
  return { text, pieces: look.wrap ? wrapColumns(text, room) : [windowColumns(text, look.column, room)] };
}

/** One row of a line as an ANSI string exactly `look.width` columns wide. */
export function rowText(
  ring: LineRing,
  line: number,
  row: number,
  drawn: DrawnLine,
  look: LogLook,
  is: { found: boolean; selected: boolean },
): string {
  const { theme, width } = look;
  const piece = drawn.pieces[row] ?? { from: 0, to: 0, width: 0, indent: 0 };
  const gutter = row > 0 ? '  ' : is.found ? theme.paint('key', '▸ ') : is.selected ? theme.paint('key', '┃ ') : '  ';
  if (ring.isNote(line)) {
    const note = fitCell(`── ${drawn.text.slice(piece.from, piece.to)} ${'─'.repeat(width)}`, width - GUTTER).replace(
      /…$/,
      '─',
    );
    return gutter + theme.paint('accent', note);
  }
  const style = STYLE_OF[ring.level(line)];
  const ranges = look.search === undefined || look.search.hides ? [] : look.search.ranges(drawn.text);
  const body = is.selected
    ? theme.paint('selected', drawn.text.slice(piece.from, piece.to) || ' ')
    : highlighted(theme, drawn.text, piece, ranges, style);
  const used = prefixWidth(look) + piece.indent + (is.selected && piece.from === piece.to ? 1 : piece.width);
  return `${gutter}${prefix(ring, line, row, look)}${' '.repeat(piece.indent)}${body}${' '.repeat(Math.max(0, width - used))}`;
}

function prefix(ring: LineRing, line: number, row: number, look: LogLook): string {
  if (row > 0) return ' '.repeat(prefixWidth(look) - GUTTER);
  const { theme } = look;
  const columns = timeWidth(look);
  const time = look.times ? `${theme.paint('dim', clockText(ring.time(line), columns))} ` : '';
  if (look.names.length === 0) return time;
  const source = ring.source(line);
  const name = fitCell(look.names[source] ?? '', nameWidth(look));
  const colour = NAME_COLOURS[source % NAME_COLOURS.length];
  return `${time}${theme.colours ? `\x1b[${colour}m${name}\x1b[39m` : name} `;
}

/** The piece in its style, what was searched for inverted. */
function highlighted(theme: Theme, text: string, piece: Piece, ranges: [number, number][], style: Style): string {
  let out = '';
  let at = piece.from;
  for (const [from, to] of ranges) {
    if (to <= at) continue;
    if (from >= piece.to) break;
    const begin = Math.max(from, at);
    const end = Math.min(to, piece.to);
    out += theme.paint(style, text.slice(at, begin)) + theme.paint('demo', text.slice(begin, end));
    at = end;
  }
  return out + theme.paint(style, text.slice(at, piece.to));
}

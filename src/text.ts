import measure from 'string-width';

/**
 * Text from outside (logs, names, errors) is hostile: everything passes through `sanitise` or `sanitiseAnsi` before it
 * reaches a terminal. The width functions expect what those two give, or text of our own.
 */

const PLAIN = /^[\x20-\x7e]*$/;
const TAB_STOP = 8;
/** More marks on one letter than any language stacks; the rest would pile up over the lines above. */
const MAX_MARKS = 3;
const RESET = '\x1b[0m';

// One alternative per kind of control sequence; a sequence that is cut short goes as far as it came. String sequences
// (OSC, DCS, SOS, PM, APC) end at ST, BEL, or at the next escape, where real terminals give up too. The 8-bit ones must
// be whole: their first characters also turn up in text that was decoded wrongly, and then the rest should stay.
const STRING_SEQUENCE =
  '\\x1b[\\]PX^_][^\\x07\\x18\\x1a\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)?|' +
  '[\\x90\\x98\\x9d-\\x9f][^\\x07\\x18\\x1a\\x1b\\x9c\\n\\x90\\x98\\x9d-\\x9f]*(?:\\x07|\\x1b\\\\|\\x9c)';
const CSI = '(?:\\x1b\\[|\\x9b)([0-?]*)([ -/]*[@-~])?';
const ESCAPE = '\\x1b[ -/]*[0-~]?';
const SEQUENCE = new RegExp(`${STRING_SEQUENCE}|${CSI}|${ESCAPE}`, 'g');

// Controls, bidi and other format characters, variation selectors, fillers, zero width. Skin tones and keycap marks
// are drawn in as many ways as there are terminals, so they go as well.
const UNPRINTABLE = /\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}|\p{Emoji_Modifier}|\u20e3/gu;
const HALF_PAIR = /\p{Surrogate}/gu;
const MANY_MARKS = new RegExp(`(\\p{M}{${MAX_MARKS}})\\p{M}+`, 'gu');
const LINE_BREAK = /[\n\v\f\x85\u2028\u2029]/g;

/**
 * One line of plain printable text: no control sequences, no colours, no bidi tricks, nothing of zero width; tabs as
 * spaces to stops of 8; of `a\rb` the last piece, as a terminal would end up showing; line breaks as one space.
 */
export function sanitise(text: string): string {
  if (PLAIN.test(text)) return text;
  return linesOf(withoutLineEnd(text.replace(SEQUENCE, ''))).join(' ');
}

/** Like `sanitise`, with line breaks kept: one element per line. Always at least one. */
export function sanitiseLines(text: string): string[] {
  return PLAIN.test(text) ? [text] : linesOf(text.replace(SEQUENCE, ''));
}

/** Of text without sequences: taken out a second time, what stood around them could look like one. */
const linesOf = (text: string): string[] => text.split(LINE_BREAK).map(plainLine);

function plainLine(line: string): string {
  return PLAIN.test(line) ? line : expandTabs(printable(lastSegment(line)));
}

/**
 * Like `sanitise`, but colours and text attributes stay (SGR with known parameters, rewritten by us; no blink, no
 * concealed text). Ends with a reset when a style is still open.
 */
export function sanitiseAnsi(text: string): string {
  if (PLAIN.test(text)) return text;
  let out = '';
  let width = 0;
  /** Styles in force, each `\x1b[…m`, since the last reset. */
  let styles: string[] = [];
  let written = '';
  const hasTabs = text.includes('\t');
  const write = (raw: string) => {
    for (const [i, segment] of raw.split('\r').entries()) {
      if (i > 0 && segment !== '') {
        out = '';
        width = 0;
        written = '';
      }
      const clean = expandTabs(printable(segment), width);
      if (clean === '') continue;
      const wanted = styles.join('');
      if (wanted !== written) {
        out += (written === '' ? '' : RESET) + wanted;
        written = wanted;
      }
      out += clean;
      if (hasTabs) width += stringWidth(clean);
    }
  };
  let end = 0;
  const line = withoutLineEnd(text);
  for (const match of line.matchAll(SEQUENCE)) {
    write(line.slice(end, match.index).replace(LINE_BREAK, ' '));
    end = match.index + match[0].length;
    if (match[2] === 'm') styles = applyStyle(styles, match[1] ?? '');
  }
  write(line.slice(end).replace(LINE_BREAK, ' '));
  return written === '' ? out : out + RESET;
}

/** The styles in force after an SGR with these parameters; unknown ones are dropped. */
function applyStyle(styles: string[], parameters: string): string[] {
  if (!/^[\d;]*$/.test(parameters)) return styles;
  let result = styles;
  const codes = parameters.split(';').map(part => part || '0');
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (/^0+$/.test(code)) {
      result = [];
    } else if (code === '38' || code === '48') {
      const colour = /^(?:5;\d{1,3}|2;\d{1,3};\d{1,3};\d{1,3})(?=;|$)/.exec(codes.slice(i + 1).join(';'))?.[0];
      if (colour === undefined) return result;
      if (colour.split(';').every(part => Number(part) < 256)) result = add(result, `\x1b[${code};${colour}m`);
      i += colour.split(';').length;
    } else if (KNOWN_STYLE.test(code)) {
      result = add(result, `\x1b[${code}m`);
    }
  }
  return result;
}

// Bold, dim, italic, underline, inverse, struck out and their ends; the 8 and 16 colours and the defaults.
const KNOWN_STYLE = /^(?:[1-4]|7|9|2[2-4]|27|29|3[0-79]|4[0-79]|9[0-7]|10[0-7])$/;
const MAX_STYLES = 16;

/** Adds a style; an equal one moves to the end, so that a hostile line cannot grow the list. */
function add(styles: string[], style: string): string[] {
  return [...styles.filter(other => other !== style), style].slice(-MAX_STYLES);
}

/** What stands after the last carriage return that is followed by anything. */
function lastSegment(line: string): string {
  if (!line.includes('\r')) return line;
  const trimmed = withoutLineEnd(line);
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}

/** Without the \r and \n at the end. A regular expression would take quadratic time on hostile text. */
function withoutLineEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\r' || text[end - 1] === '\n')) end--;
  return text.slice(0, end);
}

/** Removes all that does not print, except tabs. */
function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(HALF_PAIR, '\ufffd')
    .replace(UNPRINTABLE, char => (char === '\t' ? '\t' : ''))
    .normalize('NFC')
    .replace(MANY_MARKS, '$1');
}

/** Tabs as spaces up to the next stop, for text that begins at `column`. */
function expandTabs(text: string, column = 0): string {
  if (!text.includes('\t')) return text;
  let out = '';
  let at = column;
  for (const [i, piece] of text.split('\t').entries()) {
    if (i > 0) {
      const spaces = TAB_STOP - (at % TAB_STOP);
      out += ' '.repeat(spaces);
      at += spaces;
    }
    out += piece;
    at += stringWidth(piece);
  }
  return out;
}

/**
 * Characters one column wide everywhere, as they stand in a class of a regular expression: ASCII, Latin, and what our
 * own screens are drawn with. All others need the Unicode tables, which are a hundred times slower.
 */
export const NARROW_CLASS =
  ' -~\\xa1-\\xac\\xae-\\u02ff\\u2013-\\u2026\\u2190-\\u2193\\u2500-\\u25a0\\u25b7\\u25b8\\u25c2\\u25cb\\u25cc\\u25cf-\\u25d1\\u2713\\u2717\\u2800-\\u28ff';
const NARROW = new RegExp(`^[${NARROW_CLASS}]*$`);
// A style, a run of narrow text, or other text with the letter before it, which a combining mark may belong to.
const PIECES = new RegExp(
  `\\x1b\\[[0-9;]*m|[${NARROW_CLASS}]+(?=[${NARROW_CLASS}\\x1b]|$)|[${NARROW_CLASS}]?[^${NARROW_CLASS}\\x1b]+|.`,
  'gs',
);
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Columns the text takes in a terminal; colours take none. */
export function stringWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const piece of text.match(PIECES) ?? []) {
    if (piece.startsWith('\x1b')) continue;
    width += NARROW.test(piece) ? piece.length : measured(piece);
  }
  return width;
}

/** Widths of short pieces, as the same ones come with every frame. Never more than a few hundred kilobytes. */
const widths = new Map<string, number>();

function measured(piece: string): number {
  if (piece.length > 16) return measure(piece);
  let width = widths.get(piece);
  if (width === undefined) {
    width = measure(piece);
    if (widths.size >= 2000) widths.clear();
    widths.set(piece, width);
  }
  return width;
}

/** At most `width` columns; what is cut off is marked by `…`. Colours survive and are closed. */
export function truncate(text: string, width: number): string {
  if (width <= 0) return '';
  if (NARROW.test(text)) return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
  if (stringWidth(text) <= width) return text;
  let out = '';
  let room = width - 1;
  let styled = false;
  for (const piece of text.match(PIECES) ?? []) {
    if (piece.startsWith('\x1b')) {
      out += piece;
      styled = piece !== RESET && piece !== '\x1b[m';
      continue;
    }
    const cut = NARROW.test(piece) ? piece.slice(0, room) : cutGraphemes(piece, room);
    out += cut;
    if (cut.length < piece.length) break;
    room -= stringWidth(cut);
  }
  return `${out}…${styled ? RESET : ''}`;
}

/** As many whole characters as fit into the columns. */
function cutGraphemes(text: string, columns: number): string {
  let out = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += measured(segment);
    if (used > columns) break;
    out += segment;
  }
  return out;
}

/** At least `width` columns: filled with spaces on the right, never cut. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/** Exactly `width` columns: cut with `…` or filled with spaces on the right. */
export function toWidth(text: string, width: number): string {
  if (NARROW.test(text)) {
    return text.length <= width ? text.padEnd(width) : truncate(text, width);
  }
  return pad(truncate(text, width), width);
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `0 B`, `1.5 KiB`, `200 MiB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 1023.6 KiB would round to 1024 KiB.
  while (Math.round(value) >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const shown = unit > 0 && value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value).toString();
  return `${shown} ${BYTE_UNITS[unit]}`;
}

/** Kubernetes' way to say an age, two units at most: `45s`, `3m`, `2h5m`, `4d`, `1y20d`. Takes seconds. */
export function formatAge(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const [minutes, hours, days] = [Math.floor(s / 60), Math.floor(s / 3600), Math.floor(s / 86400)];
  const two = (big: number, unit: string, small: number, smallUnit: string) =>
    `${big}${unit}${small > 0 ? `${small}${smallUnit}` : ''}`;
  if (s < 120) return `${s}s`;
  if (minutes < 10) return two(minutes, 'm', s % 60, 's');
  if (minutes < 60) return `${minutes}m`;
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  if (days < 730) return `${days}d`;
  return two(Math.floor(days / 365), 'y', days % 365, 'd');
}

/** How long something took: `35 ms`, `0.9 s`, `12 s`, `1m30s`, `1h2m`. Takes milliseconds. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 99.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${seconds % 60 > 0 ? `${seconds % 60}s` : ''}`;
  return `${Math.floor(minutes / 60)}h${minutes % 60 > 0 ? `${minutes % 60}m` : ''}`;
}

/** What stands in place of a secret. */
export const HIDDEN = '<hidden>';

/** Replaces every secret, plain or as in a URL, in JSON or in YAML's single quotes. Sanitise first: a control sequence inside would break the match. */
export function hideSecrets(text: string, secrets: string[]): string {
  const forms = secrets.filter(secret => secret !== '').flatMap(writtenForms);
  // Longest first, or a secret that contains another would be left in part.
  return [...new Set(forms)]
    .sort((a, b) => b.length - a.length)
    .reduce((result, secret) => result.replaceAll(secret, HIDDEN), text);
}

const writtenForms = (secret: string): string[] => [
  secret,
  urlForm(secret),
  JSON.stringify(secret).slice(1, -1),
  secret.replaceAll("'", "''"),
];

function urlForm(secret: string): string {
  return encodeURIComponent(secret.replace(HALF_PAIR, '\ufffd'));
}

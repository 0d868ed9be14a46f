import { listNews, rowWords } from './list-news.ts';
import { FOCUS, HINTS, ROW } from './marks.ts';
import type { DialogPart, LogPart, Part, PromptPart, TextPart } from './parts.ts';
import { inWords, sentence, spoken, withoutFigures } from './words.ts';

export interface News {
  lines: string[];
  /** What happened by itself, told before: the same again soon after is passed over. */
  events?: string[];
  /** It is being typed: to be told once nothing was typed for a while. */
  typing?: boolean;
}

/** So many lines of a text, or of a log at a time, are told at once. */
export const PAGE = 40;
const LOG_AT_ONCE = 20;
/** Rows told when all of a list is asked for. */
const ALL_ROWS = 200;

/** What is to be said now that a part of the screen is so, where it was so `before` (undefined: it was not there). */
export function newsOf(before: Part | undefined, now: Part): News {
  switch (now.kind) {
    case 'list':
      return listNews(before?.kind === 'list' ? before : undefined, now);
    case 'text':
      return { lines: textNews(before?.kind === 'text' ? before : undefined, now) };
    case 'dialog':
      return dialogNews(before?.kind === 'dialog' ? before : undefined, now);
    case 'prompt':
      return promptNews(before?.kind === 'prompt' ? before : undefined, now);
    case 'log':
      return { lines: logNews(before?.kind === 'log' ? before : undefined, now) };
    case 'line': {
      const same = before?.kind === 'line' && before.text === now.text && before.at === now.at;
      return { lines: same || now.text === '' ? [] : [sentence(inWords(now.text))] };
    }
    case 'pane':
      return { lines: [] };
  }
}

/** All of a part, for who asks for it. */
export function allOf(part: Part): string[] {
  if (part.kind === 'list') {
    const rows = part.rows.slice(0, ALL_ROWS).map((_, index) => rowWords(part, index));
    const more = part.rows.length - rows.length;
    return [...listNews(undefined, part).lines.slice(0, 1), ...rows, ...(more > 0 ? [`And ${more} more.`] : [])];
  }
  if (part.kind === 'text' || part.kind === 'pane') {
    const lines = part.lines.map(spoken).filter(line => line !== '');
    return lines.length > 0 ? [sentence(inWords(part.title)), ...lines] : [];
  }
  return newsOf(undefined, part).lines;
}

/** A page of lines; afterwards those that came into sight, or that say something else than figures. */
function textNews(before: TextPart | undefined, now: TextPart): string[] {
  const opened = before === undefined || before.title !== now.title;
  if (now.live) return opened ? [sentence(inWords(now.title))] : [];
  const page = pageOf(now);
  if (!opened && before.top !== now.top) {
    const seen = new Set(pageOf(before).map(({ at }) => at));
    return told(page.filter(({ at }) => !seen.has(at)));
  }
  if (!opened) {
    const seen = new Set(before.lines.map(withoutFigures));
    return told(page.filter(({ line }) => !seen.has(withoutFigures(line))));
  }
  const left = now.lines.length - now.top - page.length;
  const more = left > 0 ? [`${left} more lines: PageDown reads on, comma reads all.`] : [];
  return [sentence(inWords(now.title)), ...told(page), ...more].filter(line => line !== '');
}

const pageOf = ({ lines, top }: TextPart) => {
  const first = Math.max(0, Math.min(top, lines.length - PAGE));
  return lines.slice(first, first + PAGE).map((line, index) => ({ line, at: first + index }));
};
const told = (page: readonly { line: string }[]): string[] =>
  page.map(({ line }) => spoken(line)).filter(line => line !== '');

/** At first its title, what it says, where the focus is, its keys; then the row with the focus and what is new. */
function dialogNews(before: DialogPart | undefined, now: DialogPart): News {
  const [is, was] = [readDialog(now), before && before.title === now.title ? readDialog(before) : undefined];
  if (was === undefined) {
    return { lines: [sentence(`Dialog: ${inWords(now.title)}`), ...is.prose, is.focus, is.hints].filter(Boolean) };
  }
  const focus = is.focus === was.focus ? [] : [is.focus];
  const prose = is.prose.filter(line => !was.prose.includes(line));
  return { lines: [...focus, ...prose].filter(Boolean), typing: focus.length > 0 && labelOf(is) === labelOf(was) };
}

const labelOf = ({ focus }: { focus: string }): string => /^[^:,]*/.exec(focus)?.[0] ?? '';

function readDialog({ lines }: DialogPart): { focus: string; prose: string[]; hints: string } {
  const own = (sign: string) => lines.filter(line => line.startsWith(sign)).map(line => inWords(line.slice(1)));
  const prose = lines.filter(line => ![FOCUS, ROW, HINTS].some(sign => line.startsWith(sign))).map(inWords);
  return {
    focus: own(FOCUS).map(sentence).join(' '),
    prose: prose.filter(line => line !== ''),
    hints: sentence(own(HINTS)[0] ?? ''),
  };
}

function promptNews(before: PromptPart | undefined, now: PromptPart): News {
  const text = now.text === '' ? 'empty' : now.text;
  if (before === undefined || before.label !== now.label) {
    const note = now.note === '' ? '' : `, ${inWords(now.note)}`;
    return { lines: [sentence(`${now.label}: ${inWords(text)}${note}`)] };
  }
  if (before.text === now.text && before.note === now.note) return { lines: [] };
  const note = before.note === now.note || now.note === '' ? '' : `, ${inWords(now.note)}`;
  return { lines: [sentence(`${now.label}: ${inWords(text)}${note}`)], typing: true };
}

/** Lines that were not in sight before, the newest of them when there are many. */
function logNews(before: LogPart | undefined, now: LogPart): string[] {
  const opened = before === undefined || before.title !== now.title;
  const fresh = opened ? now.rows : now.rows.slice(overlap(before.rows, now.rows));
  const head = opened || before.state !== now.state ? [sentence(`${inWords(now.title)}, ${inWords(now.state)}`)] : [];
  const found = fresh.filter(row => /^\s*▸/.test(row));
  if (!opened && found.length > 0) return [...head, ...found.map(row => `Match: ${inWords(row)}`)];
  const lines = fresh.map(inWords).filter(line => line !== '');
  const left = Math.max(0, lines.length - LOG_AT_ONCE);
  return [...head, ...(left > 0 && !opened ? [`${left} lines passed over.`] : []), ...lines.slice(left)];
}

/** How many of the first rows are the last ones of before. */
function overlap(before: readonly string[], now: readonly string[]): number {
  for (let count = Math.min(before.length, now.length); count > 0; count--) {
    if (now.slice(0, count).every((row, index) => row === before[before.length - count + index])) return count;
  }
  return 0;
}

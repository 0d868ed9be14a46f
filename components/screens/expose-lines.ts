import type { Fault } from '../../src/engine/expose/model.ts';
import { curlLine } from '../../src/engine/expose/urls.ts';
import { HOP_SIGNS, hopWords } from '../../src/engine/expose/words.ts';
import { pad, sanitise, stringWidth, toWidth, truncate } from '../../src/text.ts';
import type { ExposeLine } from '../expose-work.ts';
import type { Theme } from '../theme.ts';
import { wrapText } from '../widgets/wrap.ts';
import { hopStyle } from './chain-picture.ts';

const TITLE = 13;

/** The way as a line a hop, each with what trying it came to. */
export function hopLines(theme: Theme, { exposure, diagnosis }: ExposeLine, width: number): string[] {
  const rows = exposure.hops.map((hop, at) => ({ hop, view: diagnosis.hops[at]!, ...hopWords(diagnosis.hops[at]!) }));
  const result = ({ said, took }: { said: string; took: string }) =>
    [sanitise(said), took].filter(text => text !== '').join('  ');
  const right = Math.min(Math.floor(width / 2), Math.max(0, ...rows.map(row => stringWidth(result(row)))));
  const middle = Math.max(8, width - TITLE - right - 6);
  return rows.map(({ hop, view, said, took }, at) => {
    const style = hopStyle(view.state);
    const rail = at === 0 ? '┌' : at === rows.length - 1 ? '└' : '├';
    const title = pad(truncate(hop.title, TITLE), TITLE);
    return `${theme.paint('dim', rail)}${theme.paint(style, HOP_SIGNS[view.state])} ${at === diagnosis.at ? theme.paint('bad', title) : title} ${toWidth(sanitise(hop.text) || '–', middle)} ${theme.paint(style, truncate(result({ said, took }), right))}`;
  });
}

/** The hops around the one that breaks, where not all have room. */
export function hopWindow(lines: readonly string[], broken: number | undefined, height: number): string[] {
  if (lines.length <= height) return [...lines];
  const first = Math.max(0, Math.min(lines.length - height, (broken ?? lines.length) - Math.floor(height / 2)));
  return lines.slice(first, first + height);
}

/** Where it breaks and what to do, or how to reach it; at most `height` lines. */
export function verdictLines(theme: Theme, line: ExposeLine, width: number, height: number): string[] {
  const { diagnosis, exposure } = line;
  const { fault, verdict, at, advice } = diagnosis;
  if (height <= 0) return [];
  if (fault) {
    const [sign, style] =
      verdict === 'inside'
        ? ['–', 'dim' as const]
        : verdict === 'closed'
          ? ['○', 'warn' as const]
          : ['✗', 'bad' as const];
    const where = verdict === 'broken' ? `${exposure.hops[at!]!.title}: ` : '';
    const why = wrapText(sanitise(`${sign} ${where}${fault.why}`), width).slice(0, Math.max(1, height - 1));
    return [...why.map(text => theme.paint(style, text)), ...todoLines(theme, fault, width)].slice(0, height);
  }
  const how = [
    ...(exposure.urls.length > 0
      ? [`${theme.paint('accent', truncate(sanitise(exposure.urls.join('  ')), width))}`]
      : []),
  ];
  const note = advice ? wrapText(sanitise(`! ${advice.why}`), width).map(text => theme.paint('warn', text)) : [];
  const todo = advice ? todoLines(theme, advice, width) : [];
  // The line itself says more than the words before it.
  return [...how, ...note, ...(height < 4 ? todo.slice(-1) : todo)].slice(0, height);
}

function todoLines(theme: Theme, { remedy }: Fault, width: number): string[] {
  if (!remedy) return [];
  const { act, text, command } = remedy;
  const key = act ? 'r' : '';
  const hint = key === '' ? '' : `  (${key} does it)`;
  return [
    ...wrapText(sanitise(`→ ${text}${hint}`), width),
    ...(command === undefined ? [] : [theme.paint('dim', truncate(`  ${sanitise(command)}`, width))]),
  ];
}

/** Everything of one way: hop by hop with each of its parts. */
export function detailLines(theme: Theme, line: ExposeLine, width: number): string[] {
  const { exposure, diagnosis, result } = line;
  const { note, kind } = exposure;
  const lines = hopLines(theme, line, width);
  const hops = lines.flatMap((text, at) => {
    const hop = exposure.hops[at]!;
    if (hop.kind === 'endpoints' || (hop.parts.length < 2 && hop.kind !== 'url')) return [text];
    const parts = hop.parts.map((part, index) => {
      const tried = result?.[at]?.[index];
      const said = part.fault ?? (tried ? `${tried.said}${tried.ms > 0 ? `  ${tried.ms} ms` : ''}` : '');
      return `${theme.paint('dim', '│')}     ${truncate(sanitise(`${part.label}  ${said}`), width - 6)}`;
    });
    return [text, ...parts];
  });
  const curl = curlLine(exposure, addressOf(line), diagnosis.advice === undefined);
  const command = theme.paint('dim', truncate(sanitise(`  ${curl}`), width));
  const words = verdictLines(theme, line, width, 20);
  return [
    `${theme.paint('title', sanitise(`${exposure.namespace}/${exposure.name}`))}  ${kind}${note === '' ? '' : `  ${theme.paint('dim', sanitise(note))}`}`,
    '',
    ...hops,
    '',
    ...(curl === undefined || diagnosis.fault ? words : [...words.slice(0, 1), command, ...words.slice(1)]),
  ];
}

/** By which this machine reaches the host port of a way; '' where it has none. */
export function addressOf({ exposure }: ExposeLine): string {
  const host = exposure.hops.find(hop => hop.kind === 'host');
  const [target] = host?.parts.flatMap(part => (part.target?.how === 'connect' ? [part.target] : [])) ?? [];
  return target?.host ?? '';
}

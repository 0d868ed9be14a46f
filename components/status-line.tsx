import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { sanitise, stringWidth, truncate } from '../src/text.ts';
import { twoSides } from './header.tsx';
import { parsePattern } from './screens/log-pattern.ts';
import { usePart } from './spoken/voice-context.ts';
import type { PromptState, Status } from './state/app-state.ts';
import { parseFilter } from './state/filter.ts';
import { type Style, type Theme, useTheme } from './theme.ts';
import { fitCell } from './widgets/columns.ts';
import { fieldLine } from './widgets/field-line.ts';
import { wrapText } from './widgets/wrap.ts';

const SIGNS: Record<Status['tone'], { sign: string; style: Style }> = {
  good: { sign: '✓', style: 'good' },
  bad: { sign: '✗', style: 'bad' },
  warn: { sign: '!', style: 'warn' },
  plain: { sign: '·', style: 'plain' },
};

/** What the last action came to, read out. */
export function SpokenStatus({
  status,
}: {
  status: (Pick<Status, 'tone' | 'text'> & { at?: number }) | undefined;
}): ReactNode {
  const word = { good: 'Done: ', bad: 'Error: ', warn: 'Note: ', plain: '' };
  usePart(status && { kind: 'line', text: word[status.tone] + status.text, at: status.at });
  return null;
}

/** An outcome that is longer takes so many rows at most. */
const MOST_ROWS = 3;

/**
 * What the last action came to, and the command line that does the same, as rows of the screen. What is too long for one goes on in
 * the next: why something failed and what to do stand at its end.
 */
export function statusRows(theme: Theme, status: ShownStatus | undefined, width: number): string[] {
  if (status === undefined) return [fitCell('', width)];
  const { sign, style } = SIGNS[status.tone];
  const room = width - 4;
  const wrapped = status.oneRow || stringWidth(status.text) <= room ? [status.text] : wrapText(status.text, room);
  const lines =
    wrapped.length > MOST_ROWS ? [...wrapped.slice(0, MOST_ROWS - 1), wrapped.slice(MOST_ROWS - 1).join(' ')] : wrapped;
  const paint = (text: string): string => (status.tone === 'bad' ? theme.paint('bad', text) : text);
  const left = room - stringWidth(lines[0] ?? '') - 2;
  const command = status.command && lines.length === 1 && left >= 24 ? truncate(sanitise(status.command), left) : '';
  return lines.map((line, index) =>
    twoSides(
      ` ${index === 0 ? theme.paint(style, sign) : ' '} ${paint(truncate(line, room))}`,
      command === '' ? '' : theme.paint('dim', `${command} `),
      width,
    ),
  );
}

/** What stands at the bottom. */
export interface ShownStatus extends Omit<Status, 'at'> {
  /** It comes and goes with the selection: it is cut rather than move the rows above it. */
  oneRow?: true;
}

export interface PromptLineProps {
  prompt: PromptState;
  /** What the line could become. */
  completions: readonly string[];
  width: number;
}

/** The line in which a command or a filter is typed, with what it could become or what is wrong with it behind it. */
export function PromptLine({ prompt, completions, width }: PromptLineProps): ReactNode {
  const theme = useTheme();
  const sign = SIGN[prompt.kind];
  const may = prompt.kind === 'command' ? spokenChoices(completions) : note(theme, prompt, Number.POSITIVE_INFINITY);
  usePart({ kind: 'prompt', label: SPOKEN_SIGN[prompt.kind], text: prompt.field.text, note: may });
  if (theme.spoken) return null;
  const fieldWidth = Math.max(10, Math.min(Math.floor(width / 2), Math.max(24, stringWidth(prompt.field.text) + 2)));
  const line = ` ${theme.paint('key', sign)}${fieldLine(theme, prompt.field, fieldWidth, true)}`;
  const room = Math.max(0, width - fieldWidth - 3 - sign.length);
  const beside = prompt.kind === 'command' ? choices(theme, prompt, completions, room) : note(theme, prompt, room);
  return (
    <Box width={width} height={1}>
      <Text wrap="truncate">{`${line}  ${beside}`}</Text>
    </Box>
  );
}

function choices(theme: Theme, prompt: PromptState, completions: readonly string[], room: number): string {
  let out = '';
  let used = 0;
  const from = Math.max(0, prompt.choice - 3);
  for (const [index, choice] of completions.entries()) {
    if (index < from) continue;
    const text = truncate(sanitise(choice), room - used);
    if (used + stringWidth(text) + 2 > room - (index < completions.length - 1 ? 1 : 0)) {
      out += theme.paint('dim', '…');
      break;
    }
    out += `${theme.paint(index === prompt.choice ? 'selected' : 'dim', text)}  `;
    used += stringWidth(text) + 2;
  }
  return out;
}

/** What stands before the line that is typed. */
const SIGN: Record<PromptState['kind'], string> = {
  command: ':',
  filter: '/',
  search: '/',
  keep: '&',
  'save-log': 'save as ',
  'export-logs': 'export to ',
  'save-export': 'save as ',
};

/** The same in words. */
const SPOKEN_SIGN: Record<PromptState['kind'], string> = {
  command: 'Command',
  filter: 'Filter',
  search: 'Search',
  keep: 'Keep lines',
  'save-log': 'Save as',
  'export-logs': 'Export to',
  'save-export': 'Save as',
};

/** More than a few nobody wants to hear. */
const spokenChoices = (completions: readonly string[]): string =>
  completions.length === 0 ? '' : `Tab offers ${completions.slice(0, 5).join(', ')}`;

function note(theme: Theme, prompt: PromptState, room: number): string {
  if (prompt.kind === 'filter') return filterNote(theme, prompt, room);
  if (['save-log', 'export-logs', 'save-export'].includes(prompt.kind)) {
    return theme.paint(
      'dim',
      fitting(
        ['a path; ~ is your home folder · Enter writes · Esc leaves', 'a path · Enter writes · Esc leaves'],
        room,
      ),
    );
  }
  const error = parsePattern(prompt.field.text)?.error;
  if (error !== undefined) return theme.paint('bad', truncate(`✗ ${sanitise(error)}`, room));
  const [what, short] = prompt.kind === 'search' ? ['what does not match', 'not'] : ['hides what matches', 'hides'];
  return theme.paint(
    'dim',
    fitting(
      [
        `regular expression · ! ${what} · -f plain text · Enter · Esc clears`,
        `regular expression · ! ${short} · -f plain · Esc clears`,
      ],
      room,
    ),
  );
}

/** The first of these that has room; the last one cut when none has. */
function fitting(texts: readonly string[], room: number): string {
  return texts.find(text => stringWidth(text) <= room) ?? truncate(texts.at(-1) ?? '', room);
}

function filterNote(theme: Theme, prompt: PromptState, room: number): string {
  const { error } = parseFilter(prompt.field.text);
  if (error !== undefined) return theme.paint('bad', truncate(`✗ ${sanitise(error)}`, room));
  return theme.paint(
    'dim',
    fitting(
      [
        'regular expression · ! inverse · -f fuzzy · Enter keeps it · Esc clears it',
        'regular expression · ! not · -f fuzzy · Esc clears',
      ],
      room,
    ),
  );
}

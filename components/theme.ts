import { createContext, useContext } from 'react';
import type { ThemeName } from '../src/config/settings/schema.ts';

/** What a piece of text means. Never the only carrier of that meaning: words and signs say the same. */
export type Style =
  | 'plain'
  | 'accent'
  | 'good'
  | 'warn'
  | 'bad'
  | 'dim'
  | 'title'
  | 'key'
  | 'selected'
  | 'marked'
  | 'border'
  | 'demo';

/** SGR parameters [on, off]; the sixteen colours every terminal has, so that its own palette decides on the shade. */
type Table = Record<Style, readonly [on: string, off: string]>;

const DARK: Table = {
  plain: ['', ''],
  accent: ['36', '39'],
  good: ['32', '39'],
  warn: ['33', '39'],
  bad: ['31', '39'],
  dim: ['2', '22'],
  title: ['1', '22'],
  key: ['1;36', '22;39'],
  selected: ['7', '27'],
  marked: ['1;35', '22;39'],
  border: ['2', '22'],
  demo: ['7;33', '27;39'],
};

/** On white, yellow and cyan cannot be read. */
const LIGHT: Table = {
  ...DARK,
  accent: ['34', '39'],
  warn: ['35', '39'],
  key: ['1;34', '22;39'],
  marked: ['1;36', '22;39'],
  demo: ['7;35', '27;39'],
};

/** Blue and yellow are told apart by nearly everybody; what is bad is a block, whatever its hue. */
const COLOUR_BLIND: Table = {
  ...DARK,
  good: ['94', '39'],
  bad: ['1;37;41', '22;39;49'],
  marked: ['1;36', '22;39'],
};

/** Without colour only bold, dim and inverse remain. */
const MONOCHROME: Table = {
  ...DARK,
  accent: ['', ''],
  good: ['', ''],
  warn: ['1', '22'],
  bad: ['1', '22'],
  key: ['1', '22'],
  marked: ['1', '22'],
  demo: ['7', '27'],
};

const TABLES: Record<ThemeName, Table> = {
  dark: DARK,
  light: LIGHT,
  'colour-blind': COLOUR_BLIND,
  monochrome: MONOCHROME,
};

/** Ink's names of the colours. */
const INK_NAMES: Record<string, string> = {
  '31': 'red',
  '32': 'green',
  '33': 'yellow',
  '34': 'blue',
  '35': 'magenta',
  '36': 'cyan',
  '41': 'red',
  '94': 'blueBright',
};

export interface Theme {
  /** False with NO_COLOR or a terminal that has none. */
  readonly colours: boolean;
  /** What is drawn is read out: lines hold words in place of signs, and marks of components/spoken/marks.ts. */
  readonly spoken: boolean;
  /** The text in that style, as an ANSI string that ends its own style and no other. */
  paint(style: Style, text: string): string;
  /** For Ink's `color` and `borderColor`; undefined when colours are off. */
  colour(style: Style): string | undefined;
}

/**
 * The theme of that name, as far as the terminal can: https://no-color.org says that NO_COLOR counts when it is not
 * empty.
 */
export function createTheme(env: NodeJS.ProcessEnv, name: ThemeName = 'dark', spoken = false): Theme {
  const able = !env.NO_COLOR && env.TERM !== 'dumb' && env.TERM !== 'vt100' && env.TERM !== 'vt220';
  const colours = able && name !== 'monochrome' && !spoken;
  const table = TABLES[colours ? name : 'monochrome'];
  return {
    colours,
    spoken,
    paint(style, text) {
      const [on, off] = table[style];
      return spoken || on === '' || text === '' ? text : `\x1b[${on}m${text}\x1b[${off}m`;
    },
    colour: style => (colours ? INK_NAMES[table[style][0].split(';').at(-1) ?? ''] : undefined),
  };
}

export const ThemeContext = createContext<Theme>(createTheme({}));

export function useTheme(): Theme {
  return useContext(ThemeContext);
}

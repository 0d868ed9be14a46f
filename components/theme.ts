import { createContext, useContext } from 'react';

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
const COLOURED: Record<Style, [string, string]> = {
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

/** Without colour only bold, dim and inverse remain. */
const PLAIN: Record<Style, [string, string]> = {
  ...COLOURED,
  accent: ['', ''],
  good: ['', ''],
  warn: ['1', '22'],
  bad: ['1', '22'],
  key: ['1', '22'],
  marked: ['1', '22'],
  demo: ['7', '27'],
};

const INK_COLOURS: Partial<Record<Style, string>> = {
  accent: 'cyan',
  good: 'green',
  warn: 'yellow',
  bad: 'red',
  key: 'cyan',
  marked: 'magenta',
  demo: 'yellow',
};

export interface Theme {
  /** False with NO_COLOR or a terminal that has none. */
  readonly colours: boolean;
  /** The text in that style, as an ANSI string that ends its own style and no other. */
  paint(style: Style, text: string): string;
  /** For Ink's `color` and `borderColor`; undefined when colours are off. */
  colour(style: Style): string | undefined;
}

/** The theme that an environment asks for: https://no-color.org says that NO_COLOR counts when it is not empty. */
export function createTheme(env: NodeJS.ProcessEnv): Theme {
  const colours = !env.NO_COLOR && env.TERM !== 'dumb' && env.TERM !== 'vt100' && env.TERM !== 'vt220';
  const table = colours ? COLOURED : PLAIN;
  return {
    colours,
    paint(style, text) {
      const [on, off] = table[style];
      return on === '' || text === '' ? text : `\x1b[${on}m${text}\x1b[${off}m`;
    },
    colour: style => (colours ? INK_COLOURS[style] : undefined),
  };
}

export const ThemeContext = createContext<Theme>(createTheme({}));

export function useTheme(): Theme {
  return useContext(ThemeContext);
}

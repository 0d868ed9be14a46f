import type { ObjectSchema } from '../file/schema.ts';

export const THEMES = ['dark', 'light', 'colour-blind', 'monochrome'] as const;
/** How the screen is coloured. The terminal's own sixteen colours decide on the shades. */
export type ThemeName = (typeof THEMES)[number];

/** What a person may set once and for all. */
export interface Settings {
  theme: ThemeName;
  /** Nothing is changed, whatever is asked for. */
  readOnly: boolean;
  /** Wheel and clicks; off: the terminal keeps them, for selecting text. */
  mouse: boolean;
  /** The app tells what is on its screen in plain lines, one after the other, and draws nothing. */
  screenReader: boolean;
  /** Other keys for what keys do: by the id that the help screen shows in wide mode. */
  keys: readonly { does: string; keys: readonly string[] }[];
}

export const DEFAULT_SETTINGS: Settings = {
  theme: 'dark',
  readOnly: false,
  mouse: true,
  screenReader: false,
  keys: [],
};

/** What may stand in the settings file, as data. */
export const SETTINGS_SCHEMA: ObjectSchema = {
  type: 'object',
  properties: {
    theme: {
      type: 'string',
      enum: THEMES,
      default: DEFAULT_SETTINGS.theme,
      description: 'Colours: for dark or light terminals, without red and green, or with none. NO_COLOR wins.',
    },
    readOnly: {
      type: 'boolean',
      default: DEFAULT_SETTINGS.readOnly,
      description: 'Look, but change nothing: no cluster, no file, no shell.',
    },
    mouse: {
      type: 'boolean',
      default: DEFAULT_SETTINGS.mouse,
      description: 'Wheel and clicks; off, the terminal keeps them for selecting text.',
    },
    screenReader: {
      type: 'boolean',
      default: DEFAULT_SETTINGS.screenReader,
      description: 'For screen readers and braille: plain lines that tell what changed; nothing is drawn or redrawn.',
    },
    keys: {
      type: 'array',
      description: 'Other keys for what keys do.',
      items: {
        type: 'object',
        required: ['does', 'keys'],
        properties: {
          does: {
            type: 'string',
            description: 'What they do: an id, which the help screen shows in wide mode (? then Ctrl-W).',
            examples: ['delete'],
          },
          keys: {
            type: 'array',
            description: 'Names of keys, the first one is shown; an empty list takes the key away.',
            items: { type: 'string' },
            examples: ['ctrl-x', 'X', 'pageup'],
          },
        },
      },
    },
  },
};

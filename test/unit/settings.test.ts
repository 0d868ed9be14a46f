import { describe, expect, test } from 'vitest';
import { keymapWith } from '../../components/keymap.ts';
import { KEYS, keysOf } from '../../components/keys.ts';
import { createTheme } from '../../components/theme.ts';
import { appArguments } from '../../src/cli/app-arguments.ts';
import { parseSettings } from '../../src/config/settings/parse.ts';
import { DEFAULT_SETTINGS, THEMES } from '../../src/config/settings/schema.ts';
import { settingsPath, settingsWithEnv } from '../../src/config/settings/settings.ts';

describe('the settings file', () => {
  test('is where the environment says, else in the configuration folder', () => {
    expect(settingsPath({ K3DUI_SETTINGS: '/x.yaml' }, '/home/ann')).toBe('/x.yaml');
    expect(settingsPath({ XDG_CONFIG_HOME: '/cfg' }, '/home/ann')).toBe('/cfg/k3dui/settings.yaml');
    expect(settingsPath({}, '/home/ann')).toBe('/home/ann/.config/k3dui/settings.yaml');
  });

  test('says only what is to be different', () => {
    expect(parseSettings('', 's.yaml')).toEqual(DEFAULT_SETTINGS);
    expect(parseSettings('theme: light\n', 's.yaml')).toEqual({ ...DEFAULT_SETTINGS, theme: 'light' });
    expect(parseSettings('keys:\n- does: delete\n  keys: [ctrl-x]\n', 's.yaml').keys).toEqual([
      { does: 'delete', keys: ['ctrl-x'] },
    ]);
  });

  test.each([
    ['theme: neon', 's.yaml: line 1:8: theme: must be one of'],
    ['theme: dark\nreadonly: true', 's.yaml: line 2:1: (root): Additional property readonly is not allowed'],
    ['readOnly: yes please', 's.yaml: line 1:11: readOnly: Invalid type'],
    ['keys:\n- does: delete', 's.yaml: line 2:3: keys.0: keys is required'],
    ['theme: [', 's.yaml: line'],
  ])('%j is refused with the line', (text, message) => {
    expect(() => parseSettings(text, 's.yaml')).toThrow(message);
  });

  test('gives way to the environment', () => {
    expect(settingsWithEnv(DEFAULT_SETTINGS, { K3DUI_THEME: 'monochrome', K3DUI_READ_ONLY: '1' })).toMatchObject({
      theme: 'monochrome',
      readOnly: true,
    });
    const readOnly = { ...DEFAULT_SETTINGS, readOnly: true };
    expect(settingsWithEnv(readOnly, {}).readOnly).toBe(true);
    expect(settingsWithEnv(readOnly, { K3DUI_READ_ONLY: 'false' }).readOnly).toBe(false);
    const spoken = (env: NodeJS.ProcessEnv) => settingsWithEnv(DEFAULT_SETTINGS, env).screenReader;
    expect([spoken({}), spoken({ K3DUI_SCREEN_READER: '1' }), spoken({ INK_SCREEN_READER: 'true' })]).toEqual([
      false,
      true,
      true,
    ]);
    expect(spoken({ K3DUI_SCREEN_READER: 'off', INK_SCREEN_READER: 'true' })).toBe(false);
    expect(() => settingsWithEnv(DEFAULT_SETTINGS, { K3DUI_THEME: 'neon' })).toThrow("there is no theme 'neon'");
  });

  test('is not needed for a look: the app takes them as arguments', () => {
    expect(appArguments(['--demo', '--read-only', '--screen-reader', '--theme=light', '--host', 'tcp://x:1'])).toEqual({
      demo: true,
      readOnly: true,
      screenReader: true,
      theme: 'light',
      host: 'tcp://x:1',
    });
    expect(appArguments(['--theme'])).toBeUndefined();
    expect(appArguments(['cluster', 'list'])).toBeUndefined();
  });
});

describe("a person's own keys", () => {
  const on = (screen: Parameters<typeof keysOf>[0], name: string, own: Parameters<typeof keymapWith>[0]) =>
    keysOf(screen, keymapWith(own, 's.yaml'))
      .filter(({ keys }) => keys.includes(name))
      .map(({ id }) => id);

  test('do what they are to do, and what had them before loses them', () => {
    const own = [{ does: 'delete', keys: ['r'] }];
    expect(on('clusters', 'r', own)).toEqual(['delete']);
    expect(on('clusters', 'ctrl-d', own)).toEqual([]);
    // Another screen's key of that name has nothing to do with it.
    expect(on('operations', 'r', own)).toEqual(['retry']);
  });

  test('leave everything else as it is', () => {
    expect(keymapWith([], 's.yaml')).toBe(KEYS);
    const changed = keymapWith([{ does: 'create', keys: ['ctrl-n'] }], 's.yaml');
    expect(
      changed.filter(
        (key, index) => key !== KEYS[index] && key.id !== 'create' && key.keys.length !== KEYS[index]!.keys.length,
      ),
    ).toEqual([]);
  });

  test('that do not exist are named, with what was probably meant', () => {
    expect(() => keymapWith([{ does: 'delte', keys: ['x'] }], 's.yaml')).toThrow("s.yaml: no key does 'delte'");
    expect(() => keymapWith([{ does: 'delete', keys: ['strg-x'] }], 's.yaml')).toThrow("'strg-x', for 'delete'");
  });
});

describe('a theme', () => {
  test.each(THEMES)('%s says nothing by colour where NO_COLOR is set', name => {
    const theme = createTheme({ NO_COLOR: '1' }, name);
    expect(theme.paint('good', 'x')).toBe('x');
    expect(theme.paint('bad', 'x')).toBe('\x1b[1mx\x1b[22m');
    expect(theme.colours).toBe(false);
  });

  test('for light terminals has no yellow and no cyan text', () => {
    const theme = createTheme({}, 'light');
    for (const style of ['accent', 'good', 'warn', 'bad', 'key'] as const) {
      expect(theme.paint(style, 'x')).not.toMatch(/\x1b\[(?:1;)?(?:33|36)m/);
    }
  });

  test('without red and green tells good from bad by more than these', () => {
    const theme = createTheme({}, 'colour-blind');
    expect(theme.paint('good', 'x')).not.toMatch(/\x1b\[3[12]m/);
    expect(theme.paint('bad', 'x')).not.toMatch(/\x1b\[3[12]m/);
  });

  test('that is monochrome has no colour at all', () => {
    const theme = createTheme({}, 'monochrome');
    for (const style of ['accent', 'good', 'warn', 'bad', 'key', 'marked', 'demo'] as const) {
      expect(theme.paint(style, 'x')).not.toMatch(/\x1b\[(?:\d;)?[349]\d/);
    }
  });
});

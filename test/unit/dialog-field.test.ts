import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hintLine } from '../../components/dialogs/hint-line.ts';
import { createTheme } from '../../components/theme.ts';
import { fieldLine } from '../../components/widgets/field-line.ts';
import { editField, type FieldState, fieldOf, selectAll, viewField } from '../../components/widgets/field-state.ts';
import { stringWidth } from '../../src/text.ts';

const press = (state: FieldState, ...names: string[]) =>
  names.reduce((now, name) => editField(now, { name, text: name.length === 1 ? name : '' }) ?? now, state);
const paste = (state: FieldState, text: string) => editField(state, { name: 'paste', text })!;
/** The text with a bar where the cursor is. */
const show = ({ text, cursor }: FieldState) => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

describe('a line of text', () => {
  test.each([
    ['Home', 'k3d-demo', ['home'], '|k3d-demo'],
    ['End', 'k3d-demo', ['home', 'end'], 'k3d-demo|'],
    ['Ctrl-A and Ctrl-E', 'k3d-demo', ['ctrl-a', 'x', 'ctrl-e', 'y'], 'xk3d-demoy|'],
    ['Delete takes what is under the cursor', 'abc', ['home', 'right', 'delete'], 'a|c'],
    ['Backspace takes what is before it', 'abc', ['left', 'backspace'], 'a|c'],
    ['Ctrl-W takes a word of a port spec', '8080:80@loadbalancer', ['ctrl-w'], '8080:80@|'],
    ['Ctrl-W takes the blanks behind a word too', 'one two  ', ['ctrl-w'], 'one |'],
    ['Ctrl-U takes all before', 'one two', ['ctrl-left', 'ctrl-u'], '|two'],
    ['Ctrl-K takes all behind', 'one two', ['ctrl-left', 'ctrl-k'], 'one |'],
    ['nothing happens at the ends', '', ['backspace', 'delete', 'left', 'right', 'ctrl-w'], '|'],
  ])('%s', (_, text, keys, expected) => {
    expect(show(press(fieldOf(text), ...keys))).toBe(expected);
  });

  test('wide characters, flags and combined letters are one step each', () => {
    expect(show(press(fieldOf('a界🇩🇪e'), 'left', 'left', 'backspace'))).toBe('a|🇩🇪e');
    const combined = editField(fieldOf('cafe'), { name: '́', text: '́' })!;
    expect(combined.text).toBe('café');
    expect(show(press(combined, 'backspace'))).toBe('caf|');
  });

  test('what is selected as a whole is replaced by what is typed, and kept by moving', () => {
    expect(show(press(selectAll(fieldOf('k3s-default')), 'd'))).toBe('d|');
    expect(show(press(selectAll(fieldOf('k3s-default')), 'backspace'))).toBe('|');
    expect(show(press(selectAll(fieldOf('k3s-default')), 'home', 'x'))).toBe('x|k3s-default');
    expect(show(paste(selectAll(fieldOf('old')), 'new'))).toBe('new|');
  });

  test('a paste with line breaks stays one line, and its last line break is dropped', () => {
    expect(paste(fieldOf(''), 'one\r\ntwo\nthree\n').text).toBe('one two three');
  });

  test('hostile text leaves nothing that a terminal would obey', () => {
    const hostile = 'a\x1b[2J\x1b]0;title\x07b\u202ec\u200b\x9b31md\0';
    expect(paste(fieldOf(''), hostile).text).toBe('abcd');
    const line = fieldLine(createTheme({ NO_COLOR: '1' }), fieldOf(hostile), 20, false);
    expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
  });

  test('keys that are none of its own are left to others', () => {
    for (const name of ['enter', 'escape', 'tab', 'up', 'down', 'ctrl-r', 'pageup']) {
      expect(editField(fieldOf('x'), { name, text: '' })).toBeUndefined();
    }
  });

  test('is drawn exactly as wide as asked, with the cursor in sight, whatever it holds', () => {
    const theme = createTheme({ NO_COLOR: '1' });
    const character = fc.constantFrom('a', 'ö', '界', '🇩🇪', '😀', ' ', ':');
    fc.assert(
      fc.property(
        fc.array(character, { maxLength: 40 }),
        fc.nat(40),
        fc.integer({ min: 4, max: 30 }),
        (all, at, width) => {
          const text = all.join('');
          const state = { text, cursor: all.slice(0, at).join('').length };
          expect(stringWidth(fieldLine(theme, state, width, true))).toBe(width);
          const view = viewField(state, width);
          expect(view.left + view.cursor + view.right).toContain(all[at] ?? ' ');
          expect(text.includes(view.left)).toBe(true);
        },
      ),
    );
  });

  test('a secret is dots', () => {
    expect(fieldLine(createTheme({ NO_COLOR: '1' }), fieldOf('hunter2'), 12, false, { secret: true })).toBe(
      '•••••••     ',
    );
  });
});

test('hints that do not fit go, how to leave stays', () => {
  const theme = createTheme({ NO_COLOR: '1' });
  const hints = [
    ['Tab', 'other button'],
    ['a', 'add another'],
    ['Esc', 'back'],
  ] as const;
  const shown = (width: number) => stripVTControlCharacters(hintLine(theme, hints, width));
  expect(shown(60)).toBe('Tab other button   a add another   Esc back');
  expect(shown(30)).toBe('Tab other button   Esc back');
  expect(shown(10)).toBe('Esc back');
});

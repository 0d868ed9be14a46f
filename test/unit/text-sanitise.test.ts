import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitise, sanitiseAnsi, sanitiseLines } from '../../src/text.ts';

/** Strings full of what terminals act on. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\x1b',
        '\x1b[',
        '\x1b]',
        '\x1bP',
        '\x1b\\',
        '\x9b',
        '\x9d',
        '\x07',
        '\x1b[31m',
        '\x1b[0m',
        '\x1b[8m',
        '\x1b[2J',
        '\x1b]0;title',
        '\x1b]8;;http://x\x07',
        '\x1b]52;c;aGk=\x07',
        '\r',
        '\n',
        '\t',
        '\b',
        '\x7f',
        '\u202e',
        '\u2066',
        '\u200b',
        '\u200d',
        '\ufe0f',
        '\u{1f3fd}',
        '\ufeff',
        '\u0301',
        '漢',
        '👨‍👩‍👧',
        '1️⃣',
        '\ud800',
        '\u1100',
        '\u1161',
        '38;5;',
        '48;2;1;2;3m',
        ';',
        'm',
      ),
      fc.string(),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map(parts => parts.join(''));

const ACTS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

describe('sanitise', () => {
  it.each([
    ['plain stays', 'hello world', 'hello world'],
    ['colours go', '\x1b[1;31mred\x1b[0m text', 'red text'],
    ['the screen is not cleared', 'a\x1b[2J\x1b[Hb', 'ab'],
    ['8-bit sequences go', 'a\x9b31mb\x9d0;t\x07c', 'abc'],
    ['the window title is not set', 'a\x1b]0;evil\x07b', 'ab'],
    ['what only looks like a sequence when another was taken out of it stays', '\x9da\x1b0b\x07c', 'abc'],
    ['the clipboard is not written', 'a\x1b]52;c;aGk=\x1b\\b', 'ab'],
    ['a link is only its text', '\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\', 'click'],
    ['an unterminated OSC does not eat the terminal', 'a\x1b]0;rest', 'a'],
    ['an unterminated DCS goes', 'a\x1bPq#0', 'a'],
    ['an unterminated CSI goes', 'a\x1b[31', 'a'],
    ['a string sequence ends where the next begins', 'a\x1b]0;x\x1b[31mb', 'ab'],
    ['text that was decoded wrongly stays', 'said â€\x9dyesâ€\x9d twice', 'said â€yesâ€ twice'],
    ['of progress the last state', '10%\r20%\r30%', '30%'],
    ['a Windows line end is no progress', 'line\r\n', 'line'],
    ['tabs reach the next stop', 'a\tb\t\tc', 'a       b               c'],
    ['tabs count columns, not characters', '漢\tb', '漢      b'],
    ['bidi overrides go', 'user\u202etxt.exe', 'usertxt.exe'],
    ['zero width goes', 'a\u200b\u200c\u200d\ufeff\u2060b', 'ab'],
    ['VS16 goes', '❤\ufe0f', '❤'],
    ['joined emoji come apart', '👨\u200d👩', '👨👩'],
    ['skin tones go', '👍\u{1f3fd}', '👍'],
    ['DEL and backspace go', 'a\x7f\bb', 'ab'],
    ['line breaks are one space', 'one\ntwo\r\nthree', 'one two three'],
    ['half a surrogate pair is replaced', 'a\ud800b', 'a\ufffdb'],
    ['marks do not pile up', `a${'\u0316'.repeat(50)}`, 'a\u0316\u0316\u0316'],
  ])('%s', (_, text, expected) => {
    expect(sanitise(text)).toBe(expected);
  });

  it('never lets through what a terminal acts on', () => {
    fc.assert(
      fc.property(hostile, text => {
        const clean = sanitise(text);
        expect(clean).not.toMatch(ACTS);
        expect(sanitise(clean)).toBe(clean);
      }),
    );
  });

  it('keeps lines apart when asked to', () => {
    expect(sanitiseLines('a\x1b[31m\r\n\tb\n')).toEqual(['a', '        b', '']);
  });

  it('takes time in proportion to the length, whatever the text', () => {
    for (const unit of ['\x9d', '\x9da', '\x1b', '\x1b[', '\x1b]', '\x1b[1;', '\u0301', '\r', '\t', '1;', '\x9b0;0']) {
      const started = performance.now();
      sanitise(unit.repeat(50_000));
      sanitiseAnsi(unit.repeat(50_000));
      expect(performance.now() - started).toBeLessThan(3000);
    }
  });
});

describe('sanitiseAnsi', () => {
  it.each([
    ['plain stays', 'hello', 'hello'],
    ['colours stay and are closed', '\x1b[31mred', '\x1b[31mred\x1b[0m'],
    ['a reset at the end is not doubled', '\x1b[31mred\x1b[0m', '\x1b[31mred\x1b[0m'],
    [
      '256 colours and true colours',
      '\x1b[38;5;200ma\x1b[0m\x1b[48;2;1;2;3mb',
      '\x1b[38;5;200ma\x1b[0m\x1b[48;2;1;2;3mb\x1b[0m',
    ],
    ['several in one', '\x1b[1;31mx\x1b[m', '\x1b[1m\x1b[31mx\x1b[0m'],
    ['concealed text is shown', '\x1b[8msecret\x1b[28m', 'secret'],
    ['blink goes', '\x1b[5mx', 'x'],
    ['colours out of range go', '\x1b[38;5;999mx', 'x'],
    ['half a colour goes', '\x1b[38;5mx', 'x'],
    ['private parameters go', '\x1b[?31mx\x1b[>4;1mx', 'xx'],
    ['other sequences go', 'a\x1b[2Jb\x1b]0;t\x07c', 'abc'],
    ['an 8-bit colour is rewritten', '\x9b32mok', '\x1b[32mok\x1b[0m'],
    ['a colour set before a carriage return still holds', '\x1b[31m10%\r20%', '\x1b[31m20%\x1b[0m'],
    ['styles without text leave nothing', '\x1b[31m\x1b[1m', ''],
  ])('%s', (_, text, expected) => {
    expect(sanitiseAnsi(text)).toBe(expected);
  });

  it('lets through only colours, and shows the same text as sanitise', () => {
    fc.assert(
      fc.property(hostile, text => {
        const clean = sanitiseAnsi(text);
        const styles = clean.match(/\x1b\[\d{1,3}(;\d{1,3}){0,4}m/g) ?? [];
        const bare = styles.reduce((rest, style) => rest.replace(style, ''), clean);
        expect(bare).not.toMatch(ACTS);
        // None is open at the end.
        expect(styles.at(-1) ?? '\x1b[0m').toBe('\x1b[0m');
        if (!/[\r\n\v\f\x85\u2028\u2029\p{M}\u1100\u1161]/u.test(text)) expect(bare).toBe(sanitise(text));
      }),
    );
  });
});

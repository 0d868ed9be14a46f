import fc from 'fast-check';
import measure from 'string-width';
import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatDuration,
  hideSecrets,
  NARROW_CLASS,
  sanitise,
  sanitiseAnsi,
  stringWidth,
  toWidth,
  truncate,
} from '../../src/text.ts';

const line = fc.oneof(
  fc.string({ unit: 'binary' }).map(sanitise),
  fc
    .array(
      fc.oneof(
        fc.constantFrom('\x1b[31m', '\x1b[0m', '\x1b[1;42m', '漢', '🎉', '🇩🇪', 'e\u0301', '\u1100\u1161'),
        fc.string(),
      ),
    )
    .map(parts => sanitiseAnsi(parts.join(''))),
);

describe('truncate and fit', () => {
  it.each([
    ['hello', 5, 'hello'],
    ['hello', 4, 'hel…'],
    ['hello', 1, '…'],
    ['hello', 0, ''],
    ['漢字漢字', 5, '漢字…'],
    ['漢字漢字', 6, '漢字…'],
    ['漢字', 4, '漢字'],
    ['\x1b[31mhello\x1b[0m', 5, '\x1b[31mhello\x1b[0m'],
    ['\x1b[31mhello\x1b[0m', 3, '\x1b[31mhe…\x1b[0m'],
    ['\x1b[31mhe\x1b[0mllo', 4, '\x1b[31mhe\x1b[0ml…'],
  ])('truncate %j to %i', (text, width, expected) => {
    expect(truncate(text, width)).toBe(expected);
  });

  it('fit fills and cuts to the column', () => {
    expect(toWidth('ab', 4)).toBe('ab  ');
    expect(toWidth('漢字漢', 5)).toBe('漢字…');
    expect(toWidth('漢字漢', 4)).toBe('漢… ');
    expect(toWidth('abc', 0)).toBe('');
  });

  it('fit takes exactly the width, truncate never more, whatever the text', () => {
    fc.assert(
      fc.property(line, fc.nat(40), (text, width) => {
        expect(stringWidth(toWidth(text, width))).toBe(width);
        expect(stringWidth(truncate(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('what is counted without the Unicode tables has a width of one in them, also beside its like', () => {
    const narrow = new RegExp(`^[${NARROW_CLASS}]$`);
    const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(char =>
      narrow.test(char),
    );
    expect(all.length).toBeGreaterThan(900);
    expect(all.filter(char => measure(char) !== 1)).toEqual([]);
    for (const char of ['│', 'é', '✗', '⠋']) expect(measure(all.join(char))).toBe(2 * all.length - 1);
  });

  it('the fast ways give the width that the Unicode tables give', () => {
    const mixed = fc
      .array(
        fc.oneof(
          fc.constantFrom('é', 'e\u0301', '●', '…', '│', '漢', '🎉', '🇩🇪', '©', 'ｶﾞ', '✓', '\u0e33'),
          fc.string(),
          line,
        ),
      )
      .map(parts => sanitiseAnsi(parts.join('')));
    fc.assert(
      fc.property(mixed, text => {
        // A style ends a character: a terminal draws what follows it into a cell of its own.
        const parts = text.split(/\x1b\[[\d;]*m/);
        expect(stringWidth(text)).toBe(parts.reduce((sum, part) => sum + measure(part), 0));
      }),
    );
  });

  it('a cut line leaves no colour open', () => {
    fc.assert(
      fc.property(line, fc.integer({ min: 1, max: 40 }), (text, width) => {
        const styles = truncate(text, width).match(/\x1b\[[\d;]*m/g) ?? [];
        if (styles.length > 0) expect(styles.at(-1)).toBe('\x1b[0m');
      }),
    );
  });
});

describe('figures', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [1048570, '1 MiB'],
    [200 * 1024 ** 2, '200 MiB'],
    [23.4 * 1024 ** 3, '23 GiB'],
  ])('%d bytes', (bytes, expected) => expect(formatBytes(bytes)).toBe(expected));

  it.each([
    [0, '0s'],
    [119, '119s'],
    [180, '3m'],
    [190, '3m10s'],
    [1800, '30m'],
    [7500, '2h5m'],
    [40_000, '11h'],
    [4 * 86400, '4d'],
    [4 * 86400 + 7200, '4d2h'],
    [400 * 86400, '400d'],
    [750 * 86400, '2y20d'],
    [-5, '0s'],
  ])('age of %d s', (seconds, expected) => expect(formatAge(seconds)).toBe(expected));

  it.each([
    [35, '35 ms'],
    [900, '0.9 s'],
    [9960, '10 s'],
    [12_300, '12 s'],
    [59_700, '1m'],
    [90_000, '1m30s'],
    [3_720_000, '1h2m'],
  ])('duration of %d ms', (ms, expected) => expect(formatDuration(ms)).toBe(expected));
});

describe('hideSecrets', () => {
  it('hides every occurrence, the longer secret first, also as it stands in a URL', () => {
    expect(hideSecrets('tok=abc abcdef pw=p%40ss', ['abc', 'abcdef', 'p@ss', ''])).toBe(
      'tok=<hidden> <hidden> pw=<hidden>',
    );
  });

  it('hides one that is written with escapes, as in JSON and YAML', () => {
    const secret = `a"b\\c'd\n`;
    const json = JSON.stringify({ Env: [`K3S_TOKEN=${secret}`] });
    expect(hideSecrets(json, [secret])).toBe('{"Env":["K3S_TOKEN=<hidden>"]}');
    expect(hideSecrets("token: 'it''s me'", ["it's me"])).toBe("token: '<hidden>'");
  });
});

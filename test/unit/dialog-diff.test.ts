import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTheme } from '../../components/theme.ts';
import { diffLines } from '../../components/widgets/diff-lines.ts';
import { diffView } from '../../components/widgets/diff-view.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 }).map(lines => lines.join('\n'));

test('the lines that stay and go are the text before, those that stay and come the text after', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after);
      const of = (kind: string) =>
        lines
          .filter(line => line.kind !== kind)
          .map(line => line.text)
          .join('\n');
      expect(of('added')).toBe(before);
      expect(of('removed')).toBe(after);
    }),
  );
});

test('shows a change with what stands around it, and says how much it leaves out', () => {
  const before = Array.from({ length: 20 }, (_, at) => `line ${at}`).join('\n');
  const view = diffView(createTheme({ NO_COLOR: '1' }), before, before.replace('line 10', 'line ten'), 24);
  expect(view.map(line => line.replace(/\x1b\[\d+m/g, '').trimEnd())).toEqual([
    '  ⋯ 8 equal lines',
    '  line 8',
    '  line 9',
    '- line 10',
    '+ line ten',
    '  line 11',
    '  line 12',
    '  ⋯ 7 equal lines',
  ]);
});

test('says so when nothing changes', () => {
  expect(diffView(createTheme({ NO_COLOR: '1' }), 'same', 'same\n', 30).join()).toContain('nothing changes');
});

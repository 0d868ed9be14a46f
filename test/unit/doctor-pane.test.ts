import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { paneLines } from '../../components/screens/doctor-screen.tsx';
import { createTheme } from '../../components/theme.ts';
import type { Finding } from '../../src/engine/doctor/finding.ts';

const theme = createTheme({ NO_COLOR: '1' });

const finding = (evidence: string[]): Finding => ({
  id: 'keeps-ending/k3d-demo-server-0',
  check: 'keeps-ending',
  area: 'cluster',
  severity: 'problem',
  cluster: 'demo',
  subject: 'k3d-demo-server-0',
  message: 'k3d-demo-server-0 keeps ending',
  evidence,
  remedy: { title: 'read its log', command: 'k3dui node logs k3d-demo-server-0' },
});

const shownIn = (evidence: string[], height?: number): string[] =>
  paneLines(theme, finding(evidence), 60, height).map(line => stripVTControlCharacters(line));

const lines = (count: number): string[] => Array.from({ length: count }, (_, at) => `line ${at}`);

describe('the pane under the findings', () => {
  test('shows all of a finding that has room', () => {
    const shown = shownIn(lines(2), 12);
    expect(shown).toEqual(shownIn(lines(2)));
    expect(shown.at(-1)).toContain('keeps-ending');
  });

  test('keeps what to do in sight, however much was seen', () => {
    const shown = shownIn(lines(40), 8);
    expect(shown).toEqual([
      'demo: k3d-demo-server-0 keeps ending',
      'Seen      line 0',
      '          line 1',
      '          line 2',
      '… d shows all',
      'Remedy    read its log',
      'Run       k3dui node logs k3d-demo-server-0',
      '          c copies the line',
    ]);
    for (const height of [1, 2, 3, 4, 5, 6, 7]) {
      const few = shownIn(lines(40), height);
      expect(few).toHaveLength(height);
      expect(few).toContain('… d shows all');
    }
  });
});

import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/file/parse.ts';
import { parseSettings } from '../../src/config/settings/parse.ts';
import { applyEdits, parseKubeconfig } from '../../src/engine/kubeconfig/document.ts';

/** A dozen lines of aliases that stand for 9^13 values. */
const BOMB = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 12 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(', ')}]`),
].join('\n');
const LOOP = 'a: &a\n  b: *a\n';
const ENTRY = { section: 'clusters' as const, name: 'k3d-a', entry: { name: 'k3d-a', cluster: {} } };

describe('a file in which aliases stand for more than memory holds', () => {
  test('is refused as a kubeconfig, and not written to', () => {
    const text = `${BOMB}\nclusters: []\n`;
    expect(() => parseKubeconfig(text)).toThrow('too much for a kubeconfig');
    expect(() => applyEdits(text, { entries: [ENTRY] })).toThrow('too much for a kubeconfig');
  });

  test('is refused as a config file and as settings, with the line', () => {
    expect(() => parseConfig(`apiVersion: k3d.io/v1alpha5\nkind: Simple\n${BOMB}\n`, 'x.yaml')).toThrow(/line \d+/);
    expect(() => parseSettings(BOMB, 's.yaml')).toThrow(/line \d+/);
  });

  test('or that stand for themselves, is refused too', () => {
    expect(() => parseKubeconfig(LOOP)).toThrow('kubeconfig');
    expect(() => parseSettings(LOOP, 's.yaml')).toThrow('s.yaml');
  });
});

test('a key that means something to JavaScript is a key like any other', () => {
  const text = '__proto__:\n  polluted: yes\nconstructor: x\nclusters: []\n';
  const edited = applyEdits(text, { entries: [ENTRY] });
  expect(edited).toContain('polluted');
  expect(edited).toContain('k3d-a');
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('aliases as people use them stay what they are', () => {
  const text = 'clusters:\n- name: one\n  cluster: &c {server: https://x}\n- name: two\n  cluster: *c\n';
  expect(parseKubeconfig(text).clusters).toEqual([
    { name: 'one', cluster: { server: 'https://x' } },
    { name: 'two', cluster: { server: 'https://x' } },
  ]);
});

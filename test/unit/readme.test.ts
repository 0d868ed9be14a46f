import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyTable } from '../../components/key-names.ts';

const root = join(import.meta.dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('README', () => {
  it('lists the keys as they are (npm run readme)', () => {
    expect(readme).toContain(keyTable());
  });

  it('shows only pictures that there are', () => {
    const pictures = [...readme.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(match => match[1]!);
    expect(pictures.length).toBeGreaterThan(2);
    expect(pictures.filter(picture => !existsSync(join(root, picture)))).toEqual([]);
  });

  it('names only npm scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const pages =
      readme +
      readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8') +
      readFileSync(join(root, 'test', 'README.md'), 'utf8');
    const named = [...pages.matchAll(/npm run ([\w-]+)/g)].map(match => match[1]!);
    expect(named.filter(name => !(name in scripts))).toEqual([]);
  });
});

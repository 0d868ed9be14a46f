/** `npm run readme`: puts the key table, made from components/keys.ts, into README.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyTable } from '../components/key-names.ts';

const path = join(import.meta.dirname, '..', 'README.md');
const readme = readFileSync(path, 'utf8');
writeFileSync(
  path,
  readme.replace(/(<!-- keys -->\n)[\s\S]*?(<!-- \/keys -->)/, (_, open, close) => `${open}${keyTable()}\n${close}`),
);

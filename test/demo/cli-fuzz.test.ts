import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCommands, commandTree } from '../unit/cli-tree.ts';
import { Replay } from './replay.ts';

/** Whatever is typed, the answer is words: an exit code, one fatal line at most, never a stack trace. Nothing is changed. */
const tree = allCommands(await commandTree());
const words = [...new Set(tree.flatMap(({ command }) => [command.name(), ...command.aliases()]))];
const flags = [
  ...new Set(tree.flatMap(({ command }) => command.options.flatMap(({ long, short }) => [long!, short ?? long!]))),
];

const nasty = [
  '',
  ' ',
  '-',
  '--',
  '---',
  '-=',
  '--=',
  '--=x',
  '=',
  '@',
  '@@',
  '\\@',
  'a@b@c',
  ';',
  ':',
  '::',
  '0',
  '-1',
  '99999999999999',
  '1e9',
  '0x10',
  'NaN',
  'true',
  'false',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  '/dev/null',
  '\x1b[31m',
  '\0',
  '\n',
  '\u202e',
  '💥',
  'a'.repeat(300),
  '$(id)',
  '%s',
  '{}',
  '[]',
  '[',
  '(',
  '*',
  '8080:80',
  '8080:80@server:0',
  '0.0.0.0:6550',
  '1.2.3.4/33',
  'auto',
  '10s',
  '-5m',
  '1h',
  'ops',
  'k3d-ops-server-0',
  'opsreg',
  'json',
  'A=b@server:0',
  'settings.x=1',
  '127.0.0.1:a,b',
  'nofile=1:2',
  'rancher/k3s:v1',
  'https://x:6443',
  '~',
  '.',
  '..',
];
const value = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const flag = fc.oneof(
  fc.constantFrom(...flags),
  fc.tuple(fc.constantFrom(...flags), value).map(([name, text]) => `${name}=${text}`),
  fc.tuple(fc.constantFrom(...flags), value).map(([name, text]) => `${name}${text}`),
);
const word = fc.oneof(
  { weight: 3, arbitrary: flag },
  { weight: 2, arbitrary: value },
  { weight: 1, arbitrary: fc.constantFrom(...words) },
);
/** Those that go on until they are stopped, or look around on this machine or elsewhere, are left out. */
const LEAVES = tree.filter(
  ({ path, command }) =>
    command.commands.length === 0 && !/^(doctor|up|down|settings|version list|leftovers)/.test(path),
);
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom(...LEAVES.map(({ path }) => path.split(' '))), fc.array(word, { maxLength: 6 }))
    .map(([path, rest]) => [...path, ...rest]),
  fc.array(word, { maxLength: 6 }),
);

let replay: Replay;
beforeAll(async () => {
  replay = await Replay.open({ seed: true, listen: false, pulse: false });
});
afterAll(() => replay?.close());

describe('whatever is typed', () => {
  it('is answered in words', async () => {
    await fc.assert(
      fc.asyncProperty(line, async argv => {
        const { code, stdout, stderr } = await replay.type(['--read-only', ...argv], 1000);
        const said = `${JSON.stringify(argv)} → ${code}\n${stdout}${stderr}`;
        // 3: doctor has found problems.
        expect([0, 1, 2, 3, 130], said).toContain(code);
        expect(stderr, said).not.toMatch(/^\s+at .*[:(]\d+:\d+\)?$/m);
        expect(stderr, said).not.toMatch(
          /TypeError|ReferenceError|RangeError|is not a function|Cannot read prop|undefined/,
        );
        expect((stderr.match(/^FATA\[/gm) ?? []).length, said).toBeLessThanOrEqual(1);
        expect(stderr + stdout, said).not.toMatch(/\x1b|\u202e|\0/);
        if (code !== 0 && stderr === '' && !argv.includes('doctor')) expect(stdout, said).toContain('"fatal"');
      }),
      { numRuns: 200, interruptAfterTimeLimit: 15_000 },
    );
  });
});

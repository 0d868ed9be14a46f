import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseFlags } from '../../src/cli/normalise-flags.ts';
import { allCommands, commandTree } from './cli-tree.ts';

const program = await commandTree();
const read = (...argv: string[]) => normaliseFlags(program, argv);

describe('flags as k3d takes them', () => {
  it.each([
    ['cluster create x -p8080:80', 'cluster create x --port=8080:80'],
    ['cluster create x -p=8080:80', 'cluster create x --port=8080:80'],
    ['cluster create -p 8080:80 x', 'cluster create --port=8080:80 x'],
    ['cluster create --k3s-arg --disable=traefik x', 'cluster create --k3s-arg=--disable=traefik x'],
    ['cluster create -e -c', 'cluster create --env=-c'],
    ['cluster create -a -1', 'cluster create --agents=-1'],
    ['cluster create --wait=false --no-lb=false', 'cluster create --no-wait --lb'],
    ['cluster create --wait=T --wait=0', 'cluster create --wait --no-wait'],
    [
      'kubeconfig merge -das=false x',
      'kubeconfig merge --kubeconfig-merge-default --all --no-kubeconfig-switch-context x',
    ],
    // The opposite would be --help, which tells how instead of making one.
    ['registry create x --no-help=false', 'registry create x'],
    ['registry create x --no-help=true', 'registry create x --no-help'],
    ['kubeconfig merge -ao file', 'kubeconfig merge --all --output=file'],
    ['cluster create -s=', 'cluster create --servers=='],
    ['--verbose cluster --trace=true list --no-headers', 'cluster list --verbose --trace --no-headers'],
    ['version -o json', 'version --output=json'],
    ['node shell x -- ls -p 8080', 'node shell x -- ls -p 8080'],
    ['cluster list -- --token', 'cluster list -- --token'],
    ['cluster --verbose', 'cluster'],
    ['kubeconfig merge x -o -', 'kubeconfig merge x --output=-'],
    // Nobody knows these; commander says so.
    ['cluster create -zp 80', 'cluster create -zp 80'],
    ['cluster create --nope=1', 'cluster create --nope=1'],
    ['cluster create --agents', 'cluster create --agents'],
  ])('%s', (line, canonical) => {
    expect(read(...line.split(' '))).toEqual(canonical.split(' '));
  });

  it('a flag that is on or off takes only what Go calls a boolean', () => {
    expect(() => read('cluster', 'create', '--wait=yes')).toThrow("invalid value 'yes' for --wait");
    expect(() => read('kubeconfig', 'get', '-a=on')).toThrow("invalid value 'on' for --all");
  });
});

describe('however flags are written and wherever they stand, they say the same', () => {
  const leaves = allCommands(program).filter(
    ({ command }) => command.commands.length === 0 && command.options.length > 0,
  );
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom('-', '--', '-x', '--no-lb', '=', 'a=b', '', 'list', '8080:80@all'),
  );

  it('every command', () => {
    const line = fc.constantFrom(...leaves).chain(({ path, command }) => {
      const options = command.options.filter(option => !option.long!.startsWith('--no-'));
      const flag = fc
        .constantFrom(...options)
        .chain(option =>
          option.required
            ? fc.tuple(fc.constant(option), value, fc.constantFrom('=', ' ', '-', '-=', '- '))
            : fc.tuple(fc.constant(option), fc.boolean().map(String), fc.constantFrom('=', '-=')),
        );
      return fc.tuple(fc.constant(path), fc.array(flag, { maxLength: 6 }));
    });
    fc.assert(
      fc.property(line, ([path, flags]) => {
        const written = flags.flatMap(([option, text, way]) => {
          const short = way.startsWith('-') ? option.short : undefined;
          if (!short) return way.endsWith(' ') ? [option.long!, text] : [`${option.long}=${text}`];
          if (way === '- ') return [short, text];
          // `-p=` alone means the value `=`, and `-p` before nothing takes the next argument.
          if (text === '') return [`${option.long}=`];
          return way === '-' && !text.startsWith('=') ? [`${short}${text}`] : [`${short}=${text}`];
        });
        const expected = flags.map(([option, text]) => {
          if (option.required) return `${option.long}=${text}`;
          return text === 'true' ? option.long! : `--no-${option.long!.slice(2)}`;
        });
        expect(read(...path.split(' '), ...written)).toEqual([...path.split(' '), ...expected]);
      }),
      { numRuns: 500 },
    );
  });
});

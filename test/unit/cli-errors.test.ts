import { describe, expect, it } from 'vitest';
import { appArguments } from '../../src/cli/app-arguments.ts';
import { Interrupts } from '../../src/cli/io.ts';
import { K3duiError } from '../../src/errors.ts';
import { runCli } from './cli-fake.ts';

describe('wrong command lines end with 1, one error and what to do', () => {
  it.each([
    ['cluster frobnicate', "unknown command 'frobnicate'", 'k3dui cluster --help'],
    ['cluster creat', "unknown command 'creat'", 'Did you mean create?'],
    ['cluser list', "unknown command 'cluser'", 'Did you mean cluster?'],
    ['cluster create x --nope', "unknown option '--nope'", 'k3dui cluster create --help'],
    ['cluster create x --agent 2', "unknown option '--agent'", 'Did you mean --agents?'],
    ['cluster create a b', 'too many arguments', 'k3dui cluster create --help'],
    ['cluster create x --agents', "option '-a, --agents <count>' argument missing", 'k3dui cluster create --help'],
    ['cluster create x --servers two', "invalid value 'two' for --servers", '--servers 3'],
    ['cluster create x --progress loud', 'Allowed choices are auto, plain, json', 'k3dui cluster create --help'],
    ['cluster start a --all', 'names and --all exclude each other', 'one or the other'],
    ['cluster edit x --port-add 1', "no cluster named 'x'", 'k3dui cluster create'],
    ['image import nginx -c x', "no cluster named 'x'", 'k3dui cluster create'],
  ])('%s', async (line, message, hint) => {
    const { code, stdout, stderr } = await runCli(line.split(' '));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n')).toHaveLength(3);
    expect(stderr).toMatch(/^FATA\[0000\] /);
    expect(stderr).toContain(message);
    expect(stderr).toContain(`hint: `);
    expect(stderr).toContain(hint);
  });

  it('stopping and starting what is not there fails, deleting it does not', async () => {
    expect((await runCli(['cluster', 'stop', 'nope'])).code).toBe(1);
    expect((await runCli(['cluster', 'start', 'nope'])).code).toBe(1);
  });

  it('shows the engine’s error with its hint, without control characters, and with its exit code', async () => {
    const openEngine = async () => {
      throw new K3duiError({
        code: 'DOCKER_UNREACHABLE',
        message: 'no \x1b[31mengine\x07',
        hint: 'start it',
        exitCode: 7,
      });
    };
    const result = await runCli(['cluster', 'list'], [], { openEngine });
    expect(result).toEqual({ code: 7, stdout: '', stderr: 'FATA[0000] no engine\n  hint: start it\n' });
  });

  it('says errors in JSON when progress is wanted in JSON', async () => {
    const { stdout, stderr } = await runCli(['cluster', 'stop', 'nope', '--progress', 'json']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ type: 'log', level: 'fatal', code: 'CLUSTER_UNKNOWN' });
  });
});

describe('signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s while waiting for the engine ends with %i', async (signal, code) => {
    const interrupts = new Interrupts();
    const openEngine = () => {
      queueMicrotask(() => interrupts.send(signal));
      return new Promise<never>(() => {});
    };
    const result = await runCli(['cluster', 'list'], [], { interrupts, openEngine });
    expect(result).toMatchObject({ code, stdout: '' });
  });

  it('the first cancels, the second gives undoing up, the third ends the process', () => {
    const ends: number[] = [];
    const interrupts = new Interrupts(code => ends.push(code));
    let again = 0;
    interrupts.onAgain(() => again++);
    interrupts.send('SIGINT');
    expect(interrupts.signal.aborted).toBe(true);
    interrupts.send('SIGINT');
    expect([again, ends]).toEqual([1, []]);
    interrupts.send('SIGINT');
    expect([again, ends]).toEqual([1, [130]]);
  });
});

describe('help and version', () => {
  it('a noun alone shows its commands and succeeds, as in k3d', async () => {
    const { code, stdout } = await runCli(['cluster']);
    expect(code).toBe(0);
    for (const verb of ['create', 'start', 'stop', 'restart', 'delete', 'list']) expect(stdout).toContain(`  ${verb}`);
  });

  it('every flag of k3d’s cluster create is in its help', async () => {
    const { code, stdout } = await runCli(['cluster', 'create', '--help']);
    expect(code).toBe(0);
    const flags =
      'agents agents-memory api-port config enforce-registry-port-match env gpus host-alias host-pid-mode image k3s-arg k3s-node-label kubeconfig-switch-context kubeconfig-update-default lb-config-override network no-image-volume no-lb no-rollback port registry-config registry-create registry-use runtime-label runtime-ulimit servers servers-memory subnet timeout token volume wait timestamps trace verbose';
    for (const flag of flags.split(' ')) expect(stdout).toMatch(new RegExp(`--${flag}\\b`));
  });

  it('fits into 80 columns, and is found in both ways', async () => {
    const { stdout } = await runCli(['help', 'cluster', 'create']);
    expect(stdout).toBe((await runCli(['cluster', 'create', '-h'])).stdout);
    const flagLines = stdout.split('\n').filter(line => line.startsWith('  -'));
    expect(flagLines.length).toBeGreaterThan(35);
    for (const line of flagLines) expect(line.length).toBeLessThanOrEqual(80);
    expect(await runCli(['help', 'cluster', 'frobnicate'])).toMatchObject({ code: 1, stdout: '' });
  });

  it('version in text and JSON', async () => {
    expect((await runCli(['version'])).stdout).toMatch(
      /^k3d version v5\S+\nk3s version v1\.\S+ \(default\)\nk3dui version v1\.2\.3\n$/,
    );
    expect((await runCli(['--version'])).stdout).toBe((await runCli(['version'])).stdout);
    expect(JSON.parse((await runCli(['version', '-o', 'json'])).stdout)).toEqual({
      k3dui: 'v1.2.3',
      k3d: expect.stringMatching(/^v5\./),
      k3s: expect.stringMatching(/^v1\./),
    });
  });
});

describe('app or command line', () => {
  it.each([
    [[], { demo: false }],
    [['--demo'], { demo: true }],
    [['--host', 'tcp://h:1', '--demo'], { demo: true, host: 'tcp://h:1' }],
    [['--host=tcp://h:1'], { demo: false, host: 'tcp://h:1' }],
    [['--demo', 'cluster', 'list'], undefined],
    [['--help'], undefined],
    [['--host'], undefined],
  ])('%j', (argv, expected) => {
    expect(appArguments(argv)).toEqual(expected && { readOnly: false, screenReader: false, ...expected });
  });
});

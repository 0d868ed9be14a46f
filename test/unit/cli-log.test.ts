import { describe, expect, it } from 'vitest';
import { Log } from '../../src/cli/log.ts';
import { collector } from './cli-fake.ts';

const NOON = Date.UTC(2026, 10, 23, 12, 0, 0);

function said(env: NodeJS.ProcessEnv, flags: { verbose?: boolean; trace?: boolean; timestamps?: boolean } = {}) {
  const stdout = collector();
  const stderr = collector();
  const log = new Log({ stdout, stderr, env, now: () => NOON, ...flags });
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) log.write(level, level);
  return { stdout: stdout.text(), stderr: stderr.text() };
}

describe('what is said, and where, as in k3d', () => {
  it('what is wrong on standard error, the rest on standard output', () => {
    expect(said({})).toEqual({
      stdout: 'INFO[0000] info\n',
      stderr: 'WARN[0000] warn\nERRO[0000] error\nFATA[0000] fatal\n',
    });
  });

  it.each([
    [{ LOG_LEVEL: 'debug' }, {}, 'DEBU INFO WARN ERRO FATA'],
    [{ LOG_LEVEL: 'WARNING' }, {}, 'WARN ERRO FATA'],
    [{ LOG_LEVEL: 'error' }, {}, 'ERRO FATA'],
    [{ LOG_LEVEL: 'panic' }, {}, 'FATA'],
    [{ LOG_LEVEL: 'nonsense' }, {}, 'INFO WARN ERRO FATA'],
    [{ LOG_LEVEL: 'error' }, { verbose: true }, 'DEBU INFO WARN ERRO FATA'],
    [{ LOG_LEVEL: 'error' }, { verbose: true, trace: true }, 'TRAC DEBU INFO WARN ERRO FATA'],
  ])('%j %j', (env, flags, labels) => {
    const { stdout, stderr } = said(env, flags);
    expect([...`${stdout}${stderr}`.matchAll(/^[A-Z]+/gm)].map(String).join(' ')).toBe(labels);
  });

  it('colours where LOG_COLORS wants them; a line of fields where it does not', () => {
    expect(said({ LOG_COLORS: '1' }).stdout).toBe('\x1b[36mINFO\x1b[0m[0000] info\n');
    expect(said({ LOG_COLORS: 'yes' })).toEqual(said({}));
    const { stdout, stderr } = said({ LOG_COLORS: 'false', TZ: 'UTC' });
    expect(stdout).toMatch(/^time="2026-11-23T\d\d:\d\d:00(Z|[+-]\d\d:\d\d)" level=info msg=info\n$/);
    expect(stderr).toContain(' level=warning msg=warn\n');
  });

  it('the time instead of the seconds', () => {
    for (const text of [said({}, { timestamps: true }).stdout, said({ LOG_TIMESTAMPS: 'x' }).stdout]) {
      const [, time] = /^INFO\[(.+)\] info\n$/.exec(text)!;
      expect(Date.parse(time!)).toBe(NOON);
    }
  });

  it('quotes what is more than a word, and keeps a line a line', () => {
    const stdout = collector();
    const log = new Log({ stdout, stderr: stdout, env: { LOG_COLORS: '0' }, now: () => NOON });
    log.write('error', 'no "k3s"\nhere', { code: 'X', hint: undefined });
    expect(stdout.text()).toMatch(/ level=error msg="no \\"k3s\\"\\nhere" code=X\n$/);
  });
});

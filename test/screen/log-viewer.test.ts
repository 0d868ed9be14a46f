import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { connectDocker } from '../../src/docker/connect.ts';
import { App, demoWith } from './app.ts';
import { expectColourless, expectNoOverflow } from './checks.ts';
import type { Terminal } from './terminal.ts';

const SERVER = 'k3d-alpha-server-0';
const AGENT = 'k3d-alpha-agent-0';

let demo: Demo;
beforeAll(async () => {
  demo = await demoWith([['alpha', '--agents', '1'], ['beta']]);
});
afterAll(() => demo.close());

const say = (name: string, text: string): void => demo.world.container(name).log.add(2, `${text}\n`);

/** The app with the log of these nodes open. */
async function opened(
  names = SERVER,
  options: { cols?: number; rows?: number; env?: Record<string, string> } = {},
): Promise<App> {
  const app = App.start({ host: demo.host, cols: 100, rows: 30, ...options });
  const { terminal } = app;
  await terminal.waitFor(/alpha\s+● running/);
  terminal.type(`:logs ${names}\r`);
  await terminal.waitFor(/↓ following/);
  return app;
}

/** Every row of the pane is closed at the right edge: nothing is wider or narrower than it should be. */
async function expectWhole(terminal: Terminal): Promise<void> {
  // A frame may still be on its way.
  await terminal.waitIdle(100).catch(() => {});
  expectNoOverflow(terminal);
  const rows = terminal.screen();
  const top = rows.findIndex(row => row.startsWith('╭'));
  const bottom = rows.findIndex(row => row.startsWith('╰'));
  expect(bottom).toBeGreaterThan(top);
  for (let y = top + 1; y < bottom; y++) {
    const buffer = terminal.emulator.buffer.active;
    expect(
      buffer
        .getLine(buffer.baseY + y)
        ?.getCell(terminal.cols - 1)
        ?.getChars(),
      rows[y],
    ).toBe('│');
  }
}

describe('logs', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('of a whole cluster are one log with the names of its nodes, at %i×%i', async (cols, rows) => {
    await using app = App.start({ host: demo.host, cols, rows });
    const { terminal } = app;
    await terminal.waitFor(/alpha\s+● running/);
    terminal.press('l');
    await terminal.waitFor(/Logs of server-0 agent-0 serverlb/);
    say(SERVER, 'spoken by the server');
    say(AGENT, 'spoken by the agent');
    await terminal.waitFor(/server-0\s+spoken by the server/);
    await terminal.waitFor(/agent-0\s+spoken by the agent/);
    const text = terminal.text();
    expect(text.indexOf('by the server')).toBeLessThan(text.indexOf('by the agent'));
    await expectWhole(terminal);
    terminal.press('Esc');
    await terminal.waitFor(/alpha\s+● running/);
  });

  test('of marked nodes are shown together', async () => {
    await using app = App.start({ host: demo.host, cols: 120, rows: 30 });
    const { terminal } = app;
    await terminal.waitFor(/alpha\s+● running/);
    terminal.type(':nodes alpha\r');
    await terminal.waitFor(/Nodes of alpha/);
    terminal.press('Space', 'Space', 'l');
    await terminal.waitFor(/Logs of server-0 agent-0 ─/);
  });

  test('are followed until s, and again after it', async () => {
    await using app = await opened();
    const { terminal } = app;
    say(SERVER, 'seen at once');
    await terminal.waitFor('seen at once');
    terminal.press('s');
    await terminal.waitFor(/‖ not following/);
    for (let i = 0; i < 60; i++) say(SERVER, `while nobody follows ${i}`);
    await terminal.waitIdle(300);
    expect(terminal.text()).not.toContain('while nobody follows 59');
    terminal.press('Shift-G');
    await terminal.waitFor('while nobody follows 59');
    await terminal.waitFor(/↓ following/);
    terminal.press('k', 'k', 'k');
    await terminal.waitGone('while nobody follows 59');
    terminal.press('j', 'j', 'j');
    await terminal.waitFor(/↓ following/);
  });

  test('are searched: highlighted, counted, next and previous, and Esc ends it', async () => {
    for (let i = 0; i < 3; i++) say(AGENT, `needle number ${i}`);
    await using app = await opened(AGENT);
    const { terminal } = app;
    terminal.type('/NEEDLE');
    await terminal.waitFor(/\/NEEDLE: 3 /);
    terminal.press('Enter');
    await terminal.waitFor(/\/NEEDLE: 3 of 3/);
    await terminal.waitFor(/▸ needle number 2/);
    const { x, y } = terminal.find('needle number 2');
    expect(terminal.cellStyle(x, y).inverse).toBe(true);
    expect(terminal.cellStyle(x + 7, y).inverse).toBe(false);
    terminal.press('Shift-N');
    await terminal.waitFor(/▸ needle number 1/);
    await terminal.waitFor(/\/NEEDLE: 2 of 3/);
    terminal.press('n');
    await terminal.waitFor(/▸ needle number 2/);
    terminal.press('n');
    await terminal.waitFor(/this is the last match/);
    terminal.press('Esc');
    await terminal.waitGone(/\/NEEDLE/);
    terminal.type('/(');
    await terminal.waitFor(/✗ /);
    terminal.press('Esc');
  });

  test('are filtered: what matches is kept, or hidden with !', async () => {
    say(AGENT, 'to be kept');
    say(AGENT, 'to be dropped');
    await using app = await opened(AGENT);
    const { terminal } = app;
    terminal.type('&to be k\r');
    await terminal.waitGone('to be dropped');
    await terminal.waitFor(/│\s+to be kept/);
    await terminal.waitFor(/1 of \d+ lines/);
    say(AGENT, 'to be kept as well');
    await terminal.waitFor('to be kept as well');
    terminal.press('Esc');
    await terminal.waitFor('to be dropped');
    terminal.type('&!dropped\r');
    await terminal.waitGone('to be dropped');
    terminal.press('Esc');
    await terminal.waitFor('to be dropped');
    terminal.type('&nothing has this in it\r');
    await terminal.waitFor(/No line passes the filter/);
  });

  test('show times, wrap, move sideways, mark, and go back in time', async () => {
    await using app = await opened();
    const { terminal } = app;
    say(SERVER, `wide ${'.'.repeat(150)} end of the wide line`);
    await terminal.waitFor(/wide \.\.\./);
    expect(terminal.text()).not.toContain('end of the wide line');
    terminal.press('w');
    await terminal.waitFor('end of the wide line');
    terminal.press('w');
    await terminal.waitGone('end of the wide line');
    for (let i = 0; i < 5; i++) terminal.press('Right');
    await terminal.waitFor('end of the wide line');
    await terminal.waitFor(/from column 101/);
    for (let i = 0; i < 5; i++) terminal.press('Left');
    await terminal.waitFor(/wide \.\.\./);
    terminal.press('t');
    await terminal.waitFor(/\d\d:\d\d:\d\d\.\d{3} wide/);
    terminal.press('m');
    await terminal.waitFor(/── mark at \d\d:\d\d:\d\d ─/);
    terminal.press('1');
    await terminal.waitFor(/last 1m/);
    terminal.press('0');
    await terminal.waitGone(/last 1m/);
    await expectWhole(terminal);
  });

  test('go to the errors, which are coloured and counted', async () => {
    say('k3d-beta-server-0', 'E1123 05:27:43.591230 1 x.go:1] the first trouble');
    for (let i = 0; i < 50; i++) say('k3d-beta-server-0', `I1123 05:27:43.591230 1 x.go:1] fine ${i}`);
    say('k3d-beta-server-0', 'time="2026-11-23T05:27:38Z" level=error msg="the second trouble"');
    for (let i = 0; i < 50; i++) say('k3d-beta-server-0', `I1123 05:27:43.591230 1 x.go:1] fine again ${i}`);
    await using app = await opened('k3d-beta-server-0');
    const { terminal } = app;
    await terminal.waitFor(/fine again 49/);
    await terminal.waitFor(/\d errors/);
    terminal.press('Shift-E');
    await terminal.waitFor(/▸ .*/);
    for (let i = 0; i < 20 && !/▸ .*the first trouble/.test(terminal.text()); i++) {
      terminal.press('e');
      await terminal.waitIdle(100);
    }
    const { x, y } = terminal.find('E1123');
    expect(terminal.cellStyle(x, y).foreground).not.toBe(terminal.cellStyle(x, y + 1).foreground);
    terminal.press('e');
    await terminal.waitFor(/▸ .*the second trouble/);
    terminal.press('e');
    await terminal.waitFor(/no error after this line/);
  });

  test('are copied from here to there, saved to a file, and exported for all nodes', async () => {
    for (let i = 0; i < 5; i++) say(AGENT, `copy me ${i}`);
    await using app = await opened(AGENT);
    const { terminal } = app;
    await terminal.waitFor('copy me 4');
    terminal.press('Space', 'k', 'k');
    await terminal.waitFor(/selecting/);
    terminal.press('c');
    await terminal.waitFor(/copied .*3 lines/);
    const copied = /\x1b\]52;c;([^\x07]*)\x07/.exec(terminal.raw)?.[1] ?? '';
    expect(Buffer.from(copied, 'base64').toString()).toBe('copy me 2\ncopy me 3\ncopy me 4');

    terminal.type('&copy me\r');
    await terminal.waitFor(/5 of \d+ lines/);
    terminal.press('Ctrl-S');
    await terminal.waitFor(/save as k3d-alpha-agent-0-/);
    terminal.press('Ctrl-U');
    terminal.type('saved/my.log\r');
    await terminal.waitFor(/5 lines saved to/);
    const saved = join(app.home, 'saved', 'my.log');
    expect(readFileSync(saved, 'utf8')).toBe(Array.from({ length: 5 }, (_, i) => `copy me ${i}\n`).join(''));
    expect(statSync(saved).mode & 0o777).toBe(0o600);
    terminal.press('Ctrl-S');
    await terminal.waitFor(/save as/);
    terminal.press('Ctrl-U');
    terminal.type('saved/my.log\r');
    await terminal.waitFor(/save: .*exist/);

    terminal.press('Esc', 'Esc');
    await terminal.waitFor(/alpha\s+● running/);
    terminal.press('Shift-X');
    await terminal.waitFor(/export to k3d-alpha-logs-/);
    terminal.press('Ctrl-U');
    terminal.type('exported\r');
    await terminal.waitFor(/3 logs, .* in /);
    expect(readdirSync(join(app.home, 'exported')).sort()).toEqual([
      `${AGENT}.log`,
      `${SERVER}.log`,
      'k3d-alpha-serverlb.log',
    ]);
  });

  test('load what is older when somebody goes up, to the beginning', async () => {
    for (let i = 0; i < 3500; i++) say('k3d-beta-serverlb', `numbered ${i}.`);
    await using app = await opened('k3d-beta-serverlb');
    const { terminal } = app;
    await terminal.waitFor('numbered 3499.');
    await terminal.waitFor(/1,000 lines\+/);
    terminal.type('/numbered 17\\.\r');
    await terminal.waitFor(/▸ numbered 17\./, 20_000);
    terminal.press('Esc', 'g');
    await terminal.waitGone(/lines\+/);
    terminal.press('g');
    await terminal.waitFor('numbered 0.');
  });

  test('go on when the node is restarted, and say so', async () => {
    // Room for all that k3s says at its start: the note stands above it.
    await using app = await opened('k3d-beta-server-0', { rows: 60 });
    const { terminal } = app;
    const docker = await connectDocker({ env: {}, host: demo.host });
    try {
      await docker.stopContainer('k3d-beta-server-0');
      await terminal.waitFor(/── k3d-beta-server-0 stopped, exit code/);
      await terminal.waitFor(/○ stopped/);
      await docker.startContainer('k3d-beta-server-0');
      await terminal.waitFor(/── k3d-beta-server-0 started again/);
      await terminal.waitGone(/○ stopped/);
      terminal.press('p');
      await terminal.waitFor(/▸ /);
    } finally {
      docker.close();
    }
  });

  test('say that a node is not there', async () => {
    await using app = App.start({ host: demo.host });
    await app.terminal.waitFor(/alpha/);
    app.terminal.type(':logs nowhere\r');
    await app.terminal.waitFor(/no node or cluster 'nowhere'/);
  });
});

describe('a hostile log', () => {
  const EVIL = [
    '\x1b[2J\x1b[Hcleared',
    '\x1b]0;evil title\x07titled',
    '\x1b]52;c;ZXZpbA==\x07clipboard',
    'bells \x07\x07\x07',
    'hidden\rshown',
    '\x1b[?1049l\x1b[?25hleft the screen',
    '\x1bcreset',
    '\x1b[5;5Hmoved \x1b[10Bdown',
    'bidi \u202egnp.exe',
    `wide 漢字 👩‍👩‍👧‍👦 e\u0301\u0301\u0301\u0301 ${'漢'.repeat(300)}`,
    `\x9b2J\x9d0;x\x9c8-bit`,
    '\x1b]unterminated',
    '\x1bPdevice control\x1b\\',
    `long ${'x'.repeat(1_000_000)}`,
  ];

  test.each([
    ['wrapped', 'w'],
    ['not wrapped', ''],
  ])('leaves the screen whole and the terminal alone, %s', async (_, keys) => {
    await using app = await opened(AGENT);
    const { terminal } = app;
    let title = '';
    terminal.emulator.onTitleChange(text => {
      title = text;
    });
    let bells = 0;
    terminal.emulator.onBell(() => bells++);
    if (keys !== '') terminal.press(keys);
    const before = terminal.raw.length;
    const { log } = demo.world.container(AGENT);
    for (const text of EVIL.slice(0, -1)) log.add(2, `${text}\n`);
    await terminal.waitFor('8-bit');
    await expectWhole(terminal);
    log.add(2, `${EVIL.at(-1)}\n`);
    log.add(2, 'after all that\n');
    await terminal.waitFor('after all that');
    await terminal.waitIdle(200);
    await expectWhole(terminal);
    const written = terminal.raw.slice(before);
    expect(written).not.toMatch(/\x1b\]|\x07|\x1bP|\x1bc|\x9b|\x9d|\u202e|\x1b\[2J|\x1b\[\?1049l/);
    expect(title).toBe('');
    expect(bells).toBe(0);
    expect(terminal.state().alternateScreen).toBe(true);
    expect(terminal.text()).not.toContain('hidden');
  });

  test('is as harmless without colours, and those are left out', async () => {
    await using app = await opened(`${AGENT}`, { env: { NO_COLOR: '1' } });
    const { terminal } = app;
    say(AGENT, '\x1b[31mred\x1b[0m E1123 and level=error');
    await terminal.waitFor(/red E1123/);
    terminal.press('Esc');
    await terminal.waitFor(/alpha\s+● running/);
    expectColourless(terminal.raw);
  });
});

test('an engine that goes away and comes back is said among the lines, and none is missing or doubled', async () => {
  const away = await demoWith([['alpha']]);
  try {
    await using app = App.start({ host: away.host, cols: 120, rows: 40 });
    const { terminal } = app;
    await terminal.waitFor(/alpha\s+● running/);
    terminal.type(`:logs ${SERVER}\r`);
    await terminal.waitFor(/↓ following/);
    const { log } = away.world.container(SERVER);
    log.add(2, 'before it went\n');
    await terminal.waitFor('before it went');
    await away.die();
    await terminal.waitFor(/── k3d-alpha-server-0 cannot be read for now/);
    await terminal.waitFor(/✗ cannot be read · ↓ following/);
    log.add(2, 'while it was away\n');
    await away.revive();
    await terminal.waitFor('while it was away', 20_000);
    await terminal.waitGone(/✗ cannot be read/);
    expect(terminal.screen().filter(row => row.includes('before it went'))).toHaveLength(1);
    terminal.press('q', 'q');
    expect((await terminal.waitExit()).exitCode).toBe(0);
  } finally {
    await away.close();
  }
});

test('a flood never blocks keys, through resizes and screens, and ends with the view', async () => {
  await using app = await opened(SERVER, { cols: 120, rows: 40 });
  const { terminal } = app;
  const { log } = demo.world.container(SERVER);
  let lines = 0;
  const flood = setInterval(() => {
    for (let i = 0; i < 100; i++) log.add(2, `flood ${lines++} ${'.'.repeat(100)}\n`);
  }, 10);
  try {
    await terminal.waitFor(/flood \d{4}/);
    for (const [cols, rows] of [
      [80, 24],
      [160, 50],
      [100, 30],
    ] as const) {
      terminal.resize(cols, rows);
      terminal.press('w');
      await terminal.waitFor(/wrapped/);
      terminal.press('w');
      await terminal.waitGone(/wrapped/);
    }
    terminal.press('s');
    await terminal.waitFor(/‖ not following/);
    await terminal.waitIdle(50, 200).catch(() => {});
    const still = /flood (\d+)/.exec(terminal.text())?.[1];
    terminal.press('t', 't');
    await terminal.waitFor(/lines/);
    expect(/flood (\d+)/.exec(terminal.text())?.[1]).toBe(still);
    terminal.press('?');
    await terminal.waitFor(/every key of this screen/);
    terminal.press('Esc');
    await terminal.waitFor(/not following/);
    terminal.press('s');
    await terminal.waitFor(/↓ following/);
    terminal.press('Esc');
    await terminal.waitFor(/alpha\s+● running/);
  } finally {
    clearInterval(flood);
  }
});

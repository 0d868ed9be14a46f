import { type ChildProcess, execFileSync, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { imageNames } from '../bed/names.ts';
import { App } from '../screen/app.ts';
import { Terminal } from '../screen/terminal.ts';
import { cpuSeconds, isHere, residentMegabytes, spread, summarise, time } from './measure.ts';

const BIG_LOG_BYTES = 500_000_000;
const BIG_LINE =
  'time="2026-11-23T05:27:33Z" level=info msg="a message of about as many characters as k3s has in one of its own lines"';
const NODE = 'k3d-load-0001-server-0';

/**
 * The log viewer in a pseudo-terminal: a flood of 20,000 lines a second for a minute (6 s when `quick`), and the end of
 * a log of 500 MB on the real engine (left out when `quick` or where there is no engine).
 */
export async function benchLogs(quick: boolean): Promise<string[][]> {
  const rows = await benchFlood(quick ? 6 : 60);
  if (!quick) rows.push(...(await benchBigLog()));
  rows.push(await benchFloodElsewhere());
  return rows;
}

async function benchFlood(seconds: number): Promise<string[][]> {
  const flood = await Flood.open();
  try {
    await using app = App.start({ host: flood.host, cols: 160, rows: 45 });
    const { terminal } = app;
    await terminal.waitFor(/load-0001/, 20_000);
    terminal.type(`:logs ${NODE}\r`);
    await terminal.waitFor(/following/, 20_000);
    await sleep(2000);
    const { pid } = terminal;
    const memoryBefore = residentMegabytes(pid);
    await flood.start();
    await sleep(1000);
    const cpuBefore = cpuSeconds(pid);
    const begin = performance.now();
    const paints: number[] = [];
    let memoryMost = 0;
    let wrapped = false;
    while (performance.now() - begin < seconds * 1000) {
      paints.push(await keyToPaint(app, wrapped));
      wrapped = !wrapped;
      memoryMost = Math.max(memoryMost, residentMegabytes(pid));
      await sleep(200);
    }
    const share = ((cpuSeconds(pid) - cpuBefore) / ((performance.now() - begin) / 1000)) * 100;
    const { lines, rate } = await flood.stop();
    const paint = summarise(paints);
    const what = `flood of ${Math.round(rate).toLocaleString('en')} lines/s for ${seconds} s`;
    const rows = [
      [`${what}: key to painted frame`, `${time(paint.median)}, p99 ${time(paint.p99)}`, 'wanted: p99 < 50 ms', ''],
      [`${what}: processor`, `${share.toFixed(1)} % of one core`, 'wanted: < 40 %', ''],
      [
        `memory after ${lines.toLocaleString('en')} lines`,
        `${residentMegabytes(pid)} MB, at most ${memoryMost} MB`,
        `before: ${memoryBefore} MB; wanted: at most 60 MB more`,
        '',
      ],
    ];
    terminal.press('Esc');
    await terminal.waitFor(/API/);
    await flood.start();
    await sleep(1000);
    const hiddenBefore = cpuSeconds(pid);
    await sleep(3000);
    const hidden = ((cpuSeconds(pid) - hiddenBefore) / 3) * 100;
    rows.push(['the same flood, view not shown', `${hidden.toFixed(1)} % of one core`, '', '']);
    return rows;
  } finally {
    flood.close();
  }
}

/** What the same flood costs lazydocker, which shows the log of the container that is selected. */
async function benchFloodElsewhere(): Promise<string[]> {
  const what = 'the same flood beside lazydocker: processor';
  if (!isHere('lazydocker')) return [what, '', 'not measured: lazydocker is not on this machine', ''];
  const flood = await Flood.open();
  try {
    const env = { DOCKER_HOST: flood.host };
    await using terminal = Terminal.start('lazydocker', [], { cols: 160, rows: 45, env });
    await terminal.waitFor(/server-0/, 20_000);
    await flood.start();
    // Which container is first in its list is lazydocker's to say: down, until the lines that flood are to be seen.
    while (!terminal.raw.includes('a message of about')) {
      await sleep(1000);
      if (!terminal.raw.includes('a message of about')) terminal.press('Down');
    }
    const before = cpuSeconds(terminal.pid);
    await sleep(10_000);
    const share = ((cpuSeconds(terminal.pid) - before) / 10) * 100;
    return [what, '', `${share.toFixed(1)} % of one core, ${residentMegabytes(terminal.pid)} MB`, ''];
  } finally {
    flood.close();
  }
}

/** Milliseconds from a key (w) to its effect on the screen of the emulator; frames come all the time. */
async function keyToPaint({ terminal }: App, wrapped: boolean): Promise<number> {
  const begin = performance.now();
  terminal.type('w');
  // The pane says "wrapped" in its lower border.
  const says = (rows: string[]) => rows.some(row => row.startsWith('╰') && row.includes('wrapped'));
  await (wrapped ? terminal.waitGone(says, 5000) : terminal.waitFor(says, 5000));
  return performance.now() - begin;
}

/** The process that writes. */
class Flood {
  readonly host: string;
  readonly #child: ChildProcess;
  #begun = 0;

  private constructor(child: ChildProcess, host: string) {
    this.#child = child;
    this.host = host;
  }

  static async open(): Promise<Flood> {
    const child = fork(join(import.meta.dirname, 'log-flood.ts'), { execArgv: [] });
    const [{ host }] = (await once(child, 'message')) as [{ host: string }];
    return new Flood(child, host);
  }

  async start(): Promise<void> {
    this.#begun = performance.now();
    await this.#ask('start');
  }

  async stop(): Promise<{ lines: number; rate: number }> {
    const seconds = (performance.now() - this.#begun) / 1000;
    const { lines } = await this.#ask('stop');
    return { lines, rate: lines / seconds };
  }

  async #ask(what: 'start' | 'stop'): Promise<{ lines: number }> {
    this.#child.send(what);
    const [answer] = (await once(this.#child, 'message')) as [{ lines: number }];
    return answer;
  }

  close(): void {
    this.#child.disconnect();
  }
}

/** From the key `l` to the last line of a log of 500 MB. */
async function benchBigLog(): Promise<string[][]> {
  const name = 'k3d-k3duibenchlog-server-0';
  const docker = (...args: string[]) =>
    execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const image = imageNames(process.env).K3DUI_TEST_IMAGE;
  if (spawnSync('docker', ['image', 'inspect', image]).status !== 0)
    return [['open a log of 500 MB', `not measured: no engine, or no image ${image} on it`, '', '']];
  const labels = ['app=k3d', 'k3d.cluster=k3duibenchlog', 'k3d.role=server'].flatMap(label => ['--label', label]);
  const lines = Math.ceil(BIG_LOG_BYTES / (BIG_LINE.length + 1));
  const script = `yes '${BIG_LINE}' | head -n ${lines}; echo the very last line; sleep 100000`;
  docker('run', '--detach', '--init', '--name', name, ...labels, '--entrypoint', 'sh', image, '-c', script);
  try {
    while (docker('logs', '--tail', '1', name) !== 'the very last line') await sleep(1000);
    const figures: number[] = [];
    for (let run = 0; run < 5; run++) {
      await using app = App.start({ cols: 160, rows: 45 });
      const { terminal } = app;
      await terminal.waitFor(/k3duibenchlog/, 20_000);
      terminal.type(`:logs ${name}`);
      await terminal.waitIdle(300);
      const begin = performance.now();
      terminal.press('Enter');
      while (!terminal.raw.includes('the very last line')) await sleep(1);
      figures.push(performance.now() - begin);
    }
    return [['open a log of 500 MB: key to its end on the screen', spread(summarise(figures)), 'wanted: < 300 ms', '']];
  } finally {
    docker('rm', '--force', '--volumes', name);
  }
}

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportLogs } from '../../src/engine/logs/export.ts';
import { type LogFeed, type LogFeedOptions, openLogs } from '../../src/engine/logs/feed.ts';
import { BLOCK_BYTES } from '../../src/engine/logs/line-block.ts';
import { type Bench, create, openBench, spec } from './engine.ts';

const SERVER = 'k3d-demo-server-0';
const AGENT = 'k3d-demo-agent-0';

let bench: Bench;
let feeds: LogFeed[];
beforeEach(async () => {
  bench = await openBench();
  await (await create(bench.engine, spec('demo', { agents: 1 }))).finished;
  feeds = [];
});
afterEach(async () => {
  for (const feed of feeds) feed.close();
  await bench.close();
});

function open(names: string[], options?: LogFeedOptions): LogFeed {
  const feed = openLogs(
    bench.engine.docker,
    names.map(name => ({ id: bench.demo.world.container(name).id, name })),
    options,
  );
  feeds.push(feed);
  feed.resume();
  return feed;
}

const texts = ({ ring }: LogFeed): string[] =>
  Array.from({ length: ring.count }, (_, at) => ring.text(ring.first + at));
const say = (name: string, text: string): void => bench.demo.world.container(name).log.add(2, `${text}\n`);

/** Waits until it is so of the feed; fails with what it holds. */
function until(feed: LogFeed, what: (feed: LogFeed) => boolean, deadline = 10_000): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      stop();
      reject(
        new Error(
          `it did not become so; the feed is ${feed.states} and holds\n${texts(feed)
            .slice(-12)
            .map(line => line.slice(0, 80))
            .join('\n')}`,
        ),
      );
    };
    const check = (): void => {
      if (!what(feed)) return;
      stop();
      resolve();
    };
    const timer = setTimeout(fail, deadline);
    const unsubscribe = feed.subscribe(check);
    const stop = (): void => {
      clearTimeout(timer);
      unsubscribe();
    };
    check();
  });
}

const has = (text: string) => (feed: LogFeed) => texts(feed).some(line => line.includes(text));

describe('following logs', () => {
  it('of one node: its past, then what it says', async () => {
    say(SERVER, 'said before');
    const feed = open([SERVER]);
    await until(feed, has('said before'));
    say(SERVER, 'said after');
    await until(feed, has('said after'));
    expect(feed.states).toEqual(['live']);
    expect(texts(feed).filter(line => line.startsWith('said'))).toEqual(['said before', 'said after']);
  });

  it('of several nodes: one log in time order', async () => {
    const feed = open([SERVER, AGENT]);
    await until(feed, ({ states }) => states.every(state => state === 'live'));
    for (let i = 0; i < 200; i++) say(i % 3 === 0 ? AGENT : SERVER, `step ${i}`);
    await until(feed, has('step 199'));
    const steps = texts(feed).filter(line => line.startsWith('step'));
    expect(steps).toEqual(Array.from({ length: 200 }, (_, i) => `step ${i}`));
    const first = texts(feed).indexOf('step 0') + feed.ring.first;
    expect(feed.sources[feed.ring.source(first)]?.name).toBe(AGENT);
  });

  it('goes on when the container stops and starts, and says so; nothing comes twice', async () => {
    const feed = open([SERVER]);
    say(SERVER, 'in the first run');
    await until(feed, has('in the first run'));
    await bench.engine.docker.stopContainer(SERVER);
    await until(feed, has(`${SERVER} stopped, exit code`));
    expect(feed.states).toEqual(['stopped']);
    await bench.engine.docker.startContainer(SERVER);
    await until(feed, has(`${SERVER} started again`));
    say(SERVER, 'in the second run');
    await until(feed, has('in the second run'));
    for (const once of ['in the first run', 'in the second run', 'started again']) {
      expect(
        texts(feed).filter(line => line.includes(once)),
        once,
      ).toHaveLength(1);
    }
  });

  it('finds the node again when it was replaced by a new container of that name', async () => {
    const { docker } = bench.engine;
    const feed = open([AGENT]);
    await until(feed, ({ ring }) => ring.count > 0);
    const { Config, HostConfig, Args } = await docker.inspectContainer(AGENT);
    await docker.removeContainer(AGENT, { force: true });
    await until(feed, has(`${AGENT} was removed`));
    await docker.createContainer(AGENT, {
      Image: Config.Image,
      Cmd: Config.Cmd ?? Args,
      Labels: Config.Labels ?? {},
      Env: Config.Env ?? [],
      HostConfig,
    });
    await docker.startContainer(AGENT);
    await until(feed, has(`${AGENT} was replaced by a new container`));
    say(AGENT, 'from the new one');
    await until(feed, has('from the new one'));
  });

  it('waits for an engine that is away, and reads on without a gap', async () => {
    const feed = open([SERVER]);
    say(SERVER, 'before');
    await until(feed, has('before'));
    await bench.demo.die();
    await until(feed, has('cannot be read for now'));
    expect(feed.states).toEqual(['lost']);
    say(SERVER, 'meanwhile');
    await bench.demo.revive();
    await until(feed, has('the engine is back'), 20_000);
    await until(feed, has('meanwhile'));
    expect(texts(feed).filter(line => line === 'before')).toHaveLength(1);
  });

  it('marks where the present run begins, in what is read at first and in what is loaded later', async () => {
    const { docker } = bench.engine;
    say(SERVER, 'the last words of the first run');
    await docker.stopContainer(SERVER);
    await docker.startContainer(SERVER);
    const all = open([SERVER]);
    await until(all, has('above is its previous run'));
    const { previousRun } = all;
    const at = texts(all).findIndex(line => line.includes('above is its previous run'));
    expect(all.ring.time(all.ring.first + at - 1)).toBeLessThanOrEqual(previousRun!);
    expect(all.ring.time(all.ring.first + at + 1)).toBeGreaterThan(previousRun!);

    const short = open([SERVER], { tail: 1 });
    await until(short, ({ ring }) => ring.count > 0);
    expect(texts(short).join()).not.toContain('previous run');
    await short.loadOlder();
    expect(texts(short).filter(line => line.includes('above is its previous run'))).toHaveLength(1);
    expect(texts(short)).toEqual(texts(all));
  });

  it('shows the end of the previous run without reading all of the present one', async () => {
    const { docker } = bench.engine;
    say(SERVER, 'the last words of the first run');
    // The demo engine notes the end of a run in whole milliseconds; Docker's is finer.
    await new Promise(resolve => setTimeout(resolve, 5));
    await docker.stopContainer(SERVER);
    await docker.startContainer(SERVER);
    for (let i = 0; i < 3000; i++) say(SERVER, `line ${i}`);
    const feed = open([SERVER], { tail: 500 });
    await until(feed, has('line 2999'));
    expect(await feed.seekBefore(feed.previousRun!)).toBe('more');
    expect(texts(feed).join()).not.toContain('line 0');
    expect(texts(feed).join()).toContain('the last words of the first run');
    expect(feed.behind).toBe(true);
    feed.readOn();
    await until(feed, has('line 2999'));
    const lines = texts(feed).filter(line => line.startsWith('line '));
    expect(lines).toEqual(Array.from({ length: 3000 }, (_, i) => `line ${i}`));
  });
});

describe('history', () => {
  it('is loaded backwards on demand, to the beginning, and not before', async () => {
    for (let i = 0; i < 4500; i++) say(SERVER, `line ${i}`);
    const feed = open([SERVER], { tail: 100 });
    await until(feed, has('line 4499'));
    expect(feed.ring.count).toBe(100);
    expect(feed.atStart).toBe(false);
    expect(await feed.loadOlder()).toBe('more');
    expect(feed.ring.count).toBe(2100);
    while ((await feed.loadOlder()) === 'more');
    expect(feed.atStart).toBe(true);
    const lines = texts(feed).filter(line => line.startsWith('line '));
    expect(lines).toEqual(Array.from({ length: 4500 }, (_, i) => `line ${i}`));
  });

  it('is cut at the time that is asked for', async () => {
    say(SERVER, 'long ago');
    await new Promise(resolve => setTimeout(resolve, 20));
    const since = Date.now();
    await new Promise(resolve => setTimeout(resolve, 20));
    say(SERVER, 'just now');
    const feed = open([SERVER], { since });
    await until(feed, has('just now'));
    await feed.loadOlder();
    expect(texts(feed)).not.toContain('long ago');
    expect(feed.atStart).toBe(true);
    feed.reopen(undefined);
    await until(feed, has('long ago'));
  });

  it('pushes out the newest lines when the window is full, and reading on brings them back', async () => {
    const wide = 'x'.repeat(1000);
    for (let i = 0; i < 1500; i++) say(SERVER, `line ${i} ${wide}`);
    const feed = open([SERVER], { tail: 200, bytes: 3 * BLOCK_BYTES });
    await until(feed, has('line 1499 '));
    feed.keep(feed.ring.first);
    while (!feed.behind) expect(await feed.loadOlder()).toBe('more');
    expect(texts(feed).join()).not.toContain('line 1499 ');
    const newest = Number(/line (\d+)/.exec(texts(feed).at(-1)!)?.[1]);
    feed.keep(undefined);
    feed.readOn();
    await until(feed, has('line 1499 '));
    const numbers = texts(feed).map(line => Number(/line (\d+)/.exec(line)?.[1]));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => 1500 - numbers.length + i));
    expect(newest).toBeLessThan(1499);
  });
});

describe('what is not looked at', () => {
  it('costs no connection while paused, and nothing is missing afterwards', async () => {
    const feed = open([SERVER, AGENT]);
    say(SERVER, 'one');
    await until(feed, has('one'));
    feed.pause();
    const calls = bench.demo.calls.length;
    for (let i = 0; i < 100; i++) say(i % 2 === 0 ? SERVER : AGENT, `unseen ${i}`);
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(bench.demo.calls.length).toBe(calls);
    expect(texts(feed).join()).not.toContain('unseen');
    feed.resume();
    await until(feed, has('unseen 99'));
    expect(texts(feed).filter(line => line.startsWith('unseen'))).toHaveLength(100);
    expect(texts(feed).filter(line => line === 'one')).toHaveLength(1);
  });

  it('keeps what somebody looks at while a flood goes on, within its bounds, and the engine waits', async () => {
    const feed = open([SERVER], { bytes: 3 * BLOCK_BYTES });
    await until(feed, ({ states }) => states[0] === 'live');
    say(SERVER, 'this is looked at');
    await until(feed, has('this is looked at'));
    feed.keep(feed.ring.first);
    const wide = 'y'.repeat(500);
    for (let i = 0; i < 5000; i++) say(SERVER, `flood ${i} ${wide}`);
    await until(feed, ({ behind }) => behind);
    expect(texts(feed)).toContain('this is looked at');
    expect(feed.ring.bytes).toBeLessThanOrEqual(3 * BLOCK_BYTES);
    feed.keep(undefined);
    await until(feed, has('flood 4999'));
    expect(feed.behind).toBe(false);
    expect(texts(feed)).not.toContain('this is looked at');
  });
});

it('exports whole logs, a file for each node that only its owner can read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'k3dui-logs-'));
  try {
    say(SERVER, 'a line with \x1b[31mcolour\x1b[0m');
    const sources = [SERVER, AGENT].map(name => ({ id: name, name }));
    const files = await exportLogs(bench.engine.docker, sources, join(folder, 'new'));
    expect(files.map(file => file.name)).toEqual([SERVER, AGENT]);
    const text = readFileSync(join(folder, 'new', `${SERVER}.log`), 'utf8');
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z a line with \x1b\[31mcolour\x1b\[0m$/m);
    expect(text.split('\n').length - 1).toBe(files[0]?.lines);
    expect(statSync(files[0]!.path).mode & 0o777).toBe(0o600);
    expect(statSync(files[0]!.path).size).toBe(files[0]?.bytes);
    await expect(exportLogs(bench.engine.docker, sources, '/dev/null/x')).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDocker } from '../../src/docker/connect.ts';
import type { Docker } from '../../src/docker/docker.ts';
import { type LogFeed, openLogs } from '../../src/engine/logs/feed.ts';
import { BLOCK_BYTES } from '../../src/engine/logs/line-block.ts';
import { MAX_LINE_BYTES } from '../../src/engine/logs/log-line.ts';
import { testDocker } from '../bed/docker.ts';
import { App } from '../screen/app.ts';
import { expectNoOverflow } from '../screen/checks.ts';

const mark = `k3duilogs${randomBytes(3).toString('hex')}`;
const bed = await testDocker();
const image = bed.images.K3DUI_TEST_LB_IMAGE;

describe.skipIf(bed.skip)('logs of a real engine', () => {
  let docker: Docker;
  let count = 0;
  const feeds: LogFeed[] = [];

  beforeAll(async () => {
    docker = await connectDocker({ env: process.env });
    await docker.createNetwork({ Name: mark, Driver: 'bridge', CheckDuplicate: true, Labels: { test: mark } });
  });

  afterAll(async () => {
    for (const feed of feeds) feed.close();
    for (const { Id } of await docker.listContainers({ labels: [`test=${mark}`] })) {
      await docker.removeContainer(Id, { force: true });
    }
    await docker.removeNetwork(mark);
    docker.close();
  });

  /** A node of a cluster of our own that runs a script. */
  async function node(script: string, host: object = {}): Promise<string> {
    const name = `k3d-${mark}-agent-${count++}`;
    await docker.createContainer(name, {
      Image: image,
      Entrypoint: ['sh'],
      Cmd: ['-c', script],
      Labels: { test: mark, app: 'k3d', 'k3d.cluster': mark, 'k3d.role': 'agent' },
      HostConfig: { Init: true, NetworkMode: mark, ...host },
    });
    await docker.startContainer(name);
    return name;
  }

  function open(...names: string[]): LogFeed {
    const feed = openLogs(
      docker,
      names.map(name => ({ id: name, name })),
    );
    feeds.push(feed);
    feed.resume();
    return feed;
  }

  const texts = ({ ring }: LogFeed): string[] =>
    Array.from({ length: ring.count }, (_, at) => ring.text(ring.first + at));
  const has = (text: string) => (feed: LogFeed) => texts(feed).some(line => line.includes(text));

  function until(feed: LogFeed, what: (feed: LogFeed) => boolean, deadline = 30_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        unsubscribe();
      };
      const check = (): void => {
        if (!what(feed)) return;
        stop();
        resolve();
      };
      const timer = setTimeout(() => {
        stop();
        const held = texts(feed).slice(-10).join('\n');
        reject(new Error(`it did not become so; ${feed.states}, last lines:\n${held}`));
      }, deadline);
      const unsubscribe = feed.subscribe(check);
      check();
    });
  }

  it('are followed, paged backwards to their first line, and every line comes once', async () => {
    const name = await node('i=0; while [ $i -lt 6000 ]; do i=$((i+1)); echo "line $i"; done; sleep 1000');
    for await (const { data } of docker.logs(name, { follow: true })) if (data.includes('line 6000\n')) break;
    const feed = open(name);
    await until(feed, has('line 6000'));
    expect(feed.ring.count).toBe(1000);
    while ((await feed.loadOlder()) === 'more');
    expect(feed.error).toBeUndefined();
    expect(texts(feed)).toEqual(Array.from({ length: 6000 }, (_, i) => `line ${i + 1}`));
    expect(feed.atStart).toBe(true);
  });

  it('of several containers that take turns are one log in order', async () => {
    const speak = (word: string) => `trap "echo ${word}" USR1; while :; do sleep 0.02; done`;
    const [one, two] = [await node(speak('ping'), { Init: false }), await node(speak('pong'), { Init: false })];
    const feed = open(one, two);
    await until(feed, ({ states }) => states.every(state => state === 'live'));
    for (let i = 1; i <= 10; i++) {
      for (const [name, word] of [
        [one, 'ping'],
        [two, 'pong'],
      ] as const) {
        await docker.killContainer(name, 'USR1');
        await until(feed, held => texts(held).filter(line => line === word).length === i);
      }
    }
    expect(texts(feed)).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'ping' : 'pong')));
  });

  it('go on when the container is killed and started again, with the exit code; the previous run is found', async () => {
    const name = await node('echo "a run begins"; sleep 1000');
    const feed = open(name);
    await until(feed, has('a run begins'));
    await docker.killContainer(name, 'KILL');
    await until(feed, has('stopped, exit code 137'));
    await docker.startContainer(name);
    await until(feed, held => texts(held).filter(line => line === 'a run begins').length === 2);
    expect(texts(feed).filter(line => line.includes('started again'))).toHaveLength(1);
    const later = open(name);
    await until(later, has('above is its previous run'));
    expect(texts(later)).toHaveLength(3);
    await later.seekBefore(later.previousRun!);
    expect(texts(later).filter(line => line === 'a run begins')).toHaveLength(1);
    await docker.removeContainer(name, { force: true });
    await until(feed, has('was removed'));
  });

  it('hold a line of 10 MB without holding 10 MB, and what comes after it', async () => {
    const name = await node("head -c 10000000 /dev/zero | tr '\\0' x; echo; echo after it; sleep 1000");
    const feed = open(name);
    await until(feed, has('after it'), 60_000);
    const { ring } = feed;
    expect(ring.bytesOf(ring.end - 2).length).toBe(MAX_LINE_BYTES);
    expect(ring.bytes).toBeLessThan(BLOCK_BYTES);
  });

  it('stay readable in a real terminal under a flood of hostile lines; keys work, the node may be killed', async () => {
    const hostile = "printf 'n%d \\033[2J\\033]0;evil\\007\\r\\033[31mred \\303\\050 \\342\\200\\256 end\\n' $i";
    const name = await node(`i=0; while :; do i=$((i+1)); ${hostile}; done`);
    await using app = App.start({ cols: 100, rows: 30 });
    const { terminal } = app;
    await terminal.waitFor(new RegExp(mark), 30_000);
    terminal.type(`:logs ${name}\r`);
    await terminal.waitFor(/red .* end/, 30_000);
    const before = terminal.raw.length;
    for (const sign of ['wrapped', 'wrapped']) {
      terminal.press('w');
      await terminal.waitFor(sign);
      terminal.press('w');
      await terminal.waitGone(sign);
    }
    terminal.type('/red\r');
    await terminal.waitFor(/\/red: \d+ of \d+/, 20_000);
    terminal.press('s');
    await terminal.waitFor(/↓ following/);
    await docker.killContainer(name, 'KILL');
    await terminal.waitFor(/stopped, exit code 137/, 30_000);
    await docker.removeContainer(name, { force: true });
    expect(terminal.raw.slice(before)).not.toMatch(/\x1b\]|\x07|\x1b\[2J|\u202e/);
    expectNoOverflow(terminal);
    terminal.press('q');
    await terminal.waitFor(/Clusters/);
    terminal.press('q');
    expect((await terminal.waitExit()).exitCode).toBe(0);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Operation } from '../../src/engine/operation.ts';
import { type AppOnDemo, appOnDemo } from './app-on-demo.ts';
import { type Bench, create, IMAGE, openBench, spec } from './engine.ts';

/** An hour, compressed: each round is what may happen in minutes. */
const WARM_UP = 4;
const ROUNDS = 4;
const LINES = 500;
const EVENTS = 60;
/** Clusters that come and go in a round. */
const PASSING = 5;
/** What a round may leave behind, as the demo engine lives in the same process and keeps a record of calls. */
const BYTES_A_ROUND = 1_000_000;

const NODES = ['k3d-demo-server-0', 'k3d-demo-agent-0'];

let bench: Bench;
let app: AppOnDemo;
const warnings: string[] = [];
const onWarning = (warning: Error) => warnings.push(warning.message);
beforeAll(async () => {
  process.on('warning', onWarning);
  bench = await openBench();
  await (await create(bench.engine, spec('demo', { agents: 1 }))).finished;
  // The demo engine keeps the last 5,000 lines of each: they are there from the beginning, so that they do not count.
  for (let line = 0; line < 6000; line++) {
    for (const name of NODES) bench.demo.world.container(name).log.add(2, `before, line ${line} ${'x'.repeat(100)}`);
  }
  // The app loads it when it is needed first, in one of the rounds or in none: its sources are 20 MB that are no leak.
  await import('@kubernetes/client-node');
  app = appOnDemo(bench.engine);
});
afterAll(async () => {
  process.off('warning', onWarning);
  app.close();
  await bench.close();
});

const shows = (what: RegExp) => expect.poll(() => app.screen.last, { interval: 5 }).toMatch(what);

async function go(screen: string, what: RegExp): Promise<void> {
  app.press(':');
  await shows(/^ : /m);
  for (const key of screen) app.press(key);
  app.press('\r');
  await shows(what);
}

async function round(number: number): Promise<void> {
  const { world } = bench.demo;
  await go('clusters', /▸ demo/);
  app.press('l');
  await shows(/Logs of/);
  for (let line = 0; line < LINES; line++) {
    for (const name of NODES) world.container(name).log.add(2, `round ${number} line ${line} ${'x'.repeat(100)}`);
    if (line % 100 === 0) await sleep(1);
  }
  await shows(new RegExp(`round ${number} line ${LINES - 1} `));
  await go('nodes', /Nodes/);
  for (let event = 0; event < EVENTS; event++) {
    const container = world.container(NODES[1]!);
    container.status = event % 2 === 0 ? 'paused' : 'running';
    world.events.container(event % 2 === 0 ? 'pause' : 'unpause', container);
    if (event % 10 === 0) await sleep(1);
  }
  const { docker } = bench.engine;
  const passing = Array.from({ length: PASSING }, (_, index) => `ci-${number}-${index}`);
  const ids = await Promise.all(
    passing.map(async cluster => {
      const Labels = { app: 'k3d', 'k3d.cluster': cluster, 'k3d.role': 'server' };
      return docker.createContainer(`k3d-${cluster}-server-0`, { Image: IMAGE, Labels, HostConfig: {} });
    }),
  );
  await shows(new RegExp(`k3d-ci-${number}-0-server-0`));
  await Promise.all(ids.map(id => docker.removeContainer(id, { force: true })));
  for (const screen of ['ports', 'expose', 'images', 'doctor', 'leftovers', 'registries', 'operations']) {
    await go(screen, new RegExp(`${screen[0]!.toUpperCase()}${screen.slice(1)}`));
  }
  const operations = Array.from({ length: 10 }, (_, index) => {
    const steps = [{ id: 'a', title: 'a step', after: [], run: async () => undefined }];
    const id = bench.engine.operations.newId();
    const operation = new Operation({ id, title: `work ${number}-${index}`, command: 'k3dui', steps });
    bench.engine.operations.add(operation);
    return operation.finished;
  });
  await Promise.all(operations);
  await go('clusters', /▸ demo/);
  const names = () => bench.engine.inventory.snapshot.clusters.map(({ name }) => name);
  await expect.poll(names).toEqual(['demo']);
}

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** What could pile up, once nothing moves any more. */
async function held() {
  // Ages of what is young move on once a second.
  await app.still(600);
  gc();
  const count = (type: RegExp) => process.getActiveResourcesInfo().filter(name => type.test(name)).length;
  return {
    subscribed: app.subscribed(),
    signals: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    timers: count(/^Timeout$/),
    sockets: count(/Wrap$/),
    operations: bench.engine.operations.operations.length,
    heap: process.memoryUsage().heapUsed,
  };
}

test('after an hour of logs, statistics, events and coming and going clusters as much is held as before', async () => {
  for (let number = 0; number < WARM_UP; number++) await round(number);
  const before = await held();
  for (let number = WARM_UP; number < WARM_UP + ROUNDS; number++) await round(number);
  const after = await held();
  expect(after.subscribed).toBe(before.subscribed);
  expect(after.signals).toBe(before.signals);
  // Connections that rest in the pool, and their timers, are some more or less.
  expect(after.timers - before.timers).toBeLessThanOrEqual(4);
  expect(after.sockets - before.sockets).toBeLessThanOrEqual(4);
  expect(after.operations).toBeLessThanOrEqual(100);
  expect((after.heap - before.heap) / ROUNDS).toBeLessThan(BYTES_A_ROUND);
  expect(warnings).toEqual([]);
}, 240_000);

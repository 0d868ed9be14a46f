import { afterAll, beforeAll, expect, test } from 'vitest';
import { manyClusters } from '../../src/demo/show.ts';
import { type AppOnDemo, appOnDemo } from './app-on-demo.ts';
import { type Bench, openBench } from './engine.ts';

const CLUSTERS = 300;

let bench: Bench;
let app: AppOnDemo;
beforeAll(async () => {
  // Docker says since when each container runs, in words that change with time: all are of an age whose words will not.
  const seed = manyClusters(CLUSTERS).map(cluster => ({ ...cluster, agents: 3, age: 10 * 60 + 5 }));
  bench = await openBench({ seed, listen: false, pulse: false });
  app = appOnDemo(bench.engine);
});
afterAll(async () => {
  app.close();
  await bench.close();
});

const shows = (what: RegExp) => expect.poll(() => app.screen.last, { interval: 10 }).toMatch(what);
const calls = (path: string) => bench.demo.calls.filter(call => call.path === path).length;

test('300 clusters with 1,500 containers are one picture from three lists, nothing is asked of single containers', async () => {
  const before = bench.demo.calls.length;
  await bench.engine.inventory.refresh();
  const { snapshot } = bench.engine.inventory;
  expect([snapshot.clusters.length, snapshot.nodes.length]).toEqual([CLUSTERS, CLUSTERS * 5]);
  const since = bench.demo.calls.slice(before).map(({ path }) => path);
  expect(since.filter(path => /^\/(containers\/json|networks|volumes)$/.test(path)).sort()).toEqual([
    '/containers/json',
    '/networks',
    '/volumes',
  ]);
  expect(since.filter(path => /^\/containers\/[0-9a-f]{12,}\/json$/.test(path))).toEqual([]);
});

test('a filter finds one of 300, and only what is on the screen is watched', async () => {
  app.press('/');
  for (const key of 'load-0299') app.press(key);
  app.press('\r');
  await shows(/1 of 300/);
  expect(app.screen.last).toMatch(/load-0299/);
  expect(app.screen.last).not.toMatch(/load-0298/);
  app.press('\x1b');
  await shows(/load-0298/);
  app.press('g');
  await shows(/▸ load-0001/);
  // Two screens full were seen; the kubeconfig of no other cluster was read.
  const asked = new Set(bench.demo.calls.filter(({ path }) => path.endsWith('/archive')).map(({ path }) => path));
  expect(asked.size).toBeLessThanOrEqual(app.screen.rows * 2);
});

test('a burst of 1,000 events is one reading and one repaint', async () => {
  const { inventory } = bench.engine;
  // What is on the screen is asked whether its Kubernetes answers; the answers are waited for.
  const frames = await app.still();
  let pictures = 0;
  const unsubscribe = inventory.subscribe(() => pictures++);
  const readings = calls('/containers/json');

  const running = [...bench.demo.world.containers.values()].filter(({ status }) => status === 'running');
  const hit = running.slice(0, 1000);
  expect(hit).toHaveLength(1000);
  for (const container of hit) {
    container.status = 'paused';
    bench.demo.world.events.container('pause', container);
  }
  await expect.poll(() => inventory.snapshot.nodes.filter(({ state }) => state === 'paused').length).toBe(1000);
  await shows(/▸ load-0001 .*0\/1 +0\/3/);
  unsubscribe();
  expect(pictures).toBe(1);
  // On a machine that is busy the events may take longer to arrive than a reading is put off.
  expect(calls('/containers/json') - readings).toBeLessThanOrEqual(2);
  // The tick of ages, once in ten seconds, may fall into it.
  expect(app.screen.frames - frames).toBeLessThanOrEqual(2);
});

test('of 1,500 rows one that changes leaves the others the objects they were', async () => {
  const { inventory } = bench.engine;
  const before = new Map(inventory.snapshot.clusters.map(cluster => [cluster.name, cluster]));
  const container = bench.demo.world.container('k3d-load-0300-agent-2');
  container.status = 'paused';
  bench.demo.world.events.container('pause', container);
  await expect
    .poll(() => inventory.snapshot.clusters.filter(cluster => before.get(cluster.name) !== cluster).map(c => c.name))
    .toEqual(['load-0300']);
});

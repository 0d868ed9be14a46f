import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeImage } from '../../src/demo/image-catalog.ts';
import { appOnDemo } from './app-on-demo.ts';
import { runOn } from './cli-kit.ts';
import { type Bench, create, IMAGE, openBench, spec } from './engine.ts';

/** Titles, clipboard, erasing, bidi, 8-bit controls, line breaks: all that a label may hold, which anybody can write. */
const EVIL = 'ev\x1b]0;pwned\x07\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\u202eil\r\nsecond\tline\x7f\x08';
/** What a terminal would obey, line ends aside. */
const OBEYED = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;
/** Holds what JSON and YAML escape. */
const TOKEN = 'very"secret\\tok<en>';
const FORMS = [TOKEN, JSON.stringify(TOKEN).slice(1, -1), encodeURIComponent(TOKEN), 'very\\"secret'];

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ pulse: false });
  await (await create(bench.engine, spec('demo'))).finished;
  const { docker } = bench.engine;
  const labels = {
    app: 'k3d',
    'k3d.cluster': EVIL,
    'k3d.version': EVIL,
    'k3s.version': EVIL,
    'k3d.cluster.network': EVIL,
  };
  const env = [`K3S_TOKEN=${EVIL}`, `EVIL=${EVIL}`];
  for (const role of ['server', 'agent', 'loadbalancer', EVIL]) {
    const name = `evil-${role === EVIL ? 'odd' : role}`;
    await docker.createContainer(name, {
      Image: IMAGE,
      Env: env,
      Cmd: [EVIL],
      Labels: { ...labels, 'k3d.role': role },
      HostConfig: {},
    });
  }
  const registry = {
    app: 'k3d',
    'k3d.role': 'registry',
    'k3s.registry.port.external': EVIL,
    'k3s.registry.hostIP': EVIL,
  };
  await docker.createContainer('evil-registry', { Image: IMAGE, Env: env, Labels: registry, HostConfig: {} });
  const image = makeImage('evil/image:1');
  bench.demo.world.images.set(image.id, { ...image, labels: { evil: EVIL } } as typeof image);
  bench.demo.world.container('k3d-demo-server-0').log.add(2, `${EVIL}\n`);
  await bench.engine.inventory.refresh();
});
afterAll(() => bench.close());

describe('names, labels, variables and logs that hold control sequences', () => {
  it.each([
    [['cluster', 'list']],
    [['cluster', 'list', '-o', 'json']],
    [['node', 'list']],
    [['node', 'list', '-o', 'json']],
    [['registry', 'list']],
    [['registry', 'list', '-o', 'json']],
    [['image', 'list', '-c', 'demo']],
    [['leftovers']],
    [['leftovers', '-o', 'json']],
    [['doctor', '--cluster', 'demo']],
    [['cluster', 'delete', EVIL, '--dry-run']],
    [['cluster', 'stop', EVIL, '--dry-run', '-o', 'json']],
    [['kubeconfig', 'get', EVIL]],
    [['node', 'delete', EVIL]],
  ])('%j prints nothing that a terminal obeys', async argv => {
    const { stdout, stderr } = await runOn(bench.engine, argv);
    expect(stdout + stderr).not.toBe('');
    expect((stdout + stderr).replace(/\x1b\[[0-9;]*m/g, '')).not.toMatch(OBEYED);
  });

  it.each([[['cluster', 'list', '-o', 'yaml']], [['cluster', 'export', EVIL]]])(
    '%j is data for a file: text as it is, but nothing that controls a terminal',
    async argv => {
      const { stdout, stderr } = await runOn(bench.engine, argv);
      expect(stdout).toContain('pwned');
      expect(stdout + stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    },
  );

  it('an error of the engine that holds them neither', async () => {
    bench.demo.faults.add({
      match: '/start',
      action: 'error',
      status: 500,
      message: EVIL,
      times: Number.POSITIVE_INFINITY,
    });
    const { code, stderr } = await runOn(bench.engine, ['node', 'start', 'evil-server']);
    bench.demo.faults.clear();
    expect(code).toBe(1);
    expect(stderr).toMatch(/ev.*il/);
    expect(stderr.replace(/\x1b\[[0-9;]*m/g, '')).not.toMatch(OBEYED);
  });

  it('the app shows them on every screen as text', async () => {
    const app = appOnDemo(bench.engine);
    const seen: string[] = [];
    const shows = (what: RegExp) => expect.poll(() => app.screen.last, { interval: 5 }).toMatch(what);
    await shows(/evil/);
    for (const screen of ['clusters', 'nodes', 'ports', 'images', 'leftovers', 'registries', 'doctor', 'expose']) {
      app.press(':');
      await shows(/^ : /m);
      for (const key of screen) app.press(key);
      app.press('\r');
      await shows(new RegExp(`^╭ ${screen[0]!.toUpperCase()}${screen.slice(1)}`, 'm'));
      seen.push(app.screen.last);
      for (const key of screen === 'clusters' || screen === 'nodes' ? ['y', 'd', 'q'] : []) {
        const { frames } = app.screen;
        app.press(key);
        // A key that is off says why: something is drawn whatever it is.
        await expect.poll(() => app.screen.frames, { interval: 5 }).toBeGreaterThan(frames);
        seen.push(app.screen.last);
      }
    }
    app.close();
    expect(seen.join('\n')).toMatch(/evil/);
    for (const frame of seen) expect(frame).not.toMatch(OBEYED);
  });
});

const told = (text: string): boolean => FORMS.some(form => text.includes(form));

it('a cluster’s token is in no log, no preview, no evidence, no command in a container and no file that others can read', async () => {
  bench.demo.faults.add({
    match: request => /\/start$/.test(request.path),
    nth: 2,
    action: 'error',
    message: 'no luck',
  });
  const argv = ['cluster', 'create', 'hush', '--agents', '1', '--token', TOKEN, '--trace', '--timestamps'];
  const failed = await runOn(bench.engine, argv);
  bench.demo.faults.clear();
  expect(failed.code).toBe(1);
  expect(failed.stdout + failed.stderr).not.toSatisfy(told);
  const folder = /evidence: (\S+)/.exec(failed.stderr)?.[1];
  expect(folder).toBeDefined();
  const files = readdirSync(folder!).map(name => join(folder!, name));
  expect(files.some(file => readFileSync(file, 'utf8').includes('K3S_TOKEN'))).toBe(true);
  for (const file of files) {
    expect(readFileSync(file, 'utf8'), file).not.toSatisfy(told);
    expect(statSync(file).mode & 0o077, file).toBe(0);
  }
  expect(statSync(folder!).mode & 0o077).toBe(0);

  const made = await runOn(bench.engine, [
    'cluster',
    'create',
    'hush',
    '--agents',
    '1',
    '--token',
    TOKEN,
    '--output',
    'json',
  ]);
  expect(made).toMatchObject({ code: 0 });
  expect(made.stdout + made.stderr).not.toSatisfy(told);
  const executed = [...bench.demo.world.execs.values()].flatMap(({ argv: words }) => words);
  expect(executed.length).toBeGreaterThan(0);
  expect(executed.filter(told)).toEqual([]);
  expect(bench.demo.calls.filter(({ path }) => told(path))).toEqual([]);
  for (const operation of bench.engine.operations.operations) {
    expect(JSON.stringify([operation.title, operation.command, operation.events])).not.toSatisfy(told);
  }
}, 60_000);

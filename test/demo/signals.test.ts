import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open.ts';
import { type Ended, Shell } from './cli-harness.ts';
import { everything } from './engine.ts';

/** Commands as processes of their own that are stopped from outside, at every step of their work. */
let demo: Demo;
let engine: Engine;
let shell: Shell;
let base: string[];

beforeAll(async () => {
  // Slow enough that there is always something going on.
  demo = await startDemo({ tempo: 0.05 });
  shell = new Shell('--host', demo.host);
  engine = await openEngine({ env: shell.env, host: demo.host, demo: true });
  const made = await shell.run('cluster', 'create', 'keeper');
  expect(made.stderr).toBe('');
  base = await everything(engine);
});
afterAll(async () => {
  engine.close();
  await demo.close();
  shell.remove();
});

const CREATE = ['cluster', 'create', 'demo', '--agents', '1', '-p', '18180:80@loadbalancer'];

interface StepEvent {
  type: string;
  title: string;
  subject?: string;
}

/** Runs a create and sends it the signal when its n-th step begins; `step` is undefined when there are not so many. */
async function interrupted(signal: NodeJS.Signals, nth: number): Promise<Ended & { step: string | undefined }> {
  const child = shell.start([...CREATE, '--progress', 'json']);
  let steps = 0;
  let step: string | undefined;
  child.onLine(line => {
    const event = JSON.parse(line) as StepEvent;
    if (event.type !== 'step.started' || ++steps !== nth) return;
    step = `${event.subject ?? ''} ${event.title}`;
    child.signal(signal);
  });
  return { ...(await child.ended), step };
}

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s during a create', (signal, code) => {
  test('takes everything back, at whichever step it comes', async () => {
    for (let nth = 1; ; nth += 3) {
      const end = await interrupted(signal, nth);
      if (end.step === undefined) break;
      expect(await everything(engine), `at ${end.step}: ${end.stdout}`).toEqual(base);
      expect(end.code, end.step).toBe(code);
    }
    expect((await shell.run('cluster', 'delete', 'demo')).code).toBe(0);
  });
});

describe('SIGKILL during a create', () => {
  test('leaves what delete and leftovers find, at whichever step it comes', async () => {
    for (let nth = 1; ; nth += 3) {
      const end = await interrupted('SIGKILL', nth);
      if (end.step === undefined) break;
      // What the engine was told last it still does.
      await engine.inventory.refresh();
      const cleaned = await shell.run('cluster', 'delete', 'demo');
      expect(cleaned.code, `at ${end.step}: ${cleaned.stdout}${cleaned.stderr}`).toBe(0);
      expect(await everything(engine), `at ${end.step}: ${cleaned.stdout}`).toEqual(base);
    }
    expect((await shell.run('cluster', 'delete', 'demo')).code).toBe(0);
    expect(await everything(engine)).toEqual(base);
  });
});

describe('two creates of one name at once', () => {
  test('one makes the cluster, the other says that it exists and takes nothing of it', async () => {
    const ends = await Promise.all([shell.run(...CREATE), shell.run(...CREATE.slice(0, 5))]);
    const [won, lost] = ends.toSorted((a, b) => a.code! - b.code!);
    expect(won!.code, won!.stderr).toBe(0);
    expect(lost!.code, lost!.stdout).toBe(1);
    expect(lost!.stderr).toMatch(/exists|in use|taken/);
    const list = await shell.run('cluster', 'list', 'demo', '--no-headers');
    expect(list.stdout).toMatch(/^demo +1\/1 +[01]\/[01] +true/);
    expect((await shell.run('cluster', 'delete', 'demo')).code).toBe(0);
    expect(await everything(engine)).toEqual(base);
  });
});

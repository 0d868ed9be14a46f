import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Interrupts } from '../../src/cli/io.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import type { Docker } from '../../src/docker/docker.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open.ts';
import { freePorts } from '../bed/free-ports.ts';
import { collector } from '../unit/cli-fake.ts';
import { cluster, everything } from './engine.ts';

/**
 * Two commands on one cluster at once: before each call by which the first changes something the second comes and does
 * its whole work, then the first goes on. A few of such meetings, unless K3DUI_SWEEP=all. Two creates: two-at-once.test.ts.
 */
const [FIRST, STRIDE] = process.env.K3DUI_SWEEP === 'all' ? [1, 1] : [5, 8];
const CHANGES = /^(create|connect|disconnect|start|stop|remove|rename|write|exec)/;

const home = mkdtempSync(join(tmpdir(), 'k3dui-two-'));
const env: NodeJS.ProcessEnv = { HOME: home, PATH: process.env.PATH, KUBECONFIG: join(home, 'kubeconfig') };
const port = await freePorts(3);
const FILE = join(home, 'k3d.yaml');
const CREATE = ['cluster', 'create', 'demo', '--agents', '1', '-p', `${port}:80@loadbalancer`];
const DELETE = ['cluster', 'delete', 'demo'];
const [START, STOP] = ['start', 'stop'].map(verb => ['cluster', verb, 'demo']) as [string[], string[]];
const add = (host: number, inside: number) => ['cluster', 'edit', 'demo', '--port-add', `${host}:${inside}`];

let demo: Demo;
let engine: Engine;
/** What is there without the cluster, and with it. */
let base: string[];
let whole: string[];

beforeAll(async () => {
  demo = await startDemo({ tempo: 0 });
  engine = await openEngine({ env, host: demo.host, demo: true });
  await must('cluster', 'create', 'keeper');
  base = await there();
  await must(...CREATE);
  whole = await there();
  await must(...DELETE);
  writeFileSync(
    FILE,
    `apiVersion: k3d.io/v1alpha5\nkind: Simple\nmetadata: { name: demo }\nagents: 1\nports: [{ port: "${port}:80", nodeFilters: [loadbalancer] }]\n`,
  );
});
afterAll(async () => {
  engine.close();
  await demo.close();
  rmSync(home, { recursive: true, force: true });
});

/** Volumes without a name get one by chance. */
const there = async () => (await everything(engine)).map(line => line.replace(/[0-9a-f]{64}/, 'ID'));

/** What there is more than before. */
const difference = (now: string[], before: string[]) =>
  before.reduce((left, one) => (left.includes(one) ? left.toSpliced(left.indexOf(one), 1) : left), now);

interface Ended {
  code: number;
  said: string;
}

/** @param before is waited for before each call that changes something */
async function run(argv: string[], before?: () => Promise<void> | undefined): Promise<Ended> {
  const stdout = collector();
  const stderr = collector();
  const code = await runCommandLine(argv, {
    stdout,
    stderr,
    env,
    version: '0.0.0',
    interrupts: new Interrupts(),
    openEngine: async () => {
      const opened = await openEngine({ env, host: demo.host, demo: true });
      return before ? gated(opened, before) : opened;
    },
  });
  return { code, said: stdout.text() + stderr.text() };
}

async function must(...argv: string[]): Promise<string> {
  const { code, said } = await run(argv);
  if (code !== 0) throw new Error(`k3dui ${argv.join(' ')} ended with ${code}: ${said}`);
  return said;
}

function gated(opened: Engine, before: () => Promise<void> | undefined): Engine {
  const docker = new Proxy(opened.docker, {
    get(target, name: keyof Docker & string) {
      const call = target[name] as unknown;
      if (typeof call !== 'function' || !CHANGES.test(name)) return call;
      return async (...args: unknown[]) => {
        await before();
        return call.apply(target, args);
      };
    },
  });
  return Object.assign(Object.create(opened) as Engine, { docker });
}

interface Meeting {
  first: Ended;
  second: Ended;
}

/** What is wrong after a meeting, undefined when nothing is. */
type Judge = (meeting: Meeting) => Promise<string | undefined>;

async function meetings(options: {
  before: string[][];
  first: string[];
  second: string[];
  judge: Judge;
}): Promise<void> {
  const { before, first, second, judge } = options;
  const wrong: string[] = [];
  for (let nth = FIRST, met = true; met; nth += STRIDE) {
    for (const argv of before) await must(...argv);
    let calls = 0;
    let overtaking: Promise<Ended> | undefined;
    const ended = await run(first, async () => {
      if (++calls < nth) return;
      overtaking ??= run(second);
      await overtaking;
    });
    met = overtaking !== undefined;
    const meeting = { first: ended, second: await (overtaking ?? run(second)) };
    const at = `before change ${nth} of ${first.slice(0, 2).join(' ')} comes ${second.slice(0, 2).join(' ')}`;
    for (const { code, said } of [meeting.first, meeting.second]) {
      if (![0, 1].includes(code) || (code === 1 && !/FATA|ERRO/.test(said)) || /\bat .*\.ts:\d|TypeError/.test(said))
        wrong.push(`${at}: ended with ${code} and said ${said}`);
      if (/could not undo/.test(said)) wrong.push(`${at}: ${said}`);
    }
    const problem = await judge(meeting);
    const words = [meeting.first, meeting.second].map(({ code, said }) => `${code}: ${said}`).join('\n---\n');
    if (problem) wrong.push(`${at}: ${problem}\n${words}`);
    await run(DELETE);
    const left = difference(await there(), base);
    if (left.length > 0) throw new Error(`${at}: left ${left}\n${words}\n${wrong.join('\n')}`);
  }
  expect(wrong).toEqual([]);
}

/** All of it is there and runs, or nothing is. */
const allOrNothing: Judge = async () => {
  const now = await there();
  if (now.join() === base.join()) return undefined;
  if (now.join() !== whole.join()) return `there is ${difference(now, base)}`;
  return idle();
};

async function idle(): Promise<string | undefined> {
  const made = await cluster(engine, 'demo');
  const nodes = made ? [...made.servers, ...made.agents, ...(made.loadBalancer ? [made.loadBalancer] : [])] : [];
  const still = nodes.filter(({ running }) => !running).map(({ name }) => name);
  return nodes.length === 3 && still.length === 0 ? undefined : `of ${nodes.length} nodes do not run: ${still}`;
}

const bothDone: Judge = async ({ first, second }) =>
  first.code + second.code === 0 ? allOrNothing({ first, second }) : 'one of them failed';

/** A start afterwards finds nothing in its way. */
const startable: Judge = async () => {
  const { code, said } = await run(START);
  return code === 0 ? idle() : `a start afterwards failed: ${said}`;
};

/** Who said it was done did it, who failed left nothing, and nothing is lost. */
const portsAsSaid: Judge = async ({ first, second }) => {
  const made = await cluster(engine, 'demo');
  const published = new Set(made?.loadBalancer?.ports.map(({ hostPort }) => hostPort));
  const wanted = [port, ...(first.code === 0 ? [port + 1] : []), ...(second.code === 0 ? [port + 2] : [])];
  const is = [port, port + 1, port + 2].filter(one => published.has(one));
  if (is.join() !== wanted.join()) return `ports ${is} instead of ${wanted}`;
  return (await there()).join() === whole.join() ? idle() : 'something is left or lost';
};

test.each<[string, Parameters<typeof meetings>[0]]>([
  ['a create that a delete overtakes', { before: [], first: CREATE, second: DELETE, judge: allOrNothing }],
  ['a delete that a create overtakes', { before: [CREATE], first: DELETE, second: CREATE, judge: allOrNothing }],
  ['two deletes', { before: [CREATE], first: DELETE, second: DELETE, judge: bothDone }],
  ['a start that a stop overtakes', { before: [CREATE, STOP], first: START, second: STOP, judge: startable }],
  ['a stop that a start overtakes', { before: [CREATE], first: STOP, second: START, judge: startable }],
  ['two edits of ports', { before: [CREATE], first: add(port + 1, 81), second: add(port + 2, 82), judge: portsAsSaid }],
  ['two ups', { before: [], first: ['up', '-c', FILE], second: ['up', '-c', FILE], judge: allOrNothing }],
])('%s at once', { timeout: 1_200_000 }, async (_, options) => {
  await meetings(options);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Interrupts } from '../../src/cli/io.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open.ts';
import { FAULTS, type FaultProxy, faultProxy } from '../bed/fault-proxy.ts';
import { collector } from '../unit/cli-fake.ts';
import { everything } from './engine.ts';

/**
 * Every operation, with every one of its calls to Docker going wrong: afterwards the change is whole or nothing of it
 * is left, what was there before is as it was, and one error says why. In how many ways each call goes wrong is a
 * matter of time: in one of four, unless K3DUI_SWEEP=all, which takes some minutes.
 */
const EVERY = process.env.K3DUI_SWEEP === 'all' ? 1 : FAULTS.length;

let demo: Demo;
let engine: Engine;
let proxy: FaultProxy;
let home: string;
/** What is there before each operation. */
let base: string[];

beforeAll(async () => {
  demo = await startDemo({ tempo: 0 });
  home = mkdtempSync(join(tmpdir(), 'k3dui-sweep-'));
  engine = await openEngine({ env: env(), host: demo.host, demo: true });
  proxy = await faultProxy(demo.host.slice('unix://'.length));
  await must('cluster', 'create', 'keeper');
  base = await everything(engine);
});
afterAll(async () => {
  engine.close();
  await proxy.close();
  await demo.close();
  rmSync(home, { recursive: true, force: true });
});

const env = (): NodeJS.ProcessEnv => ({ HOME: home, PATH: process.env.PATH, KUBECONFIG: join(home, 'kubeconfig') });

interface Ended {
  code: number;
  said: string;
}

/** Runs a command line through the proxy, or past it. */
async function run(argv: string[], host: string): Promise<Ended> {
  const stdout = collector();
  const stderr = collector();
  const code = await runCommandLine(argv, {
    stdout,
    stderr,
    env: env(),
    version: '0.0.0',
    interrupts: new Interrupts(),
    openEngine: () => openEngine({ env: env(), host, demo: true }),
  });
  return { code, said: stdout.text() + stderr.text() };
}

async function must(...argv: string[]): Promise<void> {
  const { code, said } = await run(argv, demo.host);
  if (code !== 0) throw new Error(`k3dui ${argv.join(' ')} ended with ${code}: ${said}`);
}

/** Containers with their states and addresses, networks, volumes; Docker's ids left out. */
async function picture(): Promise<string[]> {
  const containers = await engine.docker.listContainers();
  const states = containers.map(({ Names, State, Ports = [] }) => {
    const ports = Ports.filter(({ PublicPort }) => PublicPort).map(
      ({ PublicPort, PrivatePort }) => `${PublicPort}:${PrivatePort}`,
    );
    return `${Names?.[0]} ${State} ${[...new Set(ports)].sort().join(' ')}`;
  });
  return [...(await everything(engine)), ...states.sort()];
}

interface Sweep {
  /** The command line under test. */
  argv: string[];
  /** Brings about what it begins with. */
  before?: string[][];
  /** Takes away what it made, or what was made before. */
  after: string[][];
  /** What may be the case after a fault besides "as before" and "done": words for the reader of the test. */
  between?: string;
}

const CREATE = ['cluster', 'create', 'demo', '--agents', '1', '-p', '18080:80@loadbalancer'];
const DELETE = ['cluster', 'delete', 'demo'];

const SWEEPS: Record<string, Sweep> = {
  'cluster create': { argv: CREATE, after: [DELETE] },
  'cluster stop': {
    argv: ['cluster', 'stop', 'demo'],
    before: [CREATE],
    after: [DELETE],
    between: 'some nodes are stopped',
  },
  'cluster start': {
    argv: ['cluster', 'start', 'demo'],
    before: [CREATE, ['cluster', 'stop', 'demo']],
    after: [DELETE],
    between: 'some nodes run',
  },
  'cluster delete': { argv: DELETE, before: [CREATE], after: [], between: 'parts of it are gone' },
  'cluster edit --port-add': {
    argv: ['cluster', 'edit', 'demo', '--port-add', '18081:81@loadbalancer'],
    before: [CREATE],
    after: [DELETE],
  },
  'node create': { argv: ['node', 'create', 'more', '-c', 'demo'], before: [CREATE], after: [DELETE] },
  'node delete': {
    argv: ['node', 'delete', 'k3d-demo-agent-0'],
    before: [CREATE],
    after: [DELETE],
    between: 'the load balancer leads nothing to it any more',
  },
};

describe.each(Object.entries(SWEEPS))('%s', (_, { argv, before = [], after, between }) => {
  test.each(FAULTS)('with every call to Docker in turn: %s', { timeout: 120_000 }, async fault => {
    const wrong: string[] = [];
    const from = EVERY === 1 ? 1 : FAULTS.indexOf(fault) + 1;
    for (let nth = from; ; nth += EVERY) {
      for (const line of before) await must(...line);
      const was = await picture();
      proxy.strike(fault, nth);
      const { code, said } = await run(argv, proxy.host);
      const { calls } = proxy;
      const met = calls.length >= nth ? calls[nth - 1] : undefined;
      proxy.strike(fault, 0);
      const is = await picture();
      const problem = judge({ code, said, was, is, between: between !== undefined });
      if (problem) wrong.push(`call ${nth}, ${met}: ${problem}`);
      // What a fault interrupted can be finished by asking again.
      if (code !== 0 && between !== undefined) {
        const again = await run(argv, demo.host);
        if (again.code !== 0 && !again.said.includes('no node named'))
          wrong.push(`call ${nth}, ${met}, again: ${again.said}`);
      }
      for (const line of after) await run(line, demo.host);
      const left = (await everything(engine)).filter(name => !base.includes(name));
      if (left.length > 0) throw new Error(`${fault} of call ${nth} (${met}) left behind: ${left.join(', ')}\n${said}`);
      if (met === undefined) break;
    }
    expect(wrong).toEqual([]);
  });
});

/** What is wrong with how it ended; undefined when nothing is. */
function judge(end: Ended & { was: string[]; is: string[]; between: boolean }): string | undefined {
  const { code, said, was, is, between } = end;
  const same = is.length === was.length && is.every((line, index) => line === was[index]);
  if (/\bat .*\.ts:\d|UNEXPECTED|TypeError|undefined/.test(said)) return `says: ${said}`;
  if (code === 0) return undefined;
  if (!/FATA|ERRO/.test(said)) return `failed without a word: ${said}`;
  if (same || between) return undefined;
  const diff = [
    ...is.filter(line => !was.includes(line)).map(line => `+ ${line}`),
    ...was.filter(line => !is.includes(line)).map(line => `- ${line}`),
  ];
  return `failed (${said.trim().split('\n').at(-1)}) and left: ${diff.join(' | ')}`;
}

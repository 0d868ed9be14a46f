import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Interrupts } from '../../src/cli/io.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open.ts';
import type { Streams } from '../../src/engine/shell/terminal-peer.ts';
import { FAULTS, type Fault, type FaultProxy, faultProxy } from '../bed/fault-proxy.ts';
import { freePorts } from '../bed/free-ports.ts';
import { collector } from '../unit/cli-fake.ts';
import { everything } from './engine.ts';

/**
 * Every call of an operation to Docker goes wrong in turn: afterwards the change is whole or nothing of it is left, what
 * was there before is as it was, and one error says why. How many calls go wrong and in how many ways is a matter of
 * time: every third, or fewer, in one of five ways, unless K3DUI_SWEEP=all.
 */
const ALL = process.env.K3DUI_SWEEP === 'all';
const EVERY = ALL ? 1 : 3;

/** What may come at a call: a fault of Docker's, or the user who has had enough. */
const TROUBLES = [...FAULTS, 'SIGINT'] as const;
type Trouble = Fault | 'SIGINT';

/** A command line, or something else that is done past the faults. */
export type Doing = string[] | ((bench: SweepBench) => Promise<void>);

export interface Sweep {
  /** The command line under test. */
  argv: string[];
  /** A file that comes through its standard input. */
  stdin?: string;
  /** Brings about what it begins with. */
  before?: Doing[];
  /** Takes away what it made, and what was made before. */
  after: Doing[];
  /** What may be the case after a fault besides "as before" and "done": words for the reader of the test. */
  between?: string;
  /** Only every so-manieth of those, where a run takes long; not with K3DUI_SWEEP=all. */
  every?: number;
  /** Only these calls go wrong, where very many others only look; all unless told. */
  among?: RegExp;
  /** Exit codes besides 0 that tell of a fault; 1 unless told. */
  codes?: number[];
}

/** Calls that change something of Docker's. */
export const CHANGES = /^(POST|PUT|DELETE) (?!.*\/exec\b)/;

export interface Ended {
  code: number;
  said: string;
}

interface KubeconfigNames {
  contexts?: { name: string }[];
  'current-context'?: string;
}

export interface SweepBench {
  demo: Demo;
  engine: Engine;
  home: string;
  /** The first of a few ports for what the operations publish. */
  port: number;
  /** Runs a command line on the engine itself. Throws with what it said when it fails. */
  must(...argv: string[]): Promise<string>;
}

/** Makes the tests of these operations; `base` is there before each, `more` is looked at besides Docker's objects. */
export function sweeps(options: {
  base: (bench: SweepBench) => Promise<void>;
  more?: (bench: SweepBench) => Promise<string[]>;
  of: (bench: Pick<SweepBench, 'port' | 'home'>) => Record<string, Sweep>;
}): void {
  const home = mkdtempSync(join(tmpdir(), 'k3dui-sweep-'));
  let bench: SweepBench;
  let proxy: FaultProxy;
  /** What is there before an operation. */
  let base: string[];

  const env = (): NodeJS.ProcessEnv => ({
    HOME: home,
    PATH: process.env.PATH,
    KUBECONFIG: join(home, 'kubeconfig'),
  });

  beforeAll(async () => {
    const demo = await startDemo({ tempo: 0 });
    const must = async (...argv: string[]): Promise<string> => {
      const { code, said } = await run(argv, demo.host);
      if (code !== 0) throw new Error(`k3dui ${argv.join(' ')} ended with ${code}: ${said}`);
      return said;
    };
    const engine = await openEngine({ env: { HOME: home }, host: demo.host, demo: true });
    bench = { demo, home, port, must, engine };
    proxy = await faultProxy(demo.host.slice('unix://'.length));
    await options.base(bench);
  });
  afterAll(async () => {
    bench.engine.close();
    await proxy.close();
    await bench.demo.close();
    rmSync(home, { recursive: true, force: true });
  });

  /** Runs a command line through the proxy, or past it. */
  async function run(argv: string[], host: string, interrupts = new Interrupts(), stdin?: string): Promise<Ended> {
    const streams = stdin === undefined ? undefined : ({ stdin: createReadStream(stdin) } as unknown as Streams);
    const stdout = collector();
    const stderr = collector();
    const code = await runCommandLine(argv, {
      stdout,
      stderr,
      env: env(),
      version: '0.0.0',
      interrupts,
      ...(streams && { streams }),
      openEngine: () => openEngine({ env: env(), host, demo: true }),
    });
    return { code, said: stdout.text() + stderr.text() };
  }

  async function all(doings: Doing[]): Promise<void> {
    for (const doing of doings) await (typeof doing === 'function' ? doing(bench) : bench.must(...doing));
  }

  /** The kubeconfig's contexts and which is current; what lies beside it: locks and halves of files. */
  async function kubeconfig(): Promise<string[]> {
    const text = await readFile(join(home, 'kubeconfig'), 'utf8').catch(() => '');
    const beside = (await readdir(home)).filter(name => name.startsWith('kubeconfig') && name !== 'kubeconfig');
    const { contexts = [], 'current-context': current } = (text === '' ? {} : load(text)) as KubeconfigNames;
    return [
      ...contexts.map(({ name }) => `kubeconfig's ${name}`),
      `kubeconfig at ${current}`,
      ...beside.map(name => `file ${name}`),
    ];
  }

  /** Containers with their states, ports and networks, networks, volumes, the kubeconfig; Docker's ids left out. */
  async function picture(): Promise<string[]> {
    const containers = await bench.engine.docker.listContainers();
    const states = containers.map(({ Names, State, Ports = [], NetworkSettings }) => {
      const ports = Ports.filter(({ PublicPort }) => PublicPort).map(one => `${one.PublicPort}:${one.PrivatePort}`);
      const networks = Object.keys(NetworkSettings?.Networks ?? {}).sort();
      return [Names?.[0], State, ...[...new Set(ports)].sort(), 'in', ...networks].join(' ');
    });
    const more = (await options.more?.(bench)) ?? [];
    return [...(await everything(bench.engine)), ...states.sort(), ...(await kubeconfig()), ...more.sort()];
  }

  /** Lets calls of an operation meet the troubles by turns; what was wrong then. */
  async function sweep(operation: Sweep, troubles: readonly Trouble[], first: number): Promise<string[]> {
    const { argv, stdin, before = [], after, between, codes = [1], every = 1, among } = operation;
    const wrong: string[] = [];
    /** What each run that said it was done made of it: at last the undisturbed one tells what it should be. */
    const dones: { at: string; is: string[] }[] = [];
    // What an operation before left behind is that one's fault.
    base = await picture();
    let was: string[] | undefined;
    for (let nth = first, turn = 0; ; nth += ALL ? 1 : EVERY * every, turn++) {
      const trouble = troubles[turn % troubles.length]!;
      const interrupts = new Interrupts();
      if (was === undefined) {
        await all(before);
        was = await picture();
      }
      proxy.strike(trouble === 'SIGINT' ? () => interrupts.send(trouble) : trouble, nth, among);
      const { code, said } = await run(argv, proxy.host, interrupts, stdin);
      const { met } = proxy;
      proxy.strike('error', 0);
      const at = `${trouble} at call ${nth}, ${met}`;
      const is = await picture();
      const problem = judge({
        code,
        said,
        was,
        is,
        between: between !== undefined,
        codes: interrupts.received ? [130] : codes,
      });
      if (problem) wrong.push(`${at}: ${problem}`);
      if (met === undefined && code !== 0) wrong.push(`undisturbed it ended with ${code}: ${said}`);
      if (code === 0) dones.push({ at, is });
      const differs = difference(was, is).length > 0;
      let now = is;
      // What a fault interrupted can be finished by asking again.
      if (code !== 0 && between !== undefined && differs) {
        const again = await run(argv, bench.demo.host, undefined, stdin);
        if (again.code !== 0 && !/no node (named|holds)/.test(again.said)) wrong.push(`${at}, again: ${again.said}`);
        now = await picture();
        if (again.code === 0) dones.push({ at: `${at}, again`, is: now });
      }
      // What is as it was serves the next fault too.
      if (met === undefined || differs) {
        // Where nothing was made there may be nothing to take away.
        await all(after).catch(error =>
          wrong.push(...(difference(base, now).length > 0 ? [`${at}, after: ${error.message}`] : [])),
        );
        const left = difference(base, await picture());
        if (left.length > 0) throw new Error(`${at} left behind: ${left.join(', ')}\n${said}\n${wrong.join('\n')}`);
        was = undefined;
      }
      if (met === undefined) return [...wrong, ...dones.flatMap(one => notDone(one, is))];
    }
  }

  const ways: (readonly Trouble[])[] = ALL ? TROUBLES.map(trouble => [trouble]) : [TROUBLES];
  for (const [index, [name, one]] of Object.entries(options.of({ port, home })).entries()) {
    for (const troubles of ways) {
      test(`${name}, with calls to Docker going wrong: ${troubles.join(', ')}`, {
        timeout: ALL ? 3_000_000 : 600_000,
      }, async () => {
        expect(await sweep(one, troubles, 1 + (index % EVERY))).toEqual([]);
      });
    }
  }
}

const port = await freePorts(8);

/** What is wrong with how it ended; undefined when nothing is. */
function judge(end: Ended & { was: string[]; is: string[]; between: boolean; codes: number[] }): string | undefined {
  const { code, said, was, is, between, codes } = end;
  if (/\bat .*\.ts:\d|UNEXPECTED|TypeError|undefined/.test(said)) return `says: ${said}`;
  if (code === 0) return undefined;
  if (!codes.includes(code)) return `ended with ${code}: ${said}`;
  if (code === 1 && !/FATA|ERRO/.test(said)) return `failed without a word: ${said}`;
  const diff = difference(was, is);
  if (diff.length === 0 || between) return undefined;
  return `failed (${said.trim().split('\n').at(-1)}) and left: ${diff.join(' | ')}`;
}

/** What a run said was done and is not, or is besides. */
function notDone({ at, is }: { at: string; is: string[] }, undisturbed: string[]): string[] {
  const diff = difference(undisturbed.map(withoutChance), is.map(withoutChance));
  return diff.length === 0 ? [] : [`${at}: says it is done, and it is not as undisturbed: ${diff.join(' | ')}`];
}

/** Volumes without a name get one by chance, and registries and the Kubernetes API a free port. */
const withoutChance = (line: string): string => line.replace(/[0-9a-f]{64}/g, 'ID').replace(/\b\d{5}\b/g, 'PORT');

function difference(was: string[], is: string[]): string[] {
  return [
    ...is.filter(line => !was.includes(line)).map(line => `+ ${line}`),
    ...was.filter(line => !is.includes(line)).map(line => `- ${line}`),
  ];
}

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClusterSpec } from '../../src/config/cluster-spec.ts';
import type { Docker } from '../../src/docker/docker.ts';
import { apply } from '../../src/engine/apply.ts';
import { factsForCreate, planClusterCreate } from '../../src/engine/cluster/create.ts';
import { planClusterDelete } from '../../src/engine/cluster/delete.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { freePorts } from '../bed/free-ports.ts';
import { type Bench, cluster, everything, openBench, spec } from './engine.ts';

/**
 * Two people make a cluster of one name at once. Wherever one overtakes the other: exactly one gets the cluster, whole;
 * the other is told, and leaves nothing and takes nothing of the first. Every seventh way in which they can meet, unless
 * K3DUI_SWEEP=all.
 */
const STRIDE = process.env.K3DUI_SWEEP === 'all' ? 1 : 7;

let bench: Bench;
let other: Engine;
beforeEach(async () => {
  bench = await openBench();
  other = await openEngine({ env: bench.engine.env, host: bench.demo.host, demo: true });
});
afterEach(async () => {
  other.close();
  await bench.close();
});

/** An engine whose calls that change something are counted; before the n-th the gate is waited for. */
function gated(engine: Engine, before: (nth: number) => Promise<void> | undefined): Engine {
  const changes = /^(create|connect|start|write)/;
  let count = 0;
  const docker = new Proxy(engine.docker, {
    get(target, name: keyof Docker & string) {
      const call = target[name] as unknown;
      if (typeof call !== 'function' || !changes.test(name)) return call;
      return async (...args: unknown[]) => {
        await before(++count);
        return call.apply(target, args);
      };
    },
  });
  return Object.assign(Object.create(engine) as Engine, { docker });
}

async function plan(engine: Engine, wanted: ClusterSpec): Promise<Plan> {
  await engine.inventory.refresh();
  return planClusterCreate(wanted, await gatherFacts(engine, factsForCreate(wanted, engine.env)));
}

interface Meeting {
  /** The second looks before the first has begun, or when it is met. */
  looks: 'early' | 'late';
  /** Before this call of the first the second comes and works. */
  met: number;
  /** Before this call of the second the first goes on, to its end; then the second. */
  halts: number;
}

interface Ends {
  done: string[];
  said: string;
  /** How many calls each made. */
  calls: [number, number];
}

async function race(first: ClusterSpec, second: ClusterSpec, { looks, met, halts }: Meeting): Promise<Ends> {
  const ends: Ends = { done: [], said: '', calls: [0, 0] };
  const note = (who: string, work: Promise<void>) =>
    work.then(
      () => void ends.done.push(who),
      (error: Error) => {
        ends.said += `${who}: ${error.message}\n`;
      },
    );
  const early = looks === 'early' ? await plan(other, second) : undefined;
  const firstEnded = Promise.withResolvers<void>();
  const halted = Promise.withResolvers<void>();
  const slow = gated(other, nth => {
    ends.calls[1] = nth;
    if (nth === halts) halted.resolve();
    return nth >= halts ? firstEnded.promise : undefined;
  });
  let overtaken: Promise<void> | undefined;
  const overtake = async (): Promise<void> => apply(early ?? (await plan(other, second)), slow).finished;
  const quick = gated(bench.engine, nth => {
    ends.calls[0] = nth;
    if (nth < met) return undefined;
    overtaken ??= note('second', overtake());
    return Promise.race([overtaken, halted.promise]);
  });
  await note('first', apply(await plan(bench.engine, first), quick).finished);
  firstEnded.resolve();
  await (overtaken ?? note('second', overtake()));
  return ends;
}

/** Lets them meet everywhere; what goes wrong is gathered. */
async function sweep(first: ClusterSpec, second: ClusterSpec): Promise<void> {
  const base = await everything(bench.engine);
  const wrong: string[] = [];
  let turn = 0;
  let calls: [number, number] = [1, 1];
  for (let met = 1; met <= calls[0]; met++) {
    for (let halts = 1; halts <= calls[1] + 1; halts++) {
      for (const looks of ['early', 'late'] as const) {
        if (turn++ % STRIDE !== 0) continue;
        const ends = await race(first, second, { looks, met, halts });
        calls = [Math.max(calls[0], ends.calls[0]), Math.max(calls[1], ends.calls[1])];
        const at = `call ${met} of the first meets the second, which looks ${looks} and halts at ${halts}`;
        const problem = await judge(ends, ends.done[0] === 'first' ? first : second);
        if (problem) wrong.push(`${at}: ${problem}; ${ends.done} done; ${ends.said}`);
        const left = (await everything(bench.engine)).filter(name => !base.includes(name));
        if (left.length > 0) throw new Error(`${at}: left ${left}\n${wrong.join('\n')}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(calls[0]).toBeGreaterThan(8);
}

/** What is wrong with how they ended, undefined when nothing is. The cluster is deleted. */
async function judge(ends: Ends, won: ClusterSpec): Promise<string | undefined> {
  const problems: string[] = [];
  if (ends.done.length !== 1) problems.push(`${ends.done.length} got the cluster`);
  if (!/exists|in use|taken/.test(ends.said) || /could not undo/.test(ends.said)) problems.push('says something else');
  const made = await cluster(bench.engine, won.name);
  if (made) {
    const nodes = [...made.servers, ...made.agents, ...(made.loadBalancer ? [made.loadBalancer] : [])];
    if (nodes.filter(({ running }) => running).length !== won.servers + won.agents + 1)
      problems.push('a node is missing');
    if (made.volumes.length !== 1) problems.push(`has ${made.volumes.length} volumes`);
    await apply(planClusterDelete(made, await gatherFacts(bench.engine)), bench.engine).finished;
  }
  return problems.length > 0 ? problems.join(', ') : undefined;
}

describe('two creates of one name at once', () => {
  test('each with a network of its own', { timeout: 300_000 }, async () => {
    const ports = [{ port: `${await freePorts(1)}:80`, nodeFilters: ['loadbalancer'] }];
    await sweep(spec('demo', { agents: 1, ports }), spec('demo'));
  });

  test('on a network that was there', { timeout: 300_000 }, async () => {
    await bench.engine.docker.createNetwork({ Name: 'shared', Driver: 'bridge' });
    await sweep(spec('demo', { agents: 1, network: 'shared' }), spec('demo', { network: 'shared' }));
  });
});

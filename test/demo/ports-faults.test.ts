import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import { planClusterDelete } from '../../src/engine/cluster/delete.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import { readLoadBalancer } from '../../src/engine/ports/read.ts';
import { type Bench, cluster, create, everything, openBench, spec } from './engine.ts';
import { answer, edit, plan, request } from './ports-kit.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  await (
    await create(
      bench.engine,
      spec('demo', { agents: 1, ports: [{ port: '18170:80', nodeFilters: ['loadbalancer'] }] }),
    )
  ).finished;
});
afterEach(() => bench.close());

const add = { add: [request('18171:81@agent:0')] };
const remove = { remove: [request('18171:81')] };

async function model() {
  const { engine } = bench;
  return (await readLoadBalancer(engine.docker, (await cluster(engine, 'demo'))!, {})).model.ports;
}

/** Serving, alone, under its name, without faults. */
async function expectWhole(things: string[], when: string): Promise<void> {
  const found = (await cluster(bench.engine, 'demo'))!;
  expect(await answer(18170), `${when}: the port that was there`).toMatch(/^k3d-demo-/);
  expect(found.loadBalancer?.name, when).toBe('k3d-demo-serverlb');
  expect(found.faults, when).toEqual([]);
  expect(await everything(bench.engine), when).toEqual(things);
}

describe('when Docker refuses the n-th call of a replacement', () => {
  it('the ports that were there serve, nothing is left, and the command works when run again, for every n', async () => {
    const { demo, engine } = bench;
    const things = await everything(engine);
    const first = demo.calls.length;
    // What planning reads is no part of it: a refusal there touches nothing.
    const undisturbed = apply(await plan(engine, 'demo', add), engine);
    const planned = demo.calls.length;
    await undisturbed.finished;
    const calls = demo.calls.length - planned;
    expect(planned).toBeGreaterThan(first);
    expect(calls).toBeGreaterThan(15);
    await (await edit(engine, 'demo', remove)).finished;
    const outcomes = new Map<string, number>();
    for (let n = 1; n <= calls + 2; n++) {
      const ready = await plan(engine, 'demo', add);
      demo.faults.add({ match: () => true, nth: n, action: 'error', status: 500, message: 'no space left on device' });
      const operation = apply(ready, engine);
      const outcome = await operation.finished.then(
        () => 'done',
        error => error.message as string,
      );
      demo.faults.clear();
      await expectWhole(things, `call ${n}: ${outcome}`);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (outcome === 'done') expect(await model(), `call ${n}`).toHaveProperty(['81.tcp']);
      else {
        expect(await model(), `call ${n}`).not.toHaveProperty(['81.tcp']);
        await (await edit(engine, 'demo', add)).finished;
        expect(await answer(18171), `again after call ${n}`).toBe('k3d-demo-agent-0');
      }
      await (await edit(engine, 'demo', remove)).finished;
    }
    expect([...outcomes.keys()].some(text => /the load balancer before serves again/.test(text))).toBe(true);
    expect(outcomes.get('done')).toBeGreaterThan(0);
  }, 180_000);
});

describe('a replacement that is cancelled', () => {
  it('brings back what was there, whenever', async () => {
    const { engine } = bench;
    const things = await everything(engine);
    for (let at = 0; at < 14; at++) {
      const operation = await edit(engine, 'demo', add);
      let events = 0;
      operation.subscribe(event => {
        if (event.type.startsWith('step.') && events++ === at) operation.cancel();
      });
      const outcome = await operation.finished.then(
        () => 'done',
        error => error.code as string,
      );
      await expectWhole(things, `event ${at}: ${outcome}`);
      if (outcome === 'done' || (await model())['81.tcp']) await (await edit(engine, 'demo', remove)).finished;
    }
  });
});

describe('a host port that is taken between check and start', () => {
  it('ends with the old load balancer serving, and says so', async () => {
    const { engine } = bench;
    const things = await everything(engine);
    const ready = await plan(engine, 'demo', add);
    const holder = await engine.docker.createContainer('holder', {
      Image: 'nginx:1.29-alpine',
      HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '18171' }] } },
    });
    await engine.docker.startContainer(holder);
    await expect(apply(ready, engine).finished).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringMatching(/18171.*the load balancer before serves again/),
    });
    await engine.docker.removeContainer(holder, { force: true });
    await expectWhole(things, 'afterwards');
  });
});

describe('a run that was killed half way', () => {
  it('is finished and cleaned up by the same command, wherever it was killed', async () => {
    const { demo, engine } = bench;
    const things = await everything(engine);
    const start = demo.calls.length;
    await (await edit(engine, 'demo', add)).finished;
    const calls = demo.calls.length - start;
    await (await edit(engine, 'demo', remove)).finished;
    for (let n = 8; n <= calls; n += 1) {
      const ready = await plan(engine, 'demo', add);
      // From the n-th call on nobody reaches the engine: as far as Docker can tell, the process is dead.
      demo.faults.add({
        match: () => true,
        nth: n - 7,
        times: Number.POSITIVE_INFINITY,
        action: 'error',
        status: 500,
        message: 'dead',
      });
      const operation = apply(ready, engine);
      await operation.finished.catch(() => {});
      demo.faults.clear();
      await (await edit(engine, 'demo', add)).finished;
      await expectWhole(things, `killed at call ${n - 7}`);
      expect(await answer(18171), `killed at call ${n - 7}`).toBe('k3d-demo-agent-0');
      await (await edit(engine, 'demo', remove)).finished;
    }
  }, 180_000);

  it('leaves nothing when the cluster is deleted instead', async () => {
    const { demo, engine } = bench;
    const ready = await plan(engine, 'demo', add);
    const made = demo.calls.length;
    demo.faults.add({
      match: ({ path }) => path.includes('/rename') || demo.calls.length > made + 30,
      times: Number.POSITIVE_INFINITY,
      action: 'error',
      status: 500,
      message: 'dead',
    });
    demo.faults.add({
      match: ({ method }) => method === 'DELETE',
      times: Number.POSITIVE_INFINITY,
      action: 'error',
      status: 500,
      message: 'dead',
    });
    await expect(apply(ready, engine).finished).rejects.toThrow();
    demo.faults.clear();
    expect((await everything(engine)).filter(thing => /serverlb-/.test(thing))).toHaveLength(2);
    const found = (await cluster(engine, 'demo'))!;
    await apply(planClusterDelete(found, await gatherFacts(engine)), engine).finished;
    expect((await everything(engine)).filter(thing => /demo/.test(thing))).toEqual([]);
  });
});

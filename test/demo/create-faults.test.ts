import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Operation } from '../../src/engine/operation.ts';
import { type Bench, cluster, create, everything, openBench, spec } from './engine.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const request = () => spec('demo', { agents: 1, ports: [{ port: '18110:80', nodeFilters: ['loadbalancer'] }] });

/** Calls that change something, as one undisturbed create makes them. */
async function changesOfACreate(): Promise<number> {
  const first = bench.demo.calls.length;
  await (await create(bench.engine, request())).finished;
  const made = bench.demo.calls.slice(first).filter(call => call.method !== 'GET' && call.method !== 'HEAD').length;
  for (const name of ['k3d-demo-server-0', 'k3d-demo-agent-0', 'k3d-demo-serverlb']) {
    await bench.engine.docker.removeContainer(name, { force: true });
  }
  await bench.engine.docker.removeNetwork('k3d-demo');
  await bench.engine.docker.removeVolume('k3d-demo-images');
  return made;
}

async function outcome(operation: Operation): Promise<string> {
  return operation.finished.then(
    () => 'done',
    () => operation.error?.code ?? 'no error',
  );
}

describe('when Docker refuses the n-th change of a create', () => {
  it('everything made so far is undone, for every n', async () => {
    const { demo, engine } = bench;
    const before = await everything(engine);
    const changes = await changesOfACreate();
    expect(changes).toBeGreaterThan(8);
    for (let n = 1; n <= changes; n++) {
      demo.faults.add({
        match: ({ method }) => method === 'POST' || method === 'PUT',
        nth: n,
        action: 'error',
        status: 500,
        message: 'no space left on device',
        times: 1,
      });
      const result = await outcome(await create(engine, request()));
      demo.faults.clear();
      // The load balancer's last reload and the names for pods are optional: a create survives their failure.
      if (result === 'done') {
        expect(await cluster(engine, 'demo'), `fault ${n}`).toMatchObject({ status: 'running' });
        const operation = engine.operations.operations.at(-1)!;
        expect(operation.steps.filter(step => step.state === 'failed').length, `fault ${n}`).toBeGreaterThan(0);
        for (const { Id } of await engine.docker.listContainers())
          await engine.docker.removeContainer(Id, { force: true });
        await engine.docker.removeNetwork('k3d-demo');
        await engine.docker.removeVolume('k3d-demo-images');
      } else {
        expect(await everything(engine), `fault ${n}: ${result}`).toEqual(before);
      }
    }
  });
});

describe('a create that is cancelled', () => {
  it('leaves nothing behind, at whichever step', async () => {
    const { engine } = bench;
    const before = await everything(engine);
    for (let steps = 0; steps < 14; steps += 2) {
      const operation = await create(engine, request());
      let done = 0;
      operation.subscribe(event => {
        if (event.type === 'step.done' && ++done === steps) operation.cancel();
      });
      if (steps === 0) operation.cancel();
      await expect(operation.finished, `after ${steps} steps`).rejects.toMatchObject({
        code: 'CANCELLED',
        exitCode: 130,
      });
      expect(await everything(engine), `after ${steps} steps`).toEqual(before);
    }
  });
});

describe('an engine that dies half way through a create', () => {
  it('ends the create with one error that names it', async () => {
    const { demo, engine } = bench;
    const operation = await create(engine, request());
    operation.subscribe(event => {
      if (event.type === 'step.done' && event.step === 'network') void demo.die();
    });
    await expect(operation.finished).rejects.toMatchObject({ code: 'DOCKER_UNREACHABLE' });
  });
});

describe('a failed create', () => {
  it('keeps its containers and says so with --no-rollback', async () => {
    const { demo, engine } = bench;
    demo.faults.add({
      match: 'POST /containers/k3d-demo-serverlb/start',
      action: 'error',
      status: 500,
      message: 'broken',
      times: 1,
    });
    const operation = await create(engine, { ...request(), rollback: false });
    await expect(operation.finished).rejects.toThrow(/broken/);
    expect(await everything(engine)).toContain('container /k3d-demo-server-0');
  });

  it('touches nothing that it did not make', async () => {
    const { demo, engine } = bench;
    await (await create(engine, spec('other'))).finished;
    const before = await everything(engine);
    demo.faults.add({
      match: ({ path }) => path.includes('demo-agent-0') && path.endsWith('/start'),
      action: 'error',
      status: 500,
      message: 'broken',
      times: 1,
    });
    await expect((await create(engine, request())).finished).rejects.toThrow(/broken/);
    expect(await everything(engine)).toEqual(before);
    expect(await cluster(engine, 'other')).toMatchObject({ status: 'running' });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import { planClusterStart } from '../../src/engine/cluster/start.ts';
import { planClusterStop } from '../../src/engine/cluster/stop.ts';
import { type Bench, cluster, create, openBench, spec } from './engine.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

describe('agents of a cluster', () => {
  it('come up with the servers, and none asks to join before it is let', async () => {
    const { engine } = bench;
    const agents = ['k3d-demo-agent-0', 'k3d-demo-agent-1'];
    const created = await create(engine, spec('demo', { agents: 2 }));
    await created.finished;
    for (const agent of agents) {
      let log = '';
      for await (const { data } of engine.docker.logs(agent)) log += data;
      expect(log).toContain('Starting k3s agent');
      expect(log).not.toMatch(/Failed to configure agent|failed to get CA certs/);
    }
    await apply(planClusterStop((await cluster(engine, 'demo'))!), engine).finished;
    const started = apply(planClusterStart((await cluster(engine, 'demo'))!, await gatherFacts(engine)), engine);
    await started.finished;
    for (const { events } of [created, started]) {
      const done = events.flatMap(event => (event.type === 'step.done' ? [event.step] : []));
      for (const agent of agents) {
        expect(done.indexOf(`start ${agent}`)).toBeLessThan(done.indexOf('api'));
        expect(done.indexOf(`join ${agent}`)).toBeGreaterThan(done.indexOf('admits'));
        // Whoever starts the container next does not find it held.
        expect(await engine.docker.readFile(agent, '/bin/k3d-hold')).toBeUndefined();
      }
    }
  });

  it('are known to nginx from its start; it is told to look again only where it ran before they had their addresses', async () => {
    const { engine } = bench;
    await (await create(engine, spec('demo', { agents: 1 }))).finished;
    const stopped = async (node?: string) => {
      if (node === undefined) await apply(planClusterStop((await cluster(engine, 'demo'))!), engine).finished;
      else await engine.docker.stopContainer(node);
      await engine.inventory.refresh();
      return planClusterStart((await cluster(engine, 'demo'))!, await gatherFacts(engine));
    };
    const part = await stopped('k3d-demo-agent-0');
    expect(part.steps.map(({ id }) => id)).toContain('reload load balancer');
    await apply(part, engine).finished;
    const whole = await stopped();
    expect(whole.steps.map(({ id }) => id)).not.toContain('reload load balancer');
    expect(whole.steps.find(({ id }) => id === 'start k3d-demo-serverlb')).toMatchObject({
      after: ['start k3d-demo-server-0', 'start k3d-demo-agent-0'],
    });
  });
});

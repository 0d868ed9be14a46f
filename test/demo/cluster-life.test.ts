import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import { planClusterDelete } from '../../src/engine/cluster/delete.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import { planClusterRestart } from '../../src/engine/cluster/restart.ts';
import { planClusterStart } from '../../src/engine/cluster/start.ts';
import { planClusterStop } from '../../src/engine/cluster/stop.ts';
import { planNodeRestart } from '../../src/engine/node/power.ts';
import { type Bench, cluster, create, everything, openBench, spec } from './engine.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

describe('a cluster lives', () => {
  it('created with servers, agents and a port, it runs and is in the kubeconfig', async () => {
    const { engine, home } = bench;
    const request = spec('demo', {
      servers: 3,
      agents: 2,
      ports: [{ port: '18100:80', nodeFilters: ['loadbalancer'] }],
    });
    await (await create(engine, request)).finished;
    expect(await cluster(engine, 'demo')).toMatchObject({ status: 'running', serversRunning: 3, agentsRunning: 2 });
    const kubeconfig = readFileSync(join(home, '.kube', 'config'), 'utf8');
    expect(kubeconfig).toContain('current-context: k3d-demo');
  });

  it('stopped, started and restarted, all its nodes follow', async () => {
    const { engine } = bench;
    await (await create(engine, spec('demo', { servers: 3, agents: 1 }))).finished;
    await apply(planClusterStop((await cluster(engine, 'demo'))!), engine).finished;
    expect(await cluster(engine, 'demo')).toMatchObject({ status: 'stopped', serversRunning: 0, agentsRunning: 0 });

    await apply(planClusterStart((await cluster(engine, 'demo'))!, await gatherFacts(engine)), engine).finished;
    expect(await cluster(engine, 'demo')).toMatchObject({ status: 'running', serversRunning: 3, agentsRunning: 1 });

    const before = (await cluster(engine, 'demo'))!;
    await apply(planClusterRestart(before, await gatherFacts(engine)), engine).finished;
    expect(await cluster(engine, 'demo')).toMatchObject({ status: 'running', serversRunning: 3, agentsRunning: 1 });
    const started = await engine.docker.inspectContainer('k3d-demo-server-0');
    expect(Date.parse(started.State.StartedAt)).toBeGreaterThan(before.created * 1000);
  });

  it('restarted in vain, what ran runs again', async () => {
    const { engine, demo } = bench;
    await (await create(engine, spec('demo', { agents: 1 }))).finished;
    const before = (await cluster(engine, 'demo'))!;
    demo.faults.add({ match: 'POST /containers/k3d-demo-server-0/start', action: 'error', message: 'no space left' });
    const restart = apply(planClusterRestart(before, await gatherFacts(engine)), engine);
    await expect(restart.finished).rejects.toThrow('no space left');
    expect(await cluster(engine, 'demo')).toMatchObject({ status: 'running', serversRunning: 1, agentsRunning: 1 });
    expect((await cluster(engine, 'demo'))?.loadBalancer?.running).toBe(true);

    demo.faults.add({ match: 'POST /containers/k3d-demo-agent-0/start', action: 'error', message: 'no space left' });
    const nodes = (await cluster(engine, 'demo'))!.agents;
    const again = apply(planNodeRestart(nodes, await gatherFacts(engine)), engine);
    await expect(again.finished).rejects.toThrow('no space left');
    expect(await cluster(engine, 'demo')).toMatchObject({ status: 'running', agentsRunning: 1 });
  });

  it('deleted, nothing of it is left, in Docker or in the kubeconfig', async () => {
    const { engine, home } = bench;
    const before = await everything(engine);
    await (await create(engine, spec('demo', { agents: 1 }))).finished;
    const facts = await gatherFacts(engine);
    await apply(planClusterDelete((await cluster(engine, 'demo'))!, facts), engine).finished;
    expect(await everything(engine)).toEqual(before);
    const path = join(home, '.kube', 'config');
    expect(existsSync(path) ? readFileSync(path, 'utf8') : '').not.toContain('demo');
  });

  it('starting one that runs changes nothing', async () => {
    const { engine } = bench;
    await (await create(engine, spec('demo'))).finished;
    const plan = planClusterStart((await cluster(engine, 'demo'))!, await gatherFacts(engine));
    expect(plan.steps).toEqual([]);
  });

  it('without a load balancer the API is published by the server', async () => {
    const { engine } = bench;
    await (await create(engine, spec('bare', { loadBalancer: false }))).finished;
    const made = (await cluster(engine, 'bare'))!;
    expect(made.loadBalancer).toBeUndefined();
    expect(made.servers[0]?.ports).toMatchObject([{ containerPort: 6443 }]);
  });
});

describe('a broken cluster', () => {
  it('that lost its network and a server can be stopped and deleted', async () => {
    const { engine } = bench;
    const before = await everything(engine);
    await (await create(engine, spec('demo', { servers: 3, agents: 1 }))).finished;
    await engine.docker.removeContainer('k3d-demo-server-0', { force: true });
    await engine.docker.removeContainer('k3d-demo-serverlb', { force: true });
    await apply(planClusterStop((await cluster(engine, 'demo'))!), engine).finished;
    await apply(planClusterDelete((await cluster(engine, 'demo'))!, await gatherFacts(engine)), engine).finished;
    expect(await everything(engine)).toEqual(before);
  });

  it('without any server says so instead of starting', async () => {
    const { engine } = bench;
    await (await create(engine, spec('demo', { agents: 1 }))).finished;
    await engine.docker.removeContainer('k3d-demo-server-0', { force: true });
    const facts = await gatherFacts(engine);
    const left = (await cluster(engine, 'demo'))!;
    expect(() => planClusterStart(left, facts)).toThrow(/no server left/);
  });
});

describe('a network that others use', () => {
  it('stays when the cluster is deleted, and the message names them', async () => {
    const { engine } = bench;
    await (await create(engine, spec('demo'))).finished;
    const guest = await engine.docker.createContainer('guest', { Image: 'postgres:17-alpine', HostConfig: {} });
    await engine.docker.connectNetwork('k3d-demo', guest);
    await engine.docker.startContainer(guest);
    const plan = planClusterDelete((await cluster(engine, 'demo'))!, await gatherFacts(engine));
    expect(plan.warnings.join()).toContain('guest');
    await apply(plan, engine).finished;
    expect(await everything(engine)).toEqual(['container /guest', 'network k3d-demo']);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNode } from '../../src/engine/node/details.ts';
import { LiveNodes } from '../../src/engine/node/live.ts';
import { type Bench, cluster, create, openBench, spec } from './engine.ts';

let bench: Bench;
let live: LiveNodes;
beforeEach(async () => {
  bench = await openBench();
  await (await create(bench.engine, spec('demo', { agents: 1 }))).finished;
  await bench.engine.inventory.refresh();
  live = new LiveNodes(bench.engine);
});
afterEach(async () => {
  live.hide();
  await bench.close();
});

const statsOf = (id: string) => bench.demo.calls.filter(({ path }) => path === `/containers/${id}/stats`).length;

describe('what is watched of nodes', () => {
  it('is what is shown, once each, and nothing when nothing is', async () => {
    const demo = (await cluster(bench.engine, 'demo'))!;
    const [server] = demo.servers;
    const [agent] = demo.agents;
    const shown = { load: [server!], clusters: [demo], nodes: true };
    for (let again = 0; again < 5; again++) live.show(shown);
    await expect.poll(() => live.view.load.get(server!.id)?.length).toBeGreaterThan(0);
    expect(statsOf(server!.id)).toBe(1);
    expect(statsOf(agent!.id)).toBe(0);

    live.show({ ...shown, load: [agent!] });
    await expect.poll(() => live.view.load.get(agent!.id)?.length).toBeGreaterThan(0);
    const last = live.view.load.get(server!.id);
    await expect.poll(() => live.view.load.get(agent!.id)?.length).toBeGreaterThan(2);
    expect(live.view.load.get(server!.id)).toBe(last);

    live.hide();
    let told = 0;
    live.subscribe(() => told++);
    expect(live.view.load.size).toBe(0);
    const calls = bench.demo.calls.length;
    await new Promise(resolve => setTimeout(resolve, 1300));
    expect(told).toBe(0);
    expect(bench.demo.calls.length).toBe(calls);
  });

  it('says what Kubernetes says, also when it stops answering, and when it does again', async () => {
    const demo = (await cluster(bench.engine, 'demo'))!;
    live.show({ load: [], clusters: [demo], nodes: true });
    await expect.poll(() => live.view.kubernetes.get('demo')?.nodes?.size).toBe(2);
    expect(live.view.kubernetes.get('demo')?.nodes?.get('k3d-demo-agent-0')).toMatchObject({ ready: true });
    live.hide();
    await bench.engine.docker.stopContainer('k3d-demo-serverlb', { timeoutSeconds: 0 });
    live.show({ load: [], clusters: [demo], nodes: true });
    await expect.poll(() => live.view.kubernetes.get('demo')?.error).toBeTruthy();
    expect(live.view.kubernetes.get('demo')?.nodes).toBeUndefined();
  });
});

describe('the details of a node', () => {
  it('hold kubelet’s arguments, conditions and events', async () => {
    const demo = (await cluster(bench.engine, 'demo'))!;
    const facts = await readNode(bench.engine, demo.agents[0]!);
    expect(facts.kubelet).toContainEqual({ name: 'cloud-provider', value: 'external' });
    expect(facts.kubernetes?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True', bad: false }),
    );
    expect(facts.kubernetes?.events.map(({ reason }) => reason)).toContain('NodeReady');
    expect(facts.kubernetesError).toBeUndefined();
    const balancer = await readNode(bench.engine, demo.loadBalancer!);
    expect(balancer).toMatchObject({ kubelet: undefined, kubernetes: undefined });
  });

  it('say why Kubernetes could not be asked', async () => {
    const { docker, inventory } = bench.engine;
    await docker.stopContainer('k3d-demo-server-0', { timeoutSeconds: 0 });
    await inventory.refresh();
    const demo = inventory.snapshot.clusters[0]!;
    expect((await readNode(bench.engine, demo.servers[0]!)).kubernetesError).toBe('no server of its cluster runs');
  });
});

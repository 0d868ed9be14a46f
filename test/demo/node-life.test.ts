import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import { VALUES_PATH } from '../../src/engine/loadbalancer/values.ts';
import type { Node } from '../../src/engine/model.ts';
import { planNodeCreate } from '../../src/engine/node/create.ts';
import { type NodeDeleteOptions, planNodeDelete } from '../../src/engine/node/delete.ts';
import { gatherNodeFacts } from '../../src/engine/node/facts.ts';
import { planNodeRestart, planNodeStart, planNodeStop } from '../../src/engine/node/power.ts';
import { defaultNodeRequest, type NodeRequest } from '../../src/engine/node/request.ts';
import { targetNamed } from '../../src/engine/node/target.ts';
import type { Operation } from '../../src/engine/operation.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { type Bench, cluster, create, everything, openBench, spec } from './engine.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

async function addNodes(name: string, changes: Partial<NodeRequest>, to = 'demo'): Promise<Operation> {
  const { engine } = bench;
  await engine.inventory.refresh();
  const target = targetNamed(to, engine.inventory.snapshot.clusters);
  const request = { ...defaultNodeRequest(name), ...changes };
  const facts = await gatherNodeFacts(engine, 'url' in target ? undefined : target, request);
  return apply(planNodeCreate(target, request, facts), engine);
}

async function nodes(...names: string[]): Promise<Node[]> {
  await bench.engine.inventory.refresh();
  return names.map(name => bench.engine.inventory.snapshot.nodes.find(node => node.name === name)!);
}

async function remove(names: string[], options: NodeDeleteOptions = { drain: true }): Promise<Operation> {
  const chosen = await nodes(...names);
  return apply(planNodeDelete(chosen, await gatherFacts(bench.engine), options), bench.engine);
}

async function kubernetesNodes(): Promise<string[]> {
  const answer = await bench.engine.docker.exec('k3d-demo-server-0', ['kubectl', 'get', 'nodes', '-o', 'name']);
  return answer.stdout
    .trim()
    .split('\n')
    .map(line => line.replace('node/', ''))
    .sort();
}

const values = async () =>
  (await bench.engine.docker.readFile('k3d-demo-serverlb', VALUES_PATH))!.toString().replaceAll('k3d-demo-', '');

const start = async (changes: Parameters<typeof spec>[1] = {}) =>
  (await create(bench.engine, spec('demo', changes))).finished;

describe('adding nodes', () => {
  it('agents come up side by side under the next free names, and join the ports that lead to all nodes', async () => {
    await start({ agents: 1, ports: [{ port: '80', nodeFilters: ['loadbalancer'] }] });
    await (await addNodes('demo-agent', { replicas: 2 })).finished;
    const now = await cluster(bench.engine, 'demo');
    expect(now?.agents.map(node => [node.name, node.running])).toEqual([
      ['k3d-demo-agent-0', true],
      ['k3d-demo-agent-1', true],
      ['k3d-demo-agent-2', true],
    ]);
    expect(await kubernetesNodes()).toEqual([
      'k3d-demo-agent-0',
      'k3d-demo-agent-1',
      'k3d-demo-agent-2',
      'k3d-demo-server-0',
    ]);
    expect(await values()).toContain('80.tcp:\n  - server-0\n  - agent-0\n  - agent-1\n  - agent-2\n');
  });

  it('a node that does not run keeps no other from joining', async () => {
    await start({ agents: 1, ports: [{ port: '80', nodeFilters: ['loadbalancer'] }] });
    await bench.engine.docker.stopContainer('k3d-demo-agent-0', { timeoutSeconds: 0 });
    await (await addNodes('demo-agent', {})).finished;
    expect(await values()).toContain('80.tcp:\n  - server-0\n  - agent-0\n  - agent-1');
  });

  it('a port that leads to one node alone still does', async () => {
    await start({ agents: 2, ports: [{ port: '80', nodeFilters: ['agent:1'] }] });
    await (await addNodes('extra', {})).finished;
    expect(await values()).toContain('80.tcp:\n  - agent-1\n');
  });

  it('a server joins the others and the load balancer', async () => {
    await start({ servers: 3 });
    await (await addNodes('demo-server', { role: 'server' })).finished;
    expect((await cluster(bench.engine, 'demo'))?.servers.map(node => node.name)).toContain('k3d-demo-server-3');
    expect(await values()).toContain('6443.tcp:\n  - server-0\n  - server-1\n  - server-2\n  - server-3\n');
    const { Config } = await bench.engine.docker.inspectContainer('k3d-demo-server-3');
    expect(Config.Cmd).not.toContain('--cluster-init');
    expect(Config.Labels?.['k3d.server.init']).toBe('false');
  });

  it('a cluster on SQLite says that it takes no second server before anything is tried', async () => {
    await start();
    const before = await everything(bench.engine);
    await expect(addNodes('more', { role: 'server' })).rejects.toMatchObject({
      code: 'SERVER_CANNOT_JOIN',
      message: expect.stringContaining("'demo' keeps its data in SQLite"),
    });
    expect(await everything(bench.engine)).toEqual(before);
  });

  it('a cluster that does not run says so', async () => {
    await start();
    const { docker } = bench.engine;
    for (const { Id } of await docker.listContainers()) await docker.stopContainer(Id, { timeoutSeconds: 0 });
    await expect(addNodes('more', {})).rejects.toMatchObject({ code: 'CLUSTER_STOPPED' });
  });

  it('a name that Kubernetes still knows of a node that k3d removed is free again', async () => {
    await start({ agents: 1 });
    await bench.engine.docker.removeContainer('k3d-demo-agent-0', { force: true });
    expect(await kubernetesNodes()).toContain('k3d-demo-agent-0');
    await (await addNodes('demo-agent', {})).finished;
    expect((await cluster(bench.engine, 'demo'))?.agents[0]).toMatchObject({ name: 'k3d-demo-agent-0', running: true });
  });

  it('a node joins a cluster elsewhere by URL and token', async () => {
    await start({ token: 'sesame' });
    const url = 'https://k3d-demo-server-0:6443';
    const operation = await addNodes(
      'far',
      { token: 'sesame', networks: ['k3d-demo'], image: 'rancher/k3s:v1.31.5-k3s1' },
      url,
    );
    await operation.finished;
    expect(await kubernetesNodes()).toContain('k3d-far-0');
    await expect(addNodes('far', {}, url)).rejects.toMatchObject({ code: 'TOKEN_MISSING' });
  });

  it('leaves nothing behind, whichever call fails', async () => {
    await start({ agents: 1, ports: [{ port: '80', nodeFilters: ['loadbalancer'] }] });
    const { demo, engine } = bench;
    const before = { objects: await everything(engine), nodes: await kubernetesNodes(), values: await values() };
    const first = demo.calls.length;
    await (await addNodes('more', { replicas: 2 })).finished;
    const changes = demo.calls.slice(first).filter(({ method }) => method === 'POST' || method === 'PUT').length;
    expect(changes).toBeGreaterThan(8);
    await (await remove(['k3d-more-0', 'k3d-more-1'])).finished;
    expect({ objects: await everything(engine), nodes: await kubernetesNodes(), values: await values() }).toEqual(
      before,
    );
    for (let nth = 1; nth <= changes; nth++) {
      demo.faults.add({
        match: ({ method }) => method === 'POST' || method === 'PUT',
        nth,
        action: 'error',
        status: 500,
        message: 'no space left on device',
      });
      const operation = await addNodes('more', { replicas: 2 });
      await operation.finished.catch(() => {});
      demo.faults.clear();
      if (operation.state === 'done') await (await remove(['k3d-more-0', 'k3d-more-1'])).finished;
      expect(
        { objects: await everything(engine), nodes: await kubernetesNodes(), values: await values() },
        `fault ${nth}: ${operation.error?.message}`,
      ).toEqual(before);
    }
  });
});

describe('deleting nodes', () => {
  it('Kubernetes, the ports and Docker let go of an agent', async () => {
    await start({ agents: 2, ports: [{ port: '80', nodeFilters: ['loadbalancer'] }] });
    const operation = await remove(['k3d-demo-agent-0']);
    await operation.finished;
    expect(operation.steps.map(step => [step.title, step.state])).toEqual([
      ['lead no port to k3d-demo-agent-0', 'done'],
      ['drain', 'done'],
      ['remove', 'done'],
      ['leave Kubernetes', 'done'],
    ]);
    expect(await kubernetesNodes()).toEqual(['k3d-demo-agent-1', 'k3d-demo-server-0']);
    expect(await values()).toContain('80.tcp:\n  - server-0\n  - agent-1\n');
  });

  it('a server leaves etcd, so that those left start again', async () => {
    await start({ servers: 3 });
    await (await remove(['k3d-demo-server-1', 'k3d-demo-server-2'])).finished;
    expect(await values()).toContain('6443.tcp:\n  - server-0\n');
    const { engine } = bench;
    const left = await nodes('k3d-demo-server-0', 'k3d-demo-serverlb');
    await apply(planNodeRestart(left, await gatherFacts(engine)), engine).finished;
    expect(await kubernetesNodes()).toEqual(['k3d-demo-server-0']);
  });

  it('the only server stays unless forced', async () => {
    await start({ agents: 1 });
    await expect(remove(['k3d-demo-server-0'])).rejects.toMatchObject({ code: 'SERVER_LAST' });
    await (await remove(['k3d-demo-server-0'], { drain: true, force: true })).finished;
    expect((await cluster(bench.engine, 'demo'))?.servers).toEqual([]);
  });

  it('all of them at once need no farewell', async () => {
    await start({ agents: 1 });
    const operation = await remove(['k3d-demo-server-0', 'k3d-demo-agent-0', 'k3d-demo-serverlb']);
    await operation.finished;
    expect(new Set(operation.steps.map(step => step.title))).toEqual(new Set(['remove']));
  });

  it('a node whose pods do not go stays, with its ports and its place', async () => {
    await start({ agents: 1, ports: [{ port: '80', nodeFilters: ['loadbalancer'] }] });
    const before = await values();
    bench.demo.faults.add({
      match: 'DELETE /containers/',
      action: 'error',
      status: 500,
      message: 'device busy',
      times: 3,
    });
    await expect((await remove(['k3d-demo-agent-0'])).finished).rejects.toThrow(/device busy/);
    expect(await values()).toBe(before);
    const answer = await bench.engine.docker.exec('k3d-demo-server-0', ['kubectl', 'get', 'nodes', '-o', 'json']);
    expect(answer.stdout).not.toContain('"unschedulable": true');
  });
});

describe('stopping and starting nodes', () => {
  it('only those asked for', async () => {
    await start({ agents: 2 });
    const { engine } = bench;
    await apply(planNodeStop(await nodes('k3d-demo-agent-1'), { snapshot: engine.inventory.snapshot }), engine)
      .finished;
    expect((await cluster(engine, 'demo'))?.agentsRunning).toBe(1);
    const operation = apply(
      planNodeStart(await nodes('k3d-demo-agent-0', 'k3d-demo-agent-1'), await gatherFacts(engine), { wait: true }),
      engine,
    );
    await operation.finished;
    expect(operation.steps.map(step => step.id)).toContain('files k3d-demo-agent-1');
    expect(operation.steps.some(step => step.id === 'start k3d-demo-agent-0')).toBe(false);
    expect((await cluster(engine, 'demo'))?.agentsRunning).toBe(2);
  });

  it('a stop that takes etcd its majority says so', async () => {
    await start({ servers: 3 });
    const plan = planNodeStop(await nodes('k3d-demo-server-1', 'k3d-demo-server-2'), {
      snapshot: bench.engine.inventory.snapshot,
    });
    expect(plan.warnings).toEqual([expect.stringContaining('1 of 3 servers running')]);
  });

  it('a start or restart does not wait for a Kubernetes that cannot answer, and says why', async () => {
    await start({ servers: 3, agents: 1 });
    const { engine } = bench;
    const stop = async (...names: string[]) => {
      await apply(planNodeStop(await nodes(...names), { snapshot: engine.inventory.snapshot }), engine).finished;
      await engine.inventory.refresh();
    };
    const waits = ({ steps }: Plan) => steps.filter(({ action }) => action.kind === 'ready').length;
    await stop('k3d-demo-agent-0', 'k3d-demo-serverlb');
    const aside = planNodeStart(await nodes('k3d-demo-agent-0'), await gatherFacts(engine), { wait: true });
    expect(aside.warnings).toEqual(['not waited until Kubernetes answers: k3d-demo-serverlb does not run']);
    await apply(aside, engine).finished;
    await stop('k3d-demo-server-1', 'k3d-demo-server-2');
    const few = planNodeRestart(await nodes('k3d-demo-server-0', 'k3d-demo-serverlb'), await gatherFacts(engine));
    expect(few.warnings).toEqual([
      'not waited until Kubernetes answers: with 1 of 3 servers running etcd stands still',
    ]);
    expect([waits(aside), waits(few)]).toEqual([0, 0]);
    await apply(few, engine).finished;
    const rest = planNodeStart(await nodes('k3d-demo-server-1'), await gatherFacts(engine), { wait: true });
    expect(rest.warnings).toEqual([]);
    await apply(rest, engine).finished;
    expect(await kubernetesNodes()).toContain('k3d-demo-server-1');
    // A load balancer that runs already learns where the servers are before the API is asked through it.
    const order = rest.steps.map(({ id }) => id);
    expect(order).toContain('find the servers');
    expect(rest.steps.find(({ id }) => id === 'api')?.after).toEqual(['find the servers']);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { apply } from '../../src/engine/apply.ts';
import { factsForCreate, planClusterCreate } from '../../src/engine/cluster/create.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import { planClusterStart } from '../../src/engine/cluster/start.ts';
import { planClusterStop } from '../../src/engine/cluster/stop.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { VALUES_PATH } from '../../src/engine/loadbalancer/values.ts';
import type { Cluster, Node } from '../../src/engine/model.ts';
import { planNodeCreate } from '../../src/engine/node/create.ts';
import { planNodeDelete } from '../../src/engine/node/delete.ts';
import { gatherNodeFacts } from '../../src/engine/node/facts.ts';
import { planNodeStart, planNodeStop } from '../../src/engine/node/power.ts';
import { defaultNodeRequest, type NodeRequest } from '../../src/engine/node/request.ts';
import { type StatsSample, watchStats } from '../../src/engine/node/stats.ts';
import { openEngine } from '../../src/engine/open.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';

const bed = await testDocker();

describe.skipIf(bed.skip)('nodes on a real engine', () => {
  const name = uniqueName('nodes');
  const home = mkdtempSync(join(tmpdir(), 'k3dui-nodes-'));
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ env: { ...bed.env, HOME: home, KUBECONFIG: join(home, 'kubeconfig') } });
    await engine.inventory.refresh();
    const spec = { ...defaultClusterSpec(bed.images.K3DUI_TEST_IMAGE), name, servers: 3, agents: 1 };
    spec.ports = [{ port: '80', nodeFilters: ['loadbalancer'] }];
    const facts = await gatherFacts(engine, factsForCreate(spec, engine.env));
    await run(planClusterCreate(spec, facts));
  }, 240_000);
  afterAll(async () => {
    engine?.close();
    await cleanup(name, bed.docker);
    rmSync(home, { recursive: true, force: true });
  });

  const run = (plan: Plan) => apply(plan, engine).finished;
  const full = (short: string) => `k3d-${name}-${short}`;

  async function cluster(): Promise<Cluster> {
    await engine.inventory.refresh();
    return engine.inventory.snapshot.clusters.find(one => one.name === name)!;
  }

  async function nodes(...shorts: string[]): Promise<Node[]> {
    const { servers, agents } = await cluster();
    return shorts.map(short => [...servers, ...agents].find(node => node.name === full(short))!);
  }

  async function add(change: Partial<NodeRequest>): Promise<void> {
    const target = await cluster();
    const request = { ...defaultNodeRequest(`${name}-${change.role ?? 'agent'}`), ...change };
    await run(planNodeCreate(target, request, await gatherNodeFacts(engine, target, request)));
  }

  async function kubernetesNodes(): Promise<string[]> {
    const { stdout } = await engine.docker.exec(full('server-0'), ['kubectl', 'get', 'nodes', '-o', 'name']);
    return stdout
      .trim()
      .split('\n')
      .map(line => line.replace(`node/k3d-${name}-`, ''))
      .sort();
  }

  async function listener(port: string): Promise<string> {
    const text = (await engine.docker.readFile(full('serverlb'), VALUES_PATH))!
      .toString()
      .replaceAll(`k3d-${name}-`, '');
    return new RegExp(`${port}.tcp:\\n((?:  - .*\\n)*)`)
      .exec(text)![1]!
      .replaceAll(/ {2}- |\n/g, ' ')
      .trim();
  }

  test('agents and a server join, and the ports that lead to all lead to them, in nginx too', async () => {
    await add({ replicas: 2 });
    await add({ role: 'server' });
    expect(await kubernetesNodes()).toEqual([
      'agent-0',
      'agent-1',
      'agent-2',
      'server-0',
      'server-1',
      'server-2',
      'server-3',
    ]);
    expect(await listener('6443')).toBe('server-0  server-1  server-2  server-3');
    const all = 'server-0 server-1 server-2 server-3 agent-0 agent-1 agent-2';
    expect(new Set((await listener('80')).split(/ +/))).toEqual(new Set(all.split(' ')));
    const { stdout } = await engine.docker.exec(full('serverlb'), ['nginx', '-T']);
    expect(stdout).toContain(`server ${full('server-3')}:6443`);
  }, 240_000);

  test('a stopped node starts again with its entry point', async () => {
    await run(planNodeStop(await nodes('agent-1'), { snapshot: engine.inventory.snapshot }));
    expect((await nodes('agent-1'))[0]?.state).toBe('exited');
    await run(planNodeStart(await nodes('agent-1'), await gatherFacts(engine), { wait: true }));
    expect((await nodes('agent-1'))[0]?.state).toBe('running');
  });

  test('servers and agents leave; Kubernetes, etcd and ports let go of them, so that the cluster starts again', async () => {
    const leaving = await nodes('server-1', 'server-3', 'agent-1', 'agent-2');
    await run(planNodeDelete(leaving, await gatherFacts(engine), { drain: true }));
    expect(await kubernetesNodes()).toEqual(['agent-0', 'server-0', 'server-2']);
    expect(await listener('6443')).toBe('server-0  server-2');
    expect(await listener('80')).toBe('server-0  server-2  agent-0');

    await run(planClusterStop(await cluster()));
    await run(planClusterStart(await cluster(), await gatherFacts(engine), { timeoutSeconds: 120 }));
    expect((await cluster()).status).toBe('running');
    expect(await kubernetesNodes()).toEqual(['agent-0', 'server-0', 'server-2']);
  }, 300_000);

  test('a node shows its load', async () => {
    const [server] = await nodes('server-0');
    const stop = new AbortController();
    const samples: StatsSample[] = [];
    watchStats(engine.docker, [server!.id], (_, sample) => void samples.push(sample), { signal: stop.signal });
    await until('three samples', async () => (samples.length >= 3 ? true : undefined));
    stop.abort();
    for (const { cpu, memory, memoryLimit } of samples) {
      expect(cpu).toBeGreaterThanOrEqual(0);
      expect(memory).toBeGreaterThan(1e6);
      expect(memoryLimit).toBeGreaterThan(memory);
    }
  });
});

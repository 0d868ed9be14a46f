import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import { probePort } from '../../src/engine/ports/probe.ts';
import { readLoadBalancer } from '../../src/engine/ports/read.ts';
import { portTable } from '../../src/engine/ports/table.ts';
import { type Bench, cluster, create, everything, openBench, spec } from './engine.ts';
import { answer, edit, plan, request } from './ports-kit.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  await (
    await create(
      bench.engine,
      spec('demo', { agents: 1, ports: [{ port: '18150:80', nodeFilters: ['loadbalancer'] }] }),
    )
  ).finished;
});
afterEach(() => bench.close());

const reading = async () => readLoadBalancer(bench.engine.docker, (await cluster(bench.engine, 'demo'))!, {});

describe('a port added to a running cluster', () => {
  it('answers, and everything else about the load balancer stays as it was', async () => {
    const { engine } = bench;
    const before = await reading();
    const things = await everything(engine);
    await (await edit(engine, 'demo', { add: [request('18151:81@agent:0')] })).finished;
    expect(await answer(18151)).toBe('k3d-demo-agent-0');
    expect(await answer(18150)).toMatch(/^k3d-demo-/);
    const after = await reading();
    expect(after.model.ports).toEqual({ ...before.model.ports, '81.tcp': ['k3d-demo-agent-0'] });
    expect(after.agrees, after.differences.join()).toBe(true);
    expect(after.inspect.Name).toBe('/k3d-demo-serverlb');
    expect(after.inspect.Config.Hostname).toBe('k3d-demo-serverlb');
    expect(after.inspect.Config.Labels).toEqual(before.inspect.Config.Labels);
    expect(after.inspect.HostConfig).toEqual({
      ...before.inspect.HostConfig,
      PortBindings: { ...before.inspect.HostConfig.PortBindings, '81/tcp': [{ HostIp: '', HostPort: '18151' }] },
    });
    expect(Object.keys(after.inspect.NetworkSettings.Networks!)).toEqual(['k3d-demo']);
    expect(await everything(engine)).toEqual(things);
    expect((await cluster(engine, 'demo'))!.faults).toEqual([]);
  });

  it('can come, change and go in one set, with one replacement', async () => {
    const { engine } = bench;
    await (await edit(engine, 'demo', { add: [request('18151:81'), request('18152:82@server:0')] })).finished;
    const operation = await edit(engine, 'demo', {
      remove: [request('18151:81'), request('18152:82')],
      add: [request('18153:82@server:0'), request('18154:84')],
    });
    await operation.finished;
    expect(operation.steps.filter(step => step.id === 'hand over')).toHaveLength(1);
    expect(Object.keys((await reading()).model.ports).sort()).toEqual(['6443.tcp', '80.tcp', '82.tcp', '84.tcp']);
    expect(await answer(18151)).toBeUndefined();
    expect(await answer(18153)).toBe('k3d-demo-server-0');
    expect(await answer(18154)).toMatch(/^k3d-demo-/);
  });

  it('keeps an address given to the load balancer, a network joined later and a port that Docker picked', async () => {
    const { engine } = bench;
    const { docker } = engine;
    await docker.createNetwork({ Name: 'side', Driver: 'bridge' });
    await docker.connectNetwork('side', 'k3d-demo-serverlb');
    await (await edit(engine, 'demo', { add: [request('85')] })).finished;
    const picked = (await reading()).ports.find(port => port.containerPort === 85)!.hostPort;
    expect(picked).toBeGreaterThan(0);
    await (await edit(engine, 'demo', { add: [request('18156:86')] })).finished;
    const { inspect, ports } = await reading();
    expect(Object.keys(inspect.NetworkSettings.Networks!).sort()).toEqual(['k3d-demo', 'side']);
    expect(ports.find(port => port.containerPort === 85)!.hostPort).toBe(picked);
  });
});

describe('a change that needs no new host port', () => {
  it('is taken up live: the container stays, connections are not cut', async () => {
    const { engine } = bench;
    const { id } = (await cluster(engine, 'demo'))!.loadBalancer!;
    const operation = await edit(engine, 'demo', {
      replaceUpstreams: { '80.tcp': ['k3d-demo-agent-0'] },
      settings: { defaultProxyTimeout: 30 },
    });
    await operation.finished;
    expect((await cluster(engine, 'demo'))!.loadBalancer!.id).toBe(id);
    await expect.poll(() => answer(18150)).toBe('k3d-demo-agent-0');
    const { model, agrees } = await reading();
    expect(model.ports['80.tcp']).toEqual(['k3d-demo-agent-0']);
    expect(model.settings).toEqual({ workerConnections: 1024, defaultProxyTimeout: 30 });
    expect(agrees).toBe(true);
  });

  it('puts the old files back when nginx refuses the new ones', async () => {
    const { engine } = bench;
    const before = await reading();
    bench.demo.faults.add({
      match: ({ path }) => /\/exec\/.*\/start/.test(path),
      nth: 2,
      action: 'error',
      status: 500,
      message: 'no',
    });
    const operation = await edit(engine, 'demo', { replaceUpstreams: { '80.tcp': ['k3d-demo-agent-0'] } });
    await expect(operation.finished).rejects.toThrow(/no/);
    const after = await reading();
    expect(after.valuesText).toBe(before.valuesText);
    expect(after.differences).toEqual([]);
  });

  it('is nothing at all when all is so already', async () => {
    const same = await plan(bench.engine, 'demo', { add: [request('18150:80@servers:*:proxy;agents:*:proxy')] });
    expect(same.steps).toEqual([]);
    const missing = await plan(bench.engine, 'demo', { remove: [request('19999:99')] });
    expect(missing.steps).toEqual([]);
    expect(missing.warnings.join()).toMatch(/no mapping 19999:99/);
  });
});

describe('what cannot be', () => {
  it('is said before anything is touched', async () => {
    const { engine } = bench;
    const api = (await cluster(engine, 'demo'))!.api!.port;
    const things = await everything(engine);
    await expect(plan(engine, 'demo', { add: [request('18151:81@server:0:direct')] })).rejects.toMatchObject({
      code: 'PORT_DIRECT',
      hint: expect.stringContaining('18151:81@server:0:proxy'),
    });
    await expect(plan(engine, 'demo', { remove: [request(`${api}:6443`)] })).rejects.toMatchObject({
      code: 'API_PORT_FIXED',
    });
    await expect(plan(engine, 'demo', { add: [request('18150:99')] })).rejects.toMatchObject({ code: 'PORT_TWICE' });
    await (await create(engine, spec('other', { ports: [{ port: '18159:80', nodeFilters: ['loadbalancer'] }] })))
      .finished;
    await expect(plan(engine, 'demo', { add: [request('18159:99')] })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining('k3d-other-serverlb (cluster other)'),
    });
    expect((await everything(engine)).filter(thing => !/other|^volume/.test(thing))).toEqual(
      things.filter(thing => !thing.startsWith('volume')),
    );
    await engine.docker.stopContainer('k3d-other-serverlb', { timeoutSeconds: 0 });
    const warned = await plan(engine, 'demo', { add: [request('18159:99')] });
    expect(warned.warnings.join()).toMatch(/18159\/tcp is also wanted by k3d-other-serverlb \(cluster other\)/);
    const many = await plan(engine, 'demo', { add: [request('20000-20150:20000-20150')] });
    expect(many.warnings.join()).toMatch(/153 ports/);
  });

  it('is explained for a cluster without a load balancer', async () => {
    const { engine } = bench;
    await (await create(engine, spec('bare', { loadBalancer: false }))).finished;
    await expect(plan(engine, 'bare', { add: [request('18151:81')] })).rejects.toMatchObject({
      code: 'LB_MISSING',
      message: expect.stringContaining('--no-lb'),
    });
  });
});

describe('a stopped cluster', () => {
  it('gets its ports without being started, and has them when it starts', async () => {
    const { engine } = bench;
    const { docker } = engine;
    for (const name of ['k3d-demo-serverlb', 'k3d-demo-agent-0', 'k3d-demo-server-0']) {
      await docker.stopContainer(name, { timeoutSeconds: 0 });
    }
    const things = await everything(engine);
    await (await edit(engine, 'demo', { add: [request('18151:81')] })).finished;
    expect((await cluster(engine, 'demo'))!.loadBalancer!.running).toBe(false);
    expect(await everything(engine)).toEqual(things);
    for (const name of ['k3d-demo-server-0', 'k3d-demo-agent-0', 'k3d-demo-serverlb'])
      await docker.startContainer(name);
    await expect.poll(() => answer(18151)).toMatch(/^k3d-demo-/);
  });
});

describe('the table of ports', () => {
  it('shows each path with what stands behind it, and tests it live', async () => {
    const { engine } = bench;
    const found = (await cluster(engine, 'demo'))!;
    const { model, ports } = await reading();
    const rows = portTable(found, model, ports);
    expect(rows.map(({ kind, listenerPort, filters }) => ({ kind, listenerPort, filters }))).toEqual([
      { kind: 'api', listenerPort: 6443, filters: 'servers:*:proxy' },
      { kind: 'proxy', listenerPort: 80, filters: 'loadbalancer' },
    ]);
    const probe = await probePort(engine.docker, found, rows[1]!, {});
    expect(probe.state).toBe('open');
    expect(probe.upstreams.map(({ node, state }) => [node, state])).toEqual([
      ['k3d-demo-server-0', 'open'],
      ['k3d-demo-agent-0', 'open'],
    ]);
    await engine.docker.stopContainer('k3d-demo-agent-0', { timeoutSeconds: 0 });
    await engine.docker.stopContainer('k3d-demo-server-0', { timeoutSeconds: 0 });
    const dead = (await cluster(engine, 'demo'))!;
    const rowsThen = portTable(dead, model, ports);
    expect(rowsThen[1]!.upstreams.map(({ running }) => running)).toEqual([false, false]);
    const refused = await probePort(engine.docker, dead, rowsThen[1]!, {});
    expect(refused.state).toBe('refused behind');
  });

  it('facts about stopped containers are only read when asked for', async () => {
    const { engine, demo } = bench;
    await engine.docker.stopContainer('k3d-demo-agent-0', { timeoutSeconds: 0 });
    const calls = demo.calls.length;
    await gatherFacts(engine);
    expect(
      demo.calls
        .slice(calls)
        .filter(({ path }) => /containers\/[^/]+\/json/.test(path) && !path.endsWith('/containers/json')),
    ).toEqual([]);
  });
});

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { apply } from '../../src/engine/apply.ts';
import { factsForCreate, planClusterCreate } from '../../src/engine/cluster/create.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { reloadLoadBalancer } from '../../src/engine/loadbalancer/reload.ts';
import { openEngine } from '../../src/engine/open.ts';
import { probePort } from '../../src/engine/ports/probe.ts';
import { readLoadBalancer } from '../../src/engine/ports/read.ts';
import { portTable } from '../../src/engine/ports/table.ts';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { freePorts } from '../bed/free-ports.ts';
import { exchange, startEcho, watchInterruption } from '../bed/interruption.ts';
import { type OwnHome, ownHome } from '../bed/own-home.ts';
import { programFile } from '../bed/program.ts';
import { cluster } from '../demo/engine.ts';
import { edit, plan, request } from '../demo/ports-kit.ts';

const bed = await testDocker();

describe.skipIf(bed.skip || !bed.standIn)('ports of a living cluster on a real engine', () => {
  const name = uniqueName('ptedit');
  const agent = `k3d-${name}-agent-0`;
  let own: OwnHome;
  let engine: Engine;
  let first: number;

  beforeAll(async () => {
    own = await ownHome(bed);
    engine = await openEngine({ env: own.env });
    await engine.inventory.refresh();
    first = await freePorts(12);
    const spec = {
      ...defaultClusterSpec(bed.images.K3DUI_TEST_IMAGE),
      name,
      agents: 1,
      updateDefaultKubeconfig: false,
      ports: [{ port: `${first}:80`, nodeFilters: ['agent:0'] }],
    };
    const facts = await gatherFacts(engine, factsForCreate(spec, own.env));
    await apply(planClusterCreate(spec, facts), engine).finished;
    await startEcho(bed.docker, agent, { tcp: [80, 81, 82], udp: [83] });
    await until('echo', async () => ((await exchange(first)) ? true : undefined));
  });
  afterAll(async () => {
    engine?.close();
    await cleanup(name);
    await own?.remove();
  });

  const reading = async () => readLoadBalancer(engine.docker, (await cluster(engine, name))!, {});
  const containers = async () =>
    (await bed.docker.listContainers({ all: true, filters: { label: [`k3d.cluster=${name}`] } }))
      .map(container => container.Names[0]!)
      .sort();
  const standbyNetworks = async () =>
    (await bed.docker.listNetworks()).filter(network => network.Name.startsWith(`k3d-${name}-serverlb`));
  const expectWhole = async () => {
    expect(await containers()).toEqual([`/${agent}`, `/k3d-${name}-server-0`, `/k3d-${name}-serverlb`]);
    expect(await standbyNetworks()).toEqual([]);
    expect((await cluster(engine, name))!.faults).toEqual([]);
  };

  it('a port is added while clients use another: one short interruption, and it answers', async () => {
    let took = 0;
    const seen = await watchInterruption(first, 20, async () => {
      const begin = performance.now();
      await (await edit(engine, name, { add: [request(`${first + 1}:81@agent:0`)] })).finished;
      took = performance.now() - begin;
    });
    console.log(`add: ${JSON.stringify(seen)}, ${Math.round(took)} ms in all`);
    expect(seen.failed).toBeLessThan(seen.polls);
    expect(seen.deadMs).toBeGreaterThan(0);
    expect(await exchange(first + 1)).toBe(true);
    expect(await exchange(first)).toBe(true);
    await expectWhole();
    const { inspect, agrees, differences } = await reading();
    expect(Object.keys(inspect.NetworkSettings.Networks!)).toEqual([`k3d-${name}`]);
    await until('names in nginx.conf', async () => ((await reading()).agrees ? true : undefined));
    expect(agrees, differences.join()).toBe(true);
  });

  it('a change without new host ports interrupts nobody', async () => {
    const { id } = (await cluster(engine, name))!.loadBalancer!;
    const seen = await watchInterruption(first, 20, async () => {
      await (await edit(engine, name, { settings: { defaultProxyTimeout: 700 } })).finished;
    });
    console.log(`reload: ${JSON.stringify(seen)}`);
    expect(seen).toMatchObject({ deadMs: 0, failed: 0, cut: 0 });
    expect((await cluster(engine, name))!.loadBalancer!.id).toBe(id);
    expect((await reading()).nginxText).toContain('proxy_timeout 700;');
  });

  it('carries UDP too, and says which paths can be tested', async () => {
    await (
      await edit(engine, name, { add: [request(`${first + 2}:83/udp@agent:0`), request(`${first + 3}:84@agent:0`)] })
    ).finished;
    expect(await datagram(first + 2)).toBe('ping');
    const found = (await cluster(engine, name))!;
    const { model, ports } = await reading();
    const rows = portTable(found, model, ports);
    const probe = async (port: number) => probePort(engine.docker, found, rows.find(row => row.hostPort === port)!, {});
    expect((await probe(first)).state).toBe('open');
    expect((await probe(first + 2)).state).toBe('untestable');
    expect((await probe(first + 3)).state).toBe('refused behind');
    const api = await probePort(engine.docker, found, rows.find(row => row.kind === 'api')!, {});
    expect(api.state).toBe('open');
  });

  it('a host port taken between check and hand-over leaves the old load balancer serving', async () => {
    const ready = await plan(engine, name, { add: [request(`${first + 4}:81@agent:0`)] });
    const { id } = (await cluster(engine, name))!.loadBalancer!;
    const holder = createServer().listen(first + 4, '0.0.0.0');
    await new Promise(resolve => holder.once('listening', resolve));
    await expect(apply(ready, engine).finished).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringMatching(/the load balancer before serves again/),
    });
    holder.close();
    expect(await exchange(first)).toBe(true);
    expect((await cluster(engine, name))!.loadBalancer!.id).toBe(id);
    await expectWhole();
  });

  it('a configuration that nginx refuses changes nothing', async () => {
    const before = await reading();
    const refused = await edit(engine, name, { settings: { defaultProxyTimeout: -5 } });
    await expect(refused.finished).rejects.toMatchObject({ code: 'LB_CONFIG_REFUSED' });
    const replaced = await edit(engine, name, {
      settings: { defaultProxyTimeout: -5 },
      add: [request(`${first + 4}:81@agent:0`)],
    });
    await expect(replaced.finished).rejects.toMatchObject({ code: 'LB_CONFIG_REFUSED' });
    const after = await reading();
    expect([after.valuesText, after.nginxText, after.inspect.Id]).toEqual([
      before.valuesText,
      before.nginxText,
      before.inspect.Id,
    ]);
    expect(await exchange(first)).toBe(true);
    await expectWhole();
  });

  it('many who want nginx to look again at once do not spoil its configuration', async () => {
    const { nginxText } = await reading();
    const lb = `k3d-${name}-serverlb`;
    const seen = await watchInterruption(first, 5, async () => {
      await Promise.all(Array.from({ length: 4 }, () => reloadLoadBalancer(engine.docker, lb, {})));
    });
    expect(seen).toMatchObject({ failed: 0, cut: 0 });
    expect((await reading()).nginxText).toBe(nginxText);
  });

  it('a node that is not found yet joins by itself when it comes', async () => {
    await bed.docker.getContainer(agent).stop({ t: 0 });
    await reloadLoadBalancer(engine.docker, `k3d-${name}-serverlb`, {});
    expect((await reading()).nginxText).toContain(`#unresolved server ${agent}:80`);
    expect((await reading()).agrees).toBe(true);
    await bed.docker.getContainer(agent).start();
    await until('the node in nginx.conf', async () => {
      return (await reading()).nginxText.includes('#unresolved') ? undefined : true;
    });
    await startEcho(bed.docker, agent, { tcp: [80, 81, 82], udp: [83] });
    await until('echo', async () => ((await exchange(first)) ? true : undefined));
  });

  it('killed outright at any step, the same command finishes the work', async () => {
    const steps = [
      'make a place',
      'create the new one',
      'start the new one',
      'hand over',
      'remove the old one',
      'Successfully',
    ];
    for (const [i, step] of steps.entries()) {
      const words = ['cluster', 'edit', name, i % 2 === 0 ? '--port-add' : '--port-delete', `${first + 5}:82@agent:0`];
      await killedAt(words, step);
      const again = await run(words);
      expect(again.code, `${step}: ${again.output}`).toBe(0);
      expect(await exchange(first), step).toBe(true);
      expect(await exchange(first + 5), step).toBe(i % 2 === 0);
      await expectWhole();
    }
  });

  /** Kills the command as soon as it says the text. */
  function killedAt(words: string[], text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [programFile(), ...words], {
        env: own.env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', data => {
        output += data;
        if (output.includes(text)) child.kill('SIGKILL');
      });
      child.on('error', reject);
      child.on('close', () => resolve());
    });
  }

  function run(words: string[]): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [programFile(), ...words], { env: own.env });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data));
      child.on('error', reject);
      child.on('close', code => resolve({ code, output }));
    });
  }
});

/** What comes back for a datagram, sent again and again as UDP may lose it. */
function datagram(port: number): Promise<string> {
  return until('a datagram', () => {
    return new Promise<string | undefined>(resolve => {
      const socket = createSocket('udp4');
      const end = (text?: string) => {
        clearTimeout(timer);
        socket.close();
        resolve(text);
      };
      const timer = setTimeout(end, 500);
      socket.on('message', message => end(message.toString()));
      socket.on('error', () => end());
      socket.send('ping', port, '127.0.0.1');
    });
  });
}

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import { planClusterDelete } from '../../src/engine/cluster/delete.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import { planClusterStart } from '../../src/engine/cluster/start.ts';
import { planClusterStop } from '../../src/engine/cluster/stop.ts';
import { examine } from '../../src/engine/doctor/examine.ts';
import { findLeftovers } from '../../src/engine/leftovers/find.ts';
import { modelOfEnvironment, readLoadBalancer } from '../../src/engine/ports/read.ts';
import { portTable } from '../../src/engine/ports/table.ts';
import { type Bench, cluster, everything, openBench } from './engine.ts';

const IMAGE = 'rancher/k3s:v1.20.6-k3s1';

/** Clusters as k3d of another time made them, and clusters that lost parts: they are listed, stopped, deleted. */
describe('clusters that k3d v4 made', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench({ images: [IMAGE, 'rancher/k3d-proxy:v4.0.0'] });
  });
  afterEach(() => bench.close());

  /** k3d v4.0: no version, network id, range, load balancer or init label; the load balancer is told by its environment. */
  const make = async (name: string, parts: ('server' | 'agent' | 'serverlb' | 'network' | 'volume')[]) => {
    const { docker } = bench.engine;
    const has = (part: (typeof parts)[number]) => parts.includes(part);
    const network = has('network') ? `k3d-${name}` : 'bridge';
    if (has('network')) await docker.createNetwork({ Name: network, Driver: 'bridge', Labels: { app: 'k3d' } });
    if (has('volume')) await docker.createVolume(`k3d-${name}-images`, { app: 'k3d', 'k3d.cluster': name });
    const labels = {
      ...{
        app: 'k3d',
        'k3d.cluster': name,
        'k3d.cluster.token': 'secret',
        'k3d.cluster.url': `https://k3d-${name}-server-0:6443`,
      },
      ...(has('network') ? { 'k3d.cluster.network': network, 'k3d.cluster.network.external': 'false' } : {}),
      ...(has('volume') ? { 'k3d.cluster.imageVolume': `k3d-${name}-images` } : {}),
    };
    const api = {
      'k3d.server.api.port': '26443',
      'k3d.server.api.host': '0.0.0.0',
      'k3d.server.api.hostIP': '0.0.0.0',
    };
    const container = async (part: string, role: string, Cmd: string[], Env: string[], more = {}, ports = {}) => {
      const id = await docker.createContainer(`k3d-${name}-${part}`, {
        ...{ Hostname: `k3d-${name}-${part}`, Image: role === 'loadbalancer' ? 'rancher/k3d-proxy:v4.0.0' : IMAGE },
        ...{ Cmd: Cmd.length > 0 ? Cmd : undefined, Env, Labels: { ...labels, 'k3d.role': role, ...more } },
        HostConfig: { PortBindings: ports, RestartPolicy: { Name: 'unless-stopped' } },
        NetworkingConfig: { EndpointsConfig: { [network]: {} } },
      });
      await docker.startContainer(id).catch(() => {});
    };
    const token = 'K3S_TOKEN=secret';
    const output = 'K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml';
    if (has('server')) await container('server-0', 'server', ['server', '--cluster-init'], [token, output], api);
    if (has('agent'))
      await container('agent-0', 'agent', ['agent'], [token, `K3S_URL=https://k3d-${name}-server-0:6443`]);
    if (has('serverlb')) {
      const env = [`SERVERS=k3d-${name}-server-0`, 'PORTS=6443,80', 'WORKER_PROCESSES=2', 'UDP_PORTS=53'];
      await container('serverlb', 'loadbalancer', [], env, {}, { '80/tcp': [{ HostIp: '', HostPort: '28080' }] });
    }
    await bench.engine.inventory.refresh();
  };

  test('a whole one is read: its first server, its network, its ports by environment', async () => {
    await make('four', ['server', 'agent', 'serverlb', 'network', 'volume']);
    const found = (await cluster(bench.engine, 'four'))!;
    expect(found).toMatchObject({
      servers: [{ init: true }],
      agents: [{ name: 'k3d-four-agent-0' }],
      loadBalancer: { name: 'k3d-four-serverlb' },
      network: { name: 'k3d-four', external: false, id: expect.stringMatching(/^[0-9a-f]{64}$/) },
      api: { port: 26443 },
      madeBy: '',
      k3sVersion: 'v1.20.6-k3s1',
    });
    const { model, ports } = await readLoadBalancer(bench.engine.docker, found, {});
    expect(model.ports).toEqual({
      '6443.tcp': ['k3d-four-server-0'],
      '80.tcp': ['k3d-four-server-0'],
      '53.udp': ['k3d-four-server-0'],
    });
    expect(portTable(found, model, ports).find(row => row.hostPort === 28080)).toMatchObject({
      listenerPort: 80,
      upstreams: [{ node: 'k3d-four-server-0' }],
    });
    expect(await findLeftovers(bench.engine)).toEqual([]);
  });

  test("a load balancer's environment of another kind says nothing", () => {
    expect(modelOfEnvironment(['PATH=/bin'])).toBeUndefined();
    expect(modelOfEnvironment(['SERVERS=', 'PORTS=80'])).toBeUndefined();
    expect(modelOfEnvironment(['SERVERS=a,b', 'PORTS=80'])).toMatchObject({ ports: { '80.tcp': ['a', 'b'] } });
  });

  test.each([
    ['without a load balancer', ['server', 'agent', 'network', 'volume'], undefined],
    ['without an image volume', ['server', 'serverlb', 'network'], undefined],
    ['without a network label', ['server', 'agent', 'volume'], undefined],
    ['without a server', ['agent', 'serverlb', 'network', 'volume'], 'has no server'],
    ['of an agent alone', ['agent'], 'has no server'],
    ['of a load balancer alone', ['serverlb', 'network'], 'has no server'],
  ] as const)('one %s is listed, examined, stopped, started and deleted', async (_, parts, fault) => {
    const empty = await everything(bench.engine);
    await make('half', [...parts]);
    const found = (await cluster(bench.engine, 'half'))!;
    expect(found.faults[0]).toBe(fault);
    const { unchecked } = await examine(bench.engine, { cluster: 'half' });
    expect(unchecked).toEqual([]);

    await apply(planClusterStop(found), bench.engine).finished;
    const stopped = (await cluster(bench.engine, 'half'))!;
    expect(stopped.status).toBe(fault ? 'broken' : 'stopped');
    const start = async () => planClusterStart(stopped, await gatherFacts(bench.engine), { wait: false });
    if (fault) await expect(start()).rejects.toMatchObject({ code: 'CLUSTER_BROKEN' });
    else await apply(await start(), bench.engine).finished;

    const now = (await cluster(bench.engine, 'half'))!;
    await apply(planClusterDelete(now, await gatherFacts(bench.engine)), bench.engine).finished;
    expect(await cluster(bench.engine, 'half')).toBeUndefined();
    expect(await everything(bench.engine)).toEqual(empty);
  });
});

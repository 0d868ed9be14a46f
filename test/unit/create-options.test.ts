import { describe, expect, it } from 'vitest';
import { type ClusterSpec, defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import type { ContainerSummary, EngineInfo, NetworkInspect } from '../../src/docker/types.ts';
import { checkClusterSpec, factsForCreate, planClusterCreate } from '../../src/engine/cluster/create.ts';
import { planClusterDelete } from '../../src/engine/cluster/delete.ts';
import { clustersFrom } from '../../src/engine/clusters.ts';
import type { Plan } from '../../src/engine/plan.ts';
import { actions, factsWith } from './plan-kit.ts';

const specOf = (change: Partial<ClusterSpec>): ClusterSpec => ({
  ...defaultClusterSpec('docker.io/rancher/k3s:v1.31.5-k3s1'),
  name: 'x',
  agents: 1,
  ...change,
});
const planOf = (change: Partial<ClusterSpec>, facts = factsWith()): Plan => planClusterCreate(specOf(change), facts);

const bodyOf = (plan: Plan, node: string) =>
  actions(plan, 'container.create').find(({ name }) => name === `k3d-x-${node}`)!.body;
const filesOf = (plan: Plan, node: string) =>
  actions(plan, 'files.write')
    .filter(({ container }) => container === `k3d-x-${node}`)
    .flatMap(({ files }) => files);

describe('agents', () => {
  const held = (plan: Plan) => filesOf(plan, 'agent-0').some(({ path }) => path === '/bin/k3d-hold');
  const afterOf = (plan: Plan, id: string) => plan.steps.find(step => step.id === id)?.after;

  it('are held until the server lets them join', () => {
    const plan = planOf({});
    expect(held(plan)).toBe(true);
    expect(afterOf(plan, 'join k3d-x-agent-0')).toEqual(['start k3d-x-agent-0', 'admits']);
    expect(afterOf(plan, 'registered')).toContain('join k3d-x-agent-0');
  });

  it('are not held where nobody would wait to let them go on', () => {
    expect(held(planOf({ wait: false }))).toBe(false);
  });

  it('start when the server lets them join where the image’s own entry point runs, which cannot hold them', () => {
    const env = { K3D_FIX_CGROUPV2: 'false', K3D_FIX_DNS: 'false', K3D_FIX_MOUNTS: 'false' };
    const plan = planOf({}, factsWith({ env }));
    expect(held(plan)).toBe(false);
    expect(afterOf(plan, 'start k3d-x-agent-0')).toContain('admits');
  });
});

describe('files', () => {
  const files = [
    { content: 'a\n', destination: 'k3s-manifests-custom/a.yaml', nodeFilters: ['server:*'] },
    { content: 'b\n', destination: '/etc/b', nodeFilters: [] },
  ];

  it('go into the nodes meant before these start, into the first of several servers too', () => {
    const plan = planOf({ servers: 3, files });
    const manifest = '/var/lib/rancher/k3s/server/manifests/custom/a.yaml';
    for (const node of ['server-0', 'server-1', 'server-2']) {
      expect(filesOf(plan, node)).toContainEqual({ path: manifest, content: 'a\n', mode: 0o644 });
    }
    expect(filesOf(plan, 'agent-0').map(({ path }) => path)).not.toContain(manifest);
    for (const node of ['server-0', 'agent-0', 'serverlb']) {
      expect(filesOf(plan, node)).toContainEqual({ path: '/etc/b', content: 'b\n', mode: 0o644 });
    }
    const start = plan.steps.find(({ id }) => id === 'start k3d-x-server-0')!;
    expect(start.after).toContain('files k3d-x-server-0');
  });

  it('do not hide what the load balancer itself needs', () => {
    const own = { content: 'mine', destination: '/etc/confd/values.yaml', nodeFilters: ['loadbalancer'] };
    const written = filesOf(planOf({ files: [own] }), 'serverlb').filter(
      ({ path }) => path === '/etc/confd/values.yaml',
    );
    expect(written.at(-1)!.content).toContain('6443.tcp');
  });
});

describe('a memory limit', () => {
  it('is shown to the node by files that are there before it is', () => {
    const plan = planOf({ serversMemory: '1g' }, factsWith({ edac: true }));
    const folder = '/home/me/.config/k3d/.k3d-x-server-0';
    expect(bodyOf(plan, 'server-0').HostConfig).toMatchObject({
      Memory: 1024 ** 3,
      Binds: [
        'k3d-x-images:/k3d/images',
        `${folder}/meminfo:/proc/meminfo:ro`,
        `${folder}/edac:/sys/devices/system/edac:ro`,
      ],
    });
    const content = 'MemTotal: 1073741 kB\nSwapTotal: 0 kB';
    expect(actions(plan, 'meminfo.write')).toEqual([{ kind: 'meminfo.write', folder, content, edac: true }]);
    expect(plan.steps.find(({ id }) => id === 'create k3d-x-server-0')!.after).toContain('memory k3d-x-server-0');
    expect(plan.warnings).toEqual([]);
  });

  it('cannot be shown where Docker runs on another machine, which is said', () => {
    const endpoint = { address: 'tcp://box:2376', source: 'test', demo: false };
    const plan = planOf({ agentsMemory: '1g' }, factsWith({ endpoint }));
    expect(bodyOf(plan, 'agent-0').HostConfig).toMatchObject({
      Memory: 1024 ** 3,
      Binds: ['k3d-x-images:/k3d/images'],
    });
    expect(plan.warnings).toEqual([expect.stringContaining('kubelet reports that of the whole machine')]);
  });

  it('that k3s cannot live with is warned of', () => {
    const found = checkClusterSpec(specOf({ serversMemory: '200m', agentsMemory: '64m' }), factsWith());
    expect(found.map(({ field, code }) => [field, code])).toEqual([
      ['serversMemory', 'MEMORY_LITTLE'],
      ['agentsMemory', 'MEMORY_LITTLE'],
    ]);
  });

  it('leaves nothing on this machine when the cluster is deleted, and nobody else’s files are touched', () => {
    const container = (name: string, source: string): ContainerSummary => ({
      Id: name,
      Names: [`/${name}`],
      Image: 'k3s',
      ImageID: 'sha256:1',
      Created: 1,
      State: 'running',
      Labels: { app: 'k3d', 'k3d.cluster': 'x', 'k3d.role': 'server' },
      Mounts: [{ Type: 'bind', Source: source, Destination: '/proc/meminfo' }],
    });
    const containers = [
      container('k3d-x-server-0', '/elsewhere/.k3d-x-server-0/meminfo'),
      container('k3d-x-server-1', '/home/me/lxcfs/meminfo'),
    ];
    const { clusters } = clustersFrom(containers, [], []);
    const plan = planClusterDelete(clusters[0]!, factsWith({ containers }));
    expect(actions(plan, 'meminfo.remove')).toEqual([{ kind: 'meminfo.remove', folder: '/elsewhere/.k3d-x-server-0' }]);
  });
});

describe('a path that this machine does not have', () => {
  const mounting = (...nodeFilters: string[]) =>
    specOf({
      volumes: [
        { volume: '/nowhere/data:/data:ro', nodeFilters },
        { volume: 'named:/named', nodeFilters },
        { volume: '/without/a/name', nodeFilters },
        { volume: 'a:wrong:one:all:over', nodeFilters },
      ],
    });
  const warned = (spec: ClusterSpec, missingPaths: string[]) =>
    checkClusterSpec(spec, factsWith({ missingPaths })).flatMap(({ code }) =>
      code === 'VOLUME_SOURCE_MISSING' ? [code] : [],
    );

  it('is looked for, and told when a node is to mount it', () => {
    const { paths = [] } = factsForCreate(mounting(), {});
    expect(paths).toEqual(['/nowhere/data']);
    expect(warned(mounting('agent:0'), paths)).toEqual(['VOLUME_SOURCE_MISSING']);
    expect(warned(mounting('loadbalancer'), paths)).toEqual([]);
    expect(warned(mounting('agent:0'), [])).toEqual([]);
  });
});

describe('what else k3d hands over', () => {
  it('GPUs go to servers and agents', () => {
    const plan = planOf({ gpus: 'device=0' });
    const request = { Driver: '', Count: 0, DeviceIDs: ['0'], Capabilities: [['gpu']], Options: {} };
    expect(bodyOf(plan, 'server-0').HostConfig.DeviceRequests).toEqual([request]);
    expect(bodyOf(plan, 'agent-0').HostConfig.DeviceRequests).toEqual([request]);
    expect(bodyOf(plan, 'serverlb').HostConfig.DeviceRequests).toBeUndefined();
  });

  it('arguments and labels for all reach the load balancer’s command, where they mean nothing', () => {
    const plan = planOf({
      k3sArgs: [{ arg: '--tls-san=1.1.1.1', nodeFilters: ['all'] }],
      k3sNodeLabels: [{ label: 'a=b', nodeFilters: ['loadbalancer'] }],
    });
    expect(bodyOf(plan, 'serverlb').Cmd).toEqual(['--tls-san=1.1.1.1', '--node-label', 'a=b']);
    expect(bodyOf(plan, 'agent-0').Cmd).toEqual(['agent', '--tls-san=1.1.1.1']);
  });

  it('settings of the load balancer stand by name', () => {
    const lbConfigOverrides = ['settings.workerConnections=2048', 'settings.defaultProxyTimeout=900'];
    const values = filesOf(planOf({ lbConfigOverrides }), 'serverlb').find(({ path }) => path.endsWith('values.yaml'))!;
    expect(values.content).toMatch(/settings:\n {2}defaultProxyTimeout: 900\n {2}workerConnections: 2048\n$/);
  });

  it('host aliases are for nodes and pods, but not where CoreDNS is left out or the network is the host’s', () => {
    const hostAliases = [{ ip: '1.2.3.4', hostnames: ['a.b'] }];
    const [inject] = actions(planOf({ hostAliases }), 'dns.inject');
    expect(inject).toMatchObject({
      servers: ['k3d-x-server-0'],
      nodes: ['k3d-x-server-0', 'k3d-x-agent-0'],
      hostAliases,
    });
    const without = planOf({ hostAliases, k3sArgs: [{ arg: '--disable=coredns', nodeFilters: ['server:*'] }] });
    expect(actions(without, 'dns.inject')).toMatchObject([{ servers: [], nodes: ['k3d-x-server-0', 'k3d-x-agent-0'] }]);
    // The name of the host alone is what each node's entry point adds by itself, but not where Docker is in a machine of its own.
    expect(actions(planOf({}), 'dns.inject')).toMatchObject([{ servers: ['k3d-x-server-0'], nodes: [] }]);
    const engine = { Name: 'docker-desktop', OperatingSystem: 'Docker Desktop', CgroupVersion: '2' } as EngineInfo;
    expect(actions(planOf({}, factsWith({ engine })), 'dns.inject')[0]?.nodes).toHaveLength(2);
    const host = { Name: 'host', Id: 'h', Driver: 'host' } as NetworkInspect;
    const spec = specOf({ hostAliases, network: 'host', agents: 0 });
    expect(checkClusterSpec(spec, factsWith({ networks: [host] })).map(({ code }) => code)).toContain(
      'HOST_NETWORK_ALIASES',
    );
  });
});

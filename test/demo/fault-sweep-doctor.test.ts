import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterOf } from '../../src/demo/programs/k3s.ts';
import { seed } from '../../src/demo/seed.ts';
import { examine } from '../../src/engine/doctor/examine.ts';
import { CHANGES, type Doing, type Sweep, type SweepBench, sweeps } from './sweep-kit.ts';

/** What the doctor does about what it finds, with every call to Docker that changes something going wrong (see sweep-kit.ts). */
const SERVERS = [0, 1, 2].map(i => `k3d-three-server-${i}`);
const [SERVER, AGENT, BALANCER] = ['server-0', 'agent-0', 'serverlb'].map(part => `k3d-ill-${part}`) as [
  string,
  string,
  string,
];
const VALUES = '/etc/confd/values.yaml';
/** Commands in nodes too: some remedies are nothing else. */
const ALL_CHANGES = /^(POST|PUT|DELETE) /;

/** As Docker does after a reboot: whoever comes first gets the first address, and etcd does not come up. */
const moved: Doing = async bench => {
  const { docker } = bench.engine;
  const others = ['k3d-three-agent-0', 'k3d-three-serverlb'];
  for (const node of [...SERVERS, ...others]) await docker.stopContainer(node, { timeoutSeconds: 0 });
  for (const node of [others[0]!, ...SERVERS, others[1]!]) await docker.startContainer(node);
  await found(bench, 'three', 'cluster.addresses');
};

/** Waits until the doctor finds it: a server says in its log what it lacks, some time after its start. */
async function found({ engine }: SweepBench, cluster: string, check: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    await engine.inventory.refresh();
    const { findings } = await examine(engine, { cluster });
    if (findings.some(one => one.check === check)) return;
    if (Date.now() > deadline) throw new Error(`${check} is not found`);
  }
}

const kubernetes = ({ demo }: SweepBench) => clusterOf(demo.world.container(SERVER))!;

/** A node that is gone, and that Kubernetes waits for. */
const haunted: Doing = async bench => {
  const kube = kubernetes(bench);
  kube.register(bench.demo.world.container(AGENT), 'k3d-ghost-0', 'agent', 'v1.31.5+k3s1', {});
  const node = kube.store.get('nodes', 'k3d-ghost-0')!;
  const { conditions } = node.status as { conditions: object[] };
  kube.store.put('nodes', {
    ...node,
    status: { ...(node.status as object), conditions: conditions.map(one => ({ ...one, status: 'Unknown' })) },
  });
};

/** A restart loses it: k3s writes its manifests anew. */
const nameless: Doing = async bench => {
  const { docker } = bench.engine;
  await docker.stopContainer(SERVER, { timeoutSeconds: 0 });
  await docker.startContainer(SERVER);
  await found(bench, 'ill', 'dns.host');
};

const misled: Doing = async ({ home }) => {
  const path = join(home, 'kubeconfig');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/(server: https:\/\/[^:\s]+):\d+/, '$1:1'), { mode: 0o600 });
};

sweeps({
  base: async ({ must, port }) =>
    void (await must('cluster', 'create', 'ill', '--agents', '1', '-p', `${port}:80@loadbalancer`)),
  // The addresses of the servers, which etcd does not forgive when they change, and what the remedies write.
  async more({ engine, demo, home }) {
    const containers = await engine.docker.listContainers();
    const addresses = containers.flatMap(({ Names, State, NetworkSettings }) => {
      const name = Names?.[0]?.slice(1) ?? '';
      if (!SERVERS.includes(name) || State !== 'running') return [];
      return [`${name} at ${Object.values(NetworkSettings?.Networks ?? {}).map(({ IPAddress }) => IPAddress)}`];
    });
    const { files } = demo.world.container(BALANCER);
    const store = clusterOf(demo.world.container(SERVER))?.store;
    const names = JSON.stringify(store?.get('configmaps', 'coredns', 'kube-system')?.data ?? {});
    const nodes = store?.list('nodes') ?? [];
    const kubeconfig = await readFile(join(home, 'kubeconfig'), 'utf8').catch(() => '');
    return [
      ...addresses,
      `pods ${names.includes('host.k3d.internal') ? 'know' : 'do not know'} the host`,
      ...nodes.map(({ metadata }) => `Node ${metadata.name}`),
      ...(kubeconfig.match(/server: .*/g) ?? []),
      `the load balancer is to lead ${files.text(VALUES)}`,
      `the load balancer leads to ${files
        .text('/etc/nginx/nginx.conf')
        ?.match(/server \S+:\d+/g)
        ?.sort()}`,
    ];
  },
  of(): Record<string, Sweep> {
    const fix = { argv: ['doctor', 'ill', '--fix'], after: [['doctor', 'ill', '--fix']], codes: [1, 2, 3] };
    const small = { ...fix, among: ALL_CHANGES, between: 'it is done, and the look after that failed', every: 20 };
    const registry = ['registry', 'create', 'box', '--no-help', '--cluster', 'ill'];
    const unregistry: Doing = async ({ must }) => void (await must('registry', 'delete', 'box'));
    return {
      'doctor --fix of servers with other addresses': {
        argv: ['doctor', 'three', '--fix'],
        before: [({ demo }) => seed(demo.world, [{ name: 'three', servers: 3, agents: 1, age: 10 }]), moved],
        after: [['cluster', 'delete', 'three']],
        between: 'the cluster is stopped, or off its network',
        among: CHANGES,
        every: 7,
        codes: [1, 2, 3],
      },
      'doctor --fix of a values file that nobody can read': {
        ...small,
        before: [async ({ demo }) => void demo.world.container(BALANCER).files.write(VALUES, '{{ not yaml', 0o744)],
      },
      'doctor --fix of a node off its network': {
        ...small,
        before: [({ engine }) => engine.docker.disconnectNetwork('k3d-ill', AGENT)],
      },
      'doctor --fix of a host without its name': { ...small, before: [nameless] },
      'doctor --fix of a node that is gone': { ...small, before: [haunted] },
      'doctor --fix of a kubeconfig that leads nowhere': { ...small, before: [misled] },
      'doctor --fix of an API that does not answer': {
        ...fix,
        before: [async bench => kubernetes(bench).ready.clear()],
        between: 'the server is restarted',
        among: CHANGES,
      },
      'doctor --fix of a registry off the network that does not run': {
        ...fix,
        before: [
          registry,
          async ({ engine: { docker } }) => {
            await docker.disconnectNetwork('k3d-ill', 'k3d-box');
            await docker.stopContainer('k3d-box', { timeoutSeconds: 0 });
          },
        ],
        after: [unregistry, ['doctor', 'ill', '--fix']],
        between: 'it runs, or is on the network',
        among: CHANGES,
      },
    };
  },
});

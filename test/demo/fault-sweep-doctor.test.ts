import { seed } from '../../src/demo/seed.ts';
import { examine } from '../../src/engine/doctor/examine.ts';
import { CHANGES, type Doing, type Sweep, sweeps } from './sweep-kit.ts';

/** What the doctor does that takes more than one step, with every call to Docker going wrong (see sweep-kit.ts). */
const SERVERS = [0, 1, 2].map(i => `k3d-three-server-${i}`);

/** As Docker does after a reboot: whoever comes first gets the first address, and etcd does not come up. */
const moved: Doing = async ({ engine }) => {
  const { docker } = engine;
  const others = ['k3d-three-agent-0', 'k3d-three-serverlb'];
  for (const node of [...SERVERS, ...others]) await docker.stopContainer(node, { timeoutSeconds: 0 });
  for (const node of [others[0]!, ...SERVERS, others[1]!]) await docker.startContainer(node);
  await found(engine, 'cluster.addresses');
};

/** Waits until the doctor finds it: a server says in its log what it lacks, some time after its start. */
async function found(engine: Parameters<typeof examine>[0], check: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    await engine.inventory.refresh();
    const { findings } = await examine(engine, { cluster: 'three' });
    if (findings.some(one => one.check === check)) return;
    if (Date.now() > deadline) throw new Error(`${check} is not found`);
  }
}

sweeps({
  base: async ({ must }) => void (await must('cluster', 'create', 'keeper')),
  // The addresses of the servers, which etcd does not forgive when they change.
  async more({ engine }) {
    const containers = await engine.docker.listContainers();
    return containers.flatMap(({ Names, State, NetworkSettings }) => {
      const name = Names?.[0]?.slice(1) ?? '';
      if (!SERVERS.includes(name) || State !== 'running') return [];
      return [`${name} at ${Object.values(NetworkSettings?.Networks ?? {}).map(({ IPAddress }) => IPAddress)}`];
    });
  },
  of(): Record<string, Sweep> {
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
    };
  },
});

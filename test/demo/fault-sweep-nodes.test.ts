import { clusterOf } from '../../src/demo/programs/k3s.ts';
import { type Sweep, sweeps } from './sweep-kit.ts';

/** Single nodes and their ports, with every call to Docker going wrong (see sweep-kit.ts). */
const SERVER = 'k3d-shop-server-0';
const AGENT = 'k3d-shop-agent-0';
const BALANCER = 'k3d-shop-serverlb';
interface Cordoned {
  unschedulable?: boolean;
}
const HA = 'k3d-ha-server-0';

sweeps({
  async base({ must }) {
    await must('cluster', 'create', 'ha', '--servers', '2');
    await must('cluster', 'create', 'shop', '--agents', '1');
  },
  // The nodes that Kubernetes knows, and where the load balancer leads ports.
  async more({ demo, engine }) {
    const nodes = [SERVER, HA].flatMap(name => clusterOf(demo.world.container(name))?.store.list('nodes') ?? []);
    const leads = [BALANCER, 'k3d-ha-serverlb'].map(async name => {
      const values = await engine.docker.readFile(name, '/etc/confd/values.yaml').catch(() => undefined);
      return `${name} leads ${values?.toString('utf8')}`;
    });
    return [
      ...nodes.map(
        ({ metadata, spec }) => `Node ${metadata.name}${(spec as Cordoned)?.unschedulable ? ', cordoned' : ''}`,
      ),
      ...(await Promise.all(leads)),
    ];
  },
  of({ port }): Record<string, Sweep> {
    const start = ['node', 'start', AGENT, '--wait'];
    const stop = ['node', 'stop', AGENT];
    const join = ['node', 'create', 'third', '-c', 'ha', '--role', 'server'];
    const leave = ['node', 'delete', 'k3d-third-0'];
    const published = ['--port-add', `${port}:80`];
    const unpublished = ['node', 'edit', BALANCER, '--port-delete', `${port}:80`];
    return {
      'node stop': { argv: stop, after: [start], between: 'it is stopped', every: 2 },
      'node start': { argv: start, before: [stop], after: [start], between: 'it runs', every: 4 },
      'node restart': { argv: ['node', 'restart', AGENT], after: [start], every: 5 },
      'node restart of a server': { argv: ['node', 'restart', SERVER], after: [], every: 5 },
      'node edit': { argv: ['node', 'edit', BALANCER, ...published], after: [unpublished], every: 10 },
      'node create --memory, more than one': {
        argv: ['node', 'create', 'more', '-c', 'shop', '--replicas', '2', '--memory', '1g'],
        after: [['node', 'delete', 'k3d-more-0', 'k3d-more-1', '--drain=false']],
        every: 16,
      },
      'node create --role server': { argv: join, after: [leave], every: 16 },
      'node delete of a server': {
        argv: leave,
        before: [join],
        after: [leave],
        between: 'the load balancer, Kubernetes or etcd let go of it',
        every: 8,
      },
      'kubeconfig merge': { argv: ['kubeconfig', 'merge', 'shop', '--kubeconfig-merge-default'], after: [] },
    };
  },
});

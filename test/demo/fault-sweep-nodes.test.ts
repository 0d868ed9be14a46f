import { clusterOf } from '../../src/demo/programs/k3s.ts';
import { type Sweep, sweeps } from './sweep-kit.ts';

/** Single nodes and their ports, with every call to Docker going wrong (see sweep-kit.ts). */
const SERVER = 'k3d-shop-server-0';
const AGENT = 'k3d-shop-agent-0';
const BALANCER = 'k3d-shop-serverlb';

sweeps({
  base: async ({ must }) => void (await must('cluster', 'create', 'shop', '--agents', '1')),
  // The nodes that Kubernetes knows, and where the load balancer leads ports.
  async more({ demo, engine }) {
    const nodes = clusterOf(demo.world.container(SERVER))?.store.list('nodes') ?? [];
    const values = await engine.docker.readFile(BALANCER, '/etc/confd/values.yaml').catch(() => undefined);
    return [
      ...nodes.map(({ metadata }) => `Node ${metadata.name}`),
      `the load balancer leads ${values?.toString('utf8')}`,
    ];
  },
  of({ port }): Record<string, Sweep> {
    const start = ['node', 'start', AGENT, '--wait'];
    const stop = ['node', 'stop', AGENT];
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
      'kubeconfig merge': { argv: ['kubeconfig', 'merge', 'shop', '--kubeconfig-merge-default'], after: [] },
    };
  },
});

import { clusterOf } from '../../src/demo/programs/k3s.ts';
import { podsReady } from './expose-kit.ts';
import { CHANGES, type Sweep, sweeps } from './sweep-kit.ts';

/** Ways to Services, and what the doctor does, with every call to Docker going wrong (see sweep-kit.ts). */
const NODE = 'k3d-shop-server-0';

sweeps({
  async base({ must, demo }) {
    await must('cluster', 'create', 'shop', '--agents', '1');
    const kube = clusterOf(demo.world.container(NODE))!;
    kube.addApp('shop', 'web', 'shop/web:1', 1, 8080);
    await podsReady(kube);
  },
  // The Ingresses, and where the load balancer leads ports.
  async more({ demo, engine }) {
    const ingresses = clusterOf(demo.world.container(NODE))?.store.list('ingresses') ?? [];
    const values = await engine.docker.readFile('k3d-shop-serverlb', '/etc/confd/values.yaml').catch(() => undefined);
    return [
      ...ingresses.map(({ metadata }) => `Ingress ${metadata.namespace}/${metadata.name}`),
      `the load balancer leads ${values?.toString('utf8')}`,
    ];
  },
  of(): Record<string, Sweep> {
    const create = ['ingress', 'create', 'shop', 'shop/web'];
    const remove = ['ingress', 'delete', 'shop', 'shop/web'];
    return {
      'ingress create, with a port': { argv: create, after: [remove], every: 2 },
      'ingress delete, with its port': { argv: remove, before: [create], after: [], every: 2 },
      'doctor --fix of a stopped agent': {
        argv: ['doctor', 'shop', '--fix'],
        before: [['node', 'stop', 'k3d-shop-agent-0']],
        after: [['node', 'start', 'k3d-shop-agent-0']],
        between: 'the agent runs',
        among: CHANGES,
        codes: [1, 2, 3],
      },
      'doctor --fix of a lost load balancer': {
        argv: ['doctor', 'shop', '--fix'],
        before: [['node', 'delete', 'k3d-shop-serverlb']],
        after: [['doctor', 'shop', '--fix']],
        between: 'it is there again, and the look after that failed',
        among: CHANGES,
        every: 2,
        codes: [1, 2, 3],
      },
    };
  },
});

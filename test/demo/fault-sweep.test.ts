import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sweep, sweeps } from './sweep-kit.ts';

/** Clusters, nodes and ports, with every call to Docker going wrong (see sweep-kit.ts). */
const DELETE = ['cluster', 'delete', 'demo'];

sweeps({
  base: async ({ must }) => void (await must('cluster', 'create', 'keeper')),
  of({ port, home }): Record<string, Sweep> {
    const CREATE = ['cluster', 'create', 'demo', '--agents', '1', '-p', `${port}:80@loadbalancer`];
    const FILE = join(home, 'k3d.yaml');
    const ports = [`${port + 1}:80`, `${port + 2}:81`].map(text => `{ port: "${text}", nodeFilters: [loadbalancer] }`);
    const yaml = `
apiVersion: k3d.io/v1alpha5
kind: Simple
metadata: { name: demo }
agents: 2
ports: [${ports.join(', ')}]
`;
    const made = { before: [CREATE], after: [DELETE] };
    return {
      'cluster create': { argv: CREATE, after: [DELETE] },
      'cluster stop': { ...made, argv: ['cluster', 'stop', 'demo'], between: 'some nodes are stopped' },
      'cluster start': {
        argv: ['cluster', 'start', 'demo'],
        before: [CREATE, ['cluster', 'stop', 'demo']],
        after: [DELETE],
        between: 'some nodes run',
      },
      'cluster delete': { argv: DELETE, before: [CREATE], after: [], between: 'parts of it are gone' },
      'cluster edit --port-add': { ...made, argv: ['cluster', 'edit', 'demo', '--port-add', `${port + 1}:81`] },
      'cluster edit --port-delete, --port-add': {
        ...made,
        argv: ['cluster', 'edit', 'demo', '--port-delete', `${port}:80`, '--port-add', `${port + 1}:81@agent:0`],
      },
      'node create': { ...made, argv: ['node', 'create', 'more', '-c', 'demo'] },
      'node delete': {
        ...made,
        argv: ['node', 'delete', 'k3d-demo-agent-0'],
        between: 'the load balancer leads nothing to it any more',
      },
      'cluster apply FILE': {
        argv: ['cluster', 'apply', FILE],
        before: [CREATE, () => writeFile(FILE, yaml)],
        after: [DELETE],
        between: 'some of the changes are made',
        every: 3,
      },
    };
  },
});

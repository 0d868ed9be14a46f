import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Doing, type Sweep, sweeps } from './sweep-kit.ts';

/** Clusters made like others, in place of others and removed in parts, with every call to Docker going wrong (see sweep-kit.ts). */
const DELETE = ['cluster', 'delete', 'demo'];
const IMAGE = 'rancher/k3s:v1.30.0-k3s1';

sweeps({
  base: async ({ must }) => void (await must('cluster', 'create', 'keeper', '--agents', '1')),
  of({ port, home }): Record<string, Sweep> {
    const CREATE = ['cluster', 'create', 'demo', '-p', `${port}:80@loadbalancer`];
    const FILE = join(home, 'k3d.yaml');
    const yaml = `
apiVersion: k3d.io/v1alpha5
kind: Simple
metadata: { name: demo }
env: [{ envVar: "GREETING=hello", nodeFilters: ["server:*"] }]
`;
    const file: Doing = () => writeFile(FILE, yaml);
    const unpulled: Doing = async ({ demo: { world } }) => {
      for (const [id, { tags }] of world.images) if (tags.includes(IMAGE)) world.images.delete(id);
    };
    const made = { before: [CREATE], after: [DELETE] };
    const ruin: Doing = async ({ engine: { docker } }) => {
      for (const name of ['k3d-demo-server-0', 'k3d-demo-serverlb'])
        await docker.removeContainer(name, { force: true });
    };
    const sweep = ['leftovers', 'remove', '--all', '--fresh'];
    return {
      'cluster clone': { argv: ['cluster', 'clone', 'keeper', 'demo'], after: [DELETE], every: 8 },
      'cluster restart': { ...made, argv: ['cluster', 'restart', 'demo'], every: 5 },
      'cluster create --replace': {
        ...made,
        argv: [...CREATE, '--replace', '--yes', '--agents', '1'],
        between: 'the one before is gone',
        every: 12,
      },
      'cluster apply FILE --recreate': {
        argv: ['cluster', 'apply', FILE, '--recreate', '--yes'],
        before: [CREATE, file],
        after: [DELETE],
        between: 'the one before is gone',
        every: 12,
      },
      'up, of what is not there, with an image to pull': {
        argv: ['up', '-c', FILE],
        before: [unpulled, () => writeFile(FILE, `${yaml}image: ${IMAGE}\n`)],
        after: [DELETE],
        every: 12,
      },
      'up, of a stopped cluster that differs': {
        argv: ['up', '-c', FILE],
        before: [CREATE, ['cluster', 'stop', 'demo'], () => writeFile(FILE, yaml.replace(/env.*/, 'agents: 1'))],
        after: [DELETE],
        between: 'some of the changes are made',
        every: 12,
      },
      'down --stop': {
        argv: ['down', '-c', FILE, '--stop'],
        before: [CREATE, file],
        after: [DELETE],
        between: 'some nodes are stopped',
        every: 2,
      },
      'leftovers remove': {
        argv: sweep,
        before: [CREATE, ruin],
        after: [sweep],
        between: 'some of them are gone',
        every: 4,
      },
    };
  },
});

import { type Sweep, sweeps } from './sweep-kit.ts';

/** Registries, with every call to Docker going wrong (see sweep-kit.ts). */
const CREATE = ['registry', 'create', 'box', '--no-help', '--delete-enabled'];
const DELETE = ['registry', 'delete', 'box'];
const PUSH = ['registry', 'push', 'box', 'registry:2', '--as', 'team/app:v1'];
const NODES = ['k3d-keeper-server-0', 'k3d-keeper-agent-0'];

sweeps({
  base: async ({ must }) => void (await must('cluster', 'create', 'keeper', '--agents', '1')),
  // What the nodes pull by, what is in the registry, and what Docker holds.
  async more({ engine, must }) {
    const { docker } = engine;
    const settings = NODES.map(async node => {
      const file = await docker.readFile(node, '/etc/rancher/k3s/registries.yaml').catch(() => undefined);
      const text = file?.toString('utf8') ?? '';
      return `${node} pulls by ${text === '' || text.includes('mirrors: {}') ? 'nothing' : text}`;
    });
    const registries = JSON.parse(await must('registry', 'list', '-o', 'json')) as {
      name: string;
      networks?: string[];
    }[];
    const content = registries.map(
      async ({ name }) =>
        `${name} holds ${await must('registry', 'browse', name, '-o', 'json').catch(() => 'no answer')}`,
    );
    const tags = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
    return [...(await Promise.all([...settings, ...content])), ...tags.map(tag => `Docker holds ${tag}`)];
  },
  of(): Record<string, Sweep> {
    const made = { before: [CREATE], after: [DELETE] };
    const filled = { before: [CREATE, PUSH], after: [DELETE] };
    const connect = ['registry', 'connect', 'box', '-c', 'keeper'];
    return {
      'registry create --cluster': { argv: [...CREATE, '--cluster', 'keeper'], after: [DELETE], every: 2 },
      'registry connect': { ...made, argv: connect },
      'registry disconnect': {
        before: [CREATE, connect],
        after: [DELETE],
        argv: ['registry', 'disconnect', 'box', '-c', 'keeper'],
      },
      'registry delete': {
        before: [CREATE, connect],
        after: [],
        argv: DELETE,
        between: 'the nodes do not pull from it any more',
      },
      'registry push': { ...made, argv: PUSH, between: 'the registry has it' },
      'registry copy': {
        before: [CREATE, connect],
        after: [DELETE],
        argv: ['registry', 'copy', 'box', 'registry:2', '-c', 'keeper'],
        between: 'the registry has it, nodes may hold it',
        every: 2,
      },
      'registry delete-tag --collect': {
        ...filled,
        argv: ['registry', 'delete-tag', 'box', 'team/app:v1', '--collect'],
        between: 'the tag is gone, the room is not free yet',
      },
      'registry collect': { ...filled, argv: ['registry', 'collect', 'box', '--untagged'] },
      'registry stop': { ...made, argv: ['registry', 'stop', 'box'], between: 'it is stopped' },
      'registry start': {
        before: [CREATE, ['registry', 'stop', 'box']],
        after: [DELETE],
        argv: ['registry', 'start', 'box'],
        between: 'it runs',
      },
      'registry restart': { ...made, argv: ['registry', 'restart', 'box'] },
      'cluster create --registry-create': {
        argv: ['cluster', 'create', 'demo', '--registry-create', 'own'],
        after: [['cluster', 'delete', 'demo']],
        every: 3,
      },
    };
  },
});

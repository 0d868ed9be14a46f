import type { Node } from '../../src/engine/model.ts';
import { isK3s } from '../screens/node-row.ts';
import { agentWouldHelp } from '../screens/scheduling.ts';
import type { ScreenName } from '../state/navigation.ts';
import { type KeyContext, type KeyDefinition, whenLive } from './definition.ts';

const NODES: readonly ScreenName[] = ['nodes', 'node'];

const chosen = ({ app, place }: KeyContext): Node[] => app.nodes.chosen(place);
const namesOf = (context: KeyContext): string[] => chosen(context).map(node => node.name);

/** Off without a node, and while the engine is away. */
const someNode = (context: KeyContext, then: (nodes: Node[]) => true | string = () => true): true | string => {
  const nodes = chosen(context);
  return whenLive(context, nodes.length > 0 ? then(nodes) : 'there is no node to do it to');
};

const oneNode = (context: KeyContext, then: (node: Node) => true | string = () => true): true | string =>
  someNode(context, nodes => (nodes.length === 1 ? then(nodes[0]!) : 'works on one node, several are marked'));

const canAdd = (context: KeyContext): true | string => {
  const cluster = context.app.nodes.clusterFor(context.place);
  if (!cluster) return whenLive(context, 'no cluster is selected that a node could join');
  return whenLive(context, cluster.serversRunning > 0 || 'the cluster does not run');
};

const add = ({ app, place }: KeyContext): void => {
  const cluster = app.nodes.clusterFor(place);
  if (cluster) app.openDialog({ name: 'add-node', cluster: cluster.name });
};

/** Keys that do something to nodes. */
export const NODE_KEYS: readonly KeyDefinition[] = [
  {
    id: 'add-agent',
    keys: ['+'],
    title: 'add an agent, for pods that wait for room',
    short: 'add agent',
    group: 'node',
    screens: ['clusters'],
    changes: true,
    enabled: context => {
      const { app, clusters } = context;
      const waits = clusters.some(({ name }) => agentWouldHelp(app.nodes.live.view.kubernetes.get(name)?.waiting));
      return waits ? canAdd(context) : 'no pod waits for room';
    },
    run: add,
  },
  {
    id: 'add-node',
    keys: ['a'],
    title: 'add agents or servers',
    short: 'add',
    group: 'node',
    screens: ['nodes', 'node', 'cluster'],
    changes: true,
    hint: 10,
    enabled: canAdd,
    run: add,
  },
  {
    id: 'start-node',
    keys: ['R'],
    title: 'start',
    group: 'node',
    screens: NODES,
    changes: true,
    hint: 20,
    enabled: context => someNode(context, nodes => nodes.some(node => !node.running) || 'it runs already'),
    run: context => context.app.nodes.start(namesOf(context)),
  },
  {
    id: 'stop-node',
    keys: ['ctrl-k'],
    title: 'stop, after asking',
    short: 'stop',
    group: 'node',
    screens: NODES,
    changes: true,
    hint: 21,
    enabled: context =>
      someNode(
        context,
        nodes => nodes.some(node => node.state !== 'exited' && node.state !== 'created') || 'it is stopped already',
      ),
    run: context => context.app.openDialog({ name: 'node-stop', nodes: namesOf(context) }),
  },
  {
    id: 'restart-node',
    keys: ['r'],
    title: 'restart, after asking',
    short: 'restart',
    group: 'node',
    screens: NODES,
    changes: true,
    hint: 35,
    enabled: context => someNode(context),
    run: context => context.app.openDialog({ name: 'node-restart', nodes: namesOf(context) }),
  },
  {
    id: 'delete-node',
    keys: ['ctrl-d'],
    title: 'delete, after asking; its pods move first',
    short: 'delete',
    group: 'node',
    screens: NODES,
    changes: true,
    hint: 22,
    enabled: context => someNode(context),
    run: context => context.app.openDialog({ name: 'node-delete', nodes: namesOf(context) }),
  },
  {
    id: 'shell',
    keys: ['s'],
    title: 'shell in the node; exit comes back',
    short: 'shell',
    group: 'node',
    screens: NODES,
    changes: true,
    hint: 24,
    enabled: context => oneNode(context, node => node.running || 'it does not run'),
    run: context => void context.app.nodes.shell(chosen(context)[0]!),
  },
  {
    id: 'node-details',
    keys: ['d'],
    title: 'details: kubelet arguments, conditions, events, mounts, environment',
    short: 'details',
    group: 'node',
    screens: ['nodes'],
    hint: 30,
    enabled: context => oneNode(context),
    run: context => context.app.open({ screen: 'node', subject: namesOf(context)[0] }),
  },
];

/** Whether deleting these nodes moves pods first. */
export const drains = (nodes: readonly Node[]): boolean => nodes.some(node => isK3s(node) && node.running);

import { inspect, inspectable } from '../inspect.ts';
import { CLUSTER_SCREENS, type KeyDefinition, names, oneCluster, someCluster, whenLive } from './definition.ts';

/** Keys that do something to clusters. */
export const CLUSTER_KEYS: readonly KeyDefinition[] = [
  {
    id: 'create',
    keys: ['n', 'a'],
    title: 'create a cluster',
    short: 'new',
    group: 'cluster',
    screens: ['clusters'],
    changes: true,
    hint: 10,
    enabled: context => whenLive(context),
    run: ({ app }) => app.openDialog({ name: 'create' }),
  },
  {
    id: 'recreate',
    keys: ['M'],
    title: 'make it anew, from nothing, as it is or changed; after a preview',
    short: 'make anew',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
    changes: true,
    hint: 41,
    enabled: context => whenLive(context, oneCluster(context)),
    run: context => context.app.openDialog({ name: 'create', replaced: names(context)[0] ?? '' }),
  },
  {
    id: 'start',
    keys: ['R'],
    title: 'start',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
    changes: true,
    hint: 20,
    enabled: context =>
      whenLive(
        context,
        someCluster(context, context.clusters.some(cluster => cluster.status !== 'running') || 'it runs already'),
      ),
    run: context => context.app.work.start(names(context)),
  },
  {
    id: 'stop',
    keys: ['ctrl-k'],
    title: 'stop, after asking',
    short: 'stop',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
    changes: true,
    hint: 21,
    enabled: context =>
      whenLive(
        context,
        someCluster(context, context.clusters.some(cluster => cluster.status !== 'stopped') || 'it is stopped already'),
      ),
    run: context => context.app.openDialog({ name: 'stop', clusters: names(context) }),
  },
  {
    id: 'restart',
    keys: ['r'],
    title: 'restart, after asking',
    short: 'restart',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
    changes: true,
    hint: 35,
    enabled: context => whenLive(context, someCluster(context)),
    run: context => context.app.openDialog({ name: 'restart', clusters: names(context) }),
  },
  {
    id: 'delete',
    keys: ['ctrl-d'],
    title: 'delete, after asking',
    short: 'delete',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
    changes: true,
    hint: 22,
    enabled: context => whenLive(context, someCluster(context)),
    run: context => context.app.openDialog({ name: 'delete', clusters: names(context) }),
  },
  {
    id: 'details',
    keys: ['d'],
    title: 'details of the cluster',
    short: 'details',
    group: 'cluster',
    screens: ['clusters'],
    hint: 30,
    enabled: oneCluster,
    run: context => context.app.open({ screen: 'cluster', subject: names(context)[0] }),
  },
  {
    id: 'yaml',
    keys: ['y'],
    title: 'inspect as YAML, secrets hidden',
    short: 'YAML',
    group: 'cluster',
    screens: ['clusters', 'cluster', 'nodes', 'node'],
    hint: 36,
    enabled: context =>
      whenLive(context, inspectable(context.app, context.place) !== undefined || 'there is nothing selected'),
    run: ({ app }) => inspect(app),
  },
  {
    id: 'use',
    keys: ['u'],
    title: "make it kubectl's context in use",
    short: 'use context',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
    changes: true,
    hint: 37,
    enabled: context => whenLive(context, oneCluster(context)),
    run: context => context.app.work.useContext(names(context)[0] ?? ''),
  },
  {
    id: 'kubeconfig',
    keys: ['K'],
    title: 'kubeconfig: write, merge, switch',
    short: 'kubeconfig',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
    changes: true,
    hint: 38,
    enabled: context => whenLive(context, someCluster(context)),
    run: context => context.app.work.openKubeconfig(names(context)),
  },
];

/** Keys that do something to operations. */
export const OPERATION_KEYS: readonly KeyDefinition[] = [
  {
    id: 'cancel',
    keys: ['ctrl-k'],
    title: 'cancel, after asking; what was made so far is undone',
    short: 'cancel',
    group: 'operation',
    screens: ['operations', 'operation'],
    hint: 10,
    enabled: ({ operation }) =>
      operation === undefined ? 'there is no operation' : operation.endedAt === undefined || 'it has ended',
    run: ({ app, operation }) => operation && app.openDialog({ name: 'cancel', operation: operation.id }),
  },
  {
    id: 'retry',
    keys: ['r'],
    title: 'do it again',
    short: 'again',
    group: 'operation',
    screens: ['operations', 'operation'],
    changes: true,
    hint: 20,
    enabled: context =>
      context.operation === undefined
        ? 'there is no operation'
        : context.operation.endedAt === undefined
          ? 'it still runs'
          : whenLive(
              context,
              context.app.runner.canRepeat(context.operation.id) ||
                'it was planned for what was so then: look again, and do it from there',
            ),
    run: ({ app, operation }) => operation && app.runner.repeat(operation.id),
  },
];

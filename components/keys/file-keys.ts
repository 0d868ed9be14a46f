import { CLUSTER_SCREENS, type KeyContext, type KeyDefinition, oneCluster, whenLive } from './definition.ts';

/** The cluster that the export screen is about. */
const exported = ({ app, place }: KeyContext) => app.snapshot.clusters.find(({ name }) => name === place.subject);
const isRead = ({ app }: KeyContext): true | string => app.files.shown !== undefined || 'it is still being read';

/** Keys for clusters as files. */
export const FILE_KEYS: readonly KeyDefinition[] = [
  {
    id: 'export',
    keys: ['x'],
    title: 'export it as the config file that makes it again, whoever made it',
    short: 'export',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
    hint: 39,
    enabled: context => whenLive(context, oneCluster(context)),
    run: ({ app, clusters }) => clusters[0] && app.files.openExport(clusters[0]),
  },
  {
    id: 'clone',
    keys: ['D'],
    title: 'create another cluster like it',
    short: 'clone',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
    changes: true,
    hint: 40,
    enabled: context => whenLive(context, oneCluster(context)),
    run: ({ app, clusters }) => clusters[0] && app.openDialog({ name: 'clone', cluster: clusters[0].name }),
  },
  {
    id: 'export-copy',
    keys: ['c'],
    title: 'copy the config file',
    short: 'copy',
    group: 'cluster',
    screens: ['export'],
    hint: 10,
    enabled: isRead,
    run: ({ app }) => app.files.copy(),
  },
  {
    id: 'export-save',
    keys: ['ctrl-s', 's'],
    title: 'save the config file',
    short: 'save',
    group: 'cluster',
    screens: ['export'],
    hint: 11,
    enabled: isRead,
    run: ({ app }) => app.files.askPath(),
  },
  {
    id: 'export-secrets',
    keys: ['t'],
    title: "with the cluster's token and logins to registries, or without",
    short: 'token',
    group: 'cluster',
    screens: ['export'],
    hint: 12,
    enabled: context => whenLive(context, exported(context) !== undefined || 'the cluster is gone'),
    run: context => {
      const cluster = exported(context);
      if (cluster) context.app.files.toggleSecrets(cluster);
    },
  },
  {
    id: 'diff-apply',
    keys: ['a'],
    title: 'bring the cluster up to the file, after a preview',
    short: 'apply',
    group: 'cluster',
    screens: ['diff'],
    changes: true,
    hint: 10,
    enabled: context => whenLive(context),
    run: ({ app, place }) => app.files.apply(place.subject ?? ''),
  },
  {
    id: 'diff-again',
    keys: ['ctrl-r'],
    title: 'compare again',
    short: 'again',
    group: 'cluster',
    screens: ['diff'],
    hint: 11,
    enabled: context => whenLive(context),
    run: ({ app, place }) => app.files.diff(place.subject ?? ''),
  },
];

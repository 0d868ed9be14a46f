import type { ImageRow } from '../../src/engine/image/matrix.ts';
import type { ScreenName } from '../state/navigation.ts';
import { type KeyContext, type KeyDefinition, names, whenLive } from './definition.ts';

const IMAGES: readonly ScreenName[] = ['images'];

const chosen = ({ app, place }: KeyContext): ImageRow[] => app.images.chosen(place);

const some = (context: KeyContext, then: (rows: ImageRow[]) => true | string = () => true): true | string => {
  const rows = chosen(context);
  return whenLive(context, rows.length > 0 ? then(rows) : 'there is no image selected');
};

const running = ({ app, place }: KeyContext): true | string =>
  app.images.clusters(place).some(({ serversRunning, agentsRunning }) => serversRunning + agentsRunning > 0) ||
  'no cluster runs whose nodes could hold images';

/** The cluster or node whose images are meant; undefined: all. */
function subject(context: KeyContext): string | undefined {
  const { app, place } = context;
  if (place.screen === 'nodes' || place.screen === 'node') return app.nodes.chosen(place)[0]?.name;
  return names(context)[0];
}

/** Keys of the images' screen, and the way there. */
export const IMAGE_KEYS: readonly KeyDefinition[] = [
  {
    id: 'images',
    keys: ['i'],
    title: 'images in the nodes',
    short: 'images',
    group: 'image',
    screens: ['clusters', 'cluster', 'nodes', 'node'],
    hint: 33,
    run: context => context.app.open({ screen: 'images', subject: subject(context) }),
  },
  {
    id: 'image-import',
    keys: ['a', 'n'],
    title: 'import from Docker or from archives',
    short: 'import',
    group: 'image',
    screens: IMAGES,
    changes: true,
    hint: 10,
    enabled: context => whenLive(context, running(context)),
    run: ({ app, place }) =>
      app.openDialog({
        name: 'image-import',
        clusters: app.images.clusters(place).map(({ name }) => name),
        subject: place.subject,
      }),
  },
  {
    id: 'image-update',
    keys: ['u'],
    title: 'import what Docker has of it, where it is older or missing',
    short: 'update',
    group: 'image',
    screens: IMAGES,
    changes: true,
    hint: 20,
    enabled: context =>
      some(context, rows => rows.every(({ docker }) => docker !== undefined) || 'Docker does not have it'),
    run: context => context.app.images.openUpdate(chosen(context)),
  },
  {
    id: 'image-pull',
    keys: ['P'],
    title: 'have the nodes pull an image, by their own registries',
    short: 'pull',
    group: 'image',
    screens: IMAGES,
    changes: true,
    hint: 21,
    enabled: context => whenLive(context, running(context)),
    run: context => {
      const [row] = chosen(context);
      context.app.openDialog({ name: 'image-pull', image: row && row.name !== '<none>' ? row.name : '' });
    },
  },
  {
    id: 'image-verify',
    keys: ['v'],
    title: 'verify that it is whole in every node that holds it',
    short: 'verify',
    group: 'image',
    screens: IMAGES,
    hint: 30,
    enabled: context =>
      some(context, rows => rows.every(({ name }) => name !== '<none>') || 'only images with a name can be verified'),
    run: context => context.app.images.verify(chosen(context), context.place),
  },
  {
    id: 'image-details',
    keys: ['d'],
    title: 'every node that holds or misses it, the pods that use it, and its layers',
    short: 'details',
    group: 'image',
    screens: IMAGES,
    hint: 31,
    enabled: context => some(context),
    run: context => context.app.openDialog({ name: 'image-details', row: chosen(context)[0]! }),
  },
  {
    id: 'image-remove',
    keys: ['ctrl-d'],
    title: 'remove from the nodes, after asking; all marked ones in one go',
    short: 'remove',
    group: 'image',
    screens: IMAGES,
    changes: true,
    hint: 22,
    enabled: context => some(context),
    run: context => context.app.images.openRemove(chosen(context), context.place),
  },
];

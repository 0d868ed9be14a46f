import type { Registry } from '../../src/engine/registry/model.ts';
import { referencesOf } from '../../src/engine/registry/references.ts';
import { sanitise } from '../../src/text.ts';
import { tagsSubject } from '../registry-watch.ts';
import type { ScreenName } from '../state/navigation.ts';
import { type KeyContext, type KeyDefinition, whenLive } from './definition.ts';

export const REGISTRY_SCREENS: readonly ScreenName[] = ['registries', 'repositories', 'tags'];

const chosen = ({ app, place }: KeyContext): Registry[] => app.registries.chosen(place);

const some = (context: KeyContext, then: true | string = true): true | string =>
  whenLive(context, chosen(context).length > 0 ? then : 'there is no registry to do it to');

const one = (context: KeyContext, then: (registry: Registry) => true | string = () => true): true | string => {
  const [first, ...more] = chosen(context);
  if (!first) return some(context);
  return whenLive(context, more.length > 0 ? 'works on one registry, several are marked' : then(first));
};

const runs = ({ node }: Registry): true | string => node.running || 'it does not run';

/** The reference that stands at this place under the list. */
function reference({ app, place }: KeyContext, index: number): string | undefined {
  const row = place.screen === 'registries' ? (app.selectedRow(place) as Registry | undefined) : undefined;
  const registry = row ?? app.registries.chosen(place)[0];
  return registry && referencesOf(registry, app.registries.image(place))[index]?.text;
}

const copyKey = (index: number, title: string): KeyDefinition => ({
  id: `reference-${index + 1}`,
  keys: [String(index + 1)],
  title,
  group: 'registry',
  screens: REGISTRY_SCREENS,
  enabled: context => reference(context, index) !== undefined || 'there is no such reference',
  run: context => {
    const text = reference(context, index);
    if (text) context.app.copy(text);
  },
});

/** Keys of the registries' screens. */
export const REGISTRY_KEYS: readonly KeyDefinition[] = [
  {
    id: 'registry-new',
    keys: ['n', 'a'],
    title: 'make a registry',
    short: 'new',
    group: 'registry',
    screens: ['registries'],
    changes: true,
    hint: 10,
    enabled: context => whenLive(context),
    run: ({ app }) => app.openDialog({ name: 'registry-create' }),
  },
  {
    id: 'registry-connect',
    keys: ['o'],
    title: 'connect to a cluster, running or not',
    short: 'connect',
    group: 'registry',
    screens: REGISTRY_SCREENS,
    changes: true,
    hint: 20,
    enabled: context =>
      one(context, ({ clusters }) => {
        const left = context.app.snapshot.clusters.filter(({ name }) => !clusters.includes(name));
        return left.length > 0 || 'there is no cluster that it is not connected to';
      }),
    run: context =>
      context.app.openDialog({ name: 'registry-choose', act: 'connect', registry: chosen(context)[0]!.node.name }),
  },
  {
    id: 'registry-disconnect',
    keys: ['x'],
    title: 'disconnect from a cluster',
    short: 'disconnect',
    group: 'registry',
    screens: REGISTRY_SCREENS,
    changes: true,
    enabled: context => one(context, ({ clusters }) => clusters.length > 0 || 'no cluster uses it'),
    run: context =>
      context.app.openDialog({ name: 'registry-choose', act: 'disconnect', registry: chosen(context)[0]!.node.name }),
  },
  {
    id: 'registry-push',
    keys: ['p'],
    title: 'push an image that Docker has',
    short: 'push',
    group: 'registry',
    screens: REGISTRY_SCREENS,
    changes: true,
    hint: 30,
    enabled: context => one(context, runs),
    run: context => context.app.openPush(chosen(context)[0]!.node.name),
  },
  {
    id: 'registry-copy-image',
    keys: ['i'],
    title: 'copy the image into a cluster: its nodes pull it',
    short: 'into a cluster',
    group: 'registry',
    screens: ['repositories', 'tags'],
    changes: true,
    hint: 35,
    enabled: context =>
      one(context, ({ clusters }) => {
        if (clusters.length === 0) return 'no cluster uses this registry; o connects one';
        return context.app.registries.images(context.place).length > 0 || 'there is no image';
      }),
    run: context => {
      const { app, place } = context;
      const images = app.registries.images(place);
      app.openDialog({ name: 'registry-choose', act: 'copy', registry: chosen(context)[0]!.node.name, images });
    },
  },
  {
    id: 'registry-start',
    keys: ['R'],
    title: 'start',
    group: 'registry',
    screens: ['registries'],
    changes: true,
    enabled: context => some(context, chosen(context).some(({ node }) => !node.running) || 'it runs already'),
    run: context => context.app.registries.start(chosen(context)),
  },
  {
    id: 'registry-stop',
    keys: ['ctrl-k'],
    title: 'stop, after asking',
    short: 'stop',
    group: 'registry',
    screens: ['registries'],
    changes: true,
    enabled: context => some(context, chosen(context).some(({ node }) => node.running) || 'it does not run'),
    run: context => context.app.registries.askStop(chosen(context)),
  },
  {
    id: 'registry-restart',
    keys: ['r'],
    title: 'restart',
    group: 'registry',
    screens: ['registries'],
    changes: true,
    enabled: context => some(context),
    run: context => context.app.registries.restart(chosen(context)),
  },
  {
    id: 'registry-delete',
    keys: ['ctrl-d'],
    title: 'delete with the images in it, after asking',
    short: 'delete',
    group: 'registry',
    screens: ['registries'],
    changes: true,
    hint: 50,
    enabled: context => some(context),
    run: context => context.app.registries.askDelete(chosen(context)),
  },
  {
    id: 'tag-delete',
    keys: ['ctrl-d'],
    title: 'delete the tag, or all marked ones, after asking',
    short: 'delete',
    group: 'registry',
    screens: ['tags'],
    changes: true,
    hint: 50,
    enabled: context =>
      one(context, registry => {
        if (context.app.registries.images(context.place).length === 0) return 'there is no tag';
        const settings = context.app.registryWatch.view.settings.get(registry.node.id);
        return settings?.deleteEnabled !== false || 'this registry was made without leave to delete';
      }),
    run: context => {
      const { app, place } = context;
      const { registry } = tagsSubject(place);
      app.openDialog({ name: 'tag-delete', registry, images: app.registries.images(place) });
    },
  },
  {
    id: 'registry-collect',
    keys: ['z'],
    title: 'free the disk of what no tag leads to, after asking',
    short: 'collect garbage',
    group: 'registry',
    screens: REGISTRY_SCREENS,
    changes: true,
    enabled: context => one(context, runs),
    run: context => context.app.registries.askCollect(chosen(context)[0]!),
  },
  copyKey(0, 'copy the reference for the cluster'),
  copyKey(1, 'copy the reference for this host'),
  copyKey(2, 'copy the reference that fits both'),
];

/** Names of images for a dialog's title. */
export const imageTexts = (images: readonly { repository: string; tag: string }[]): string =>
  images.map(({ repository, tag }) => sanitise(`${repository}:${tag}`)).join(', ');

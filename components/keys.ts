import type { Cluster } from '../src/engine/model.ts';
import type { Operation } from '../src/engine/operation.ts';
import type { Controller } from './controller.ts';
import { LISTS } from './screens/lists.ts';
import { listOf } from './state/app-state.ts';
import { clearMarks, markRange, sortBeside, sortBy, toggleMark } from './state/list.ts';
import { type Place, placeKey, type ScreenName, toLast, walk } from './state/navigation.ts';
import { openPrompt } from './state/prompt.ts';

export type KeyGroup = 'move' | 'list' | 'cluster' | 'operation' | 'go' | 'general';

/** What a key knows when it is pressed or drawn. */
export interface KeyContext {
  app: Controller;
  place: Place;
  /** Marked clusters, or the selected one, or the one the screen is about. */
  clusters: readonly Cluster[];
  /** The operation that the screen or its selected row is about. */
  operation: Operation | undefined;
}

/** One thing that keys do. Hints, help, README and tests are made from these. */
export interface KeyDefinition {
  id: string;
  /** As in KeyPress.name; any of them. */
  keys: readonly string[];
  title: string;
  group: KeyGroup;
  /** Where it exists; absent: everywhere. */
  screens?: readonly ScreenName[];
  /** Place among the hints of the header, lowest first; absent: not there. */
  hint?: number;
  /** Shorter word for the hint. */
  short?: string;
  /** True, or why not. */
  enabled?(context: KeyContext): true | string;
  run(context: KeyContext): void;
}

const TABLES: readonly ScreenName[] = ['clusters', 'nodes', 'operations', 'commands', 'help'];
const CLUSTER_SCREENS: readonly ScreenName[] = ['clusters', 'cluster'];

const someCluster = ({ clusters }: KeyContext): true | string =>
  clusters.length > 0 || 'there is no cluster to do it to';

const oneCluster = ({ clusters }: KeyContext): true | string =>
  clusters.length === 1 ||
  (clusters.length === 0 ? 'there is no cluster selected' : 'works on one cluster, several are marked');

/** Names in the order in which they stand. */
const names = ({ clusters }: KeyContext): string[] => clusters.map(cluster => cluster.name);

/** What is asked only where the link to the engine holds. */
const whenLive = (context: KeyContext, then: true | string = true): true | string =>
  context.app.snapshot.link === 'lost' ? 'the engine cannot be reached at the moment' : then;

const move = (id: string, keys: string[], title: string, by: (app: Controller) => number): KeyDefinition => ({
  id,
  keys,
  title,
  group: 'move',
  run: ({ app }) => app.move(by(app)),
});

const MOVES: readonly KeyDefinition[] = [
  move('down', ['j', 'down'], 'down', () => 1),
  move('up', ['k', 'up'], 'up', () => -1),
  move('top', ['g', 'home'], 'to the first', () => Number.NEGATIVE_INFINITY),
  move('bottom', ['G', 'end'], 'to the last', () => Number.POSITIVE_INFINITY),
  move('page-down', ['pagedown', 'ctrl-f'], 'a page down', app => app.page),
  move('page-up', ['pageup', 'ctrl-b'], 'a page up', app => -app.page),
  move('wheel-down', ['wheel-down'], 'down', () => 3),
  move('wheel-up', ['wheel-up'], 'up', () => -3),
];

const isWide = ({ app, place }: KeyContext): true | string =>
  listOf(app.state, placeKey(place)).wide || 'only in wide mode, Ctrl-W';

const LIST_KEYS: readonly KeyDefinition[] = [
  {
    id: 'mark',
    keys: ['space'],
    title: 'mark, or take the mark away; actions then apply to all marked',
    short: 'mark',
    group: 'list',
    screens: ['clusters', 'nodes'],
    hint: 60,
    run: ({ app }) => app.changeList(toggleMark),
  },
  {
    id: 'mark-range',
    keys: ['ctrl-space'],
    title: 'mark from the last mark to here',
    group: 'list',
    screens: ['clusters', 'nodes'],
    run: ({ app }) => app.changeList(markRange),
  },
  {
    id: 'clear-marks',
    keys: ['ctrl-\\'],
    title: 'clear all marks',
    group: 'list',
    screens: ['clusters', 'nodes'],
    enabled: ({ app, place }) => listOf(app.state, placeKey(place)).marks.size > 0 || 'nothing is marked',
    run: ({ app }) => app.changeList(clearMarks),
  },
  {
    id: 'filter',
    keys: ['/'],
    title: 'filter: regular expression, ! inverse, -f fuzzy',
    short: 'filter',
    group: 'list',
    hint: 50,
    run: ({ app }) => app.store.dispatch({ type: 'prompt', prompt: openPrompt('filter', listOf(app.state).filter) }),
  },
  {
    id: 'sort-left',
    keys: ['shift-left'],
    title: 'sort by the column to the left',
    group: 'list',
    screens: TABLES,
    run: ({ app }) => app.changeList(list => sortBeside(list, app.columnIds, -1)),
  },
  {
    id: 'sort-right',
    keys: ['shift-right'],
    title: 'sort by the column to the right',
    group: 'list',
    screens: TABLES,
    run: ({ app }) => app.changeList(list => sortBeside(list, app.columnIds, 1)),
  },
  {
    id: 'wide',
    keys: ['ctrl-w'],
    title: 'wide: every column whole, or what fits',
    group: 'list',
    screens: TABLES,
    run: ({ app }) => app.changeList(list => ({ ...list, wide: !list.wide, shift: 0 })),
  },
  {
    id: 'columns-right',
    keys: ['right'],
    title: 'in wide mode: further columns',
    group: 'list',
    screens: TABLES,
    enabled: isWide,
    run: ({ app }) => app.changeList(list => ({ ...list, shift: Math.min(list.shift + 1, app.columnCount - 2) })),
  },
  {
    id: 'columns-left',
    keys: ['left'],
    title: 'in wide mode: earlier columns',
    group: 'list',
    screens: TABLES,
    enabled: isWide,
    run: ({ app }) => app.changeList(list => ({ ...list, shift: Math.max(0, list.shift - 1) })),
  },
  {
    id: 'faults',
    keys: ['ctrl-z'],
    title: 'only what has faults, or all',
    group: 'list',
    screens: ['clusters', 'nodes', 'operations', 'commands'],
    enabled: ({ app, place }) =>
      listOf(app.state, placeKey(place)).faultsOnly || app.hasFaults(place) || 'nothing here has a fault',
    run: ({ app }) => app.changeList(list => ({ ...list, faultsOnly: !list.faultsOnly, index: 0 })),
  },
];

const CLUSTER_KEYS: readonly KeyDefinition[] = [
  {
    id: 'create',
    keys: ['n', 'a'],
    title: 'create a cluster',
    short: 'new',
    group: 'cluster',
    screens: ['clusters'],
    hint: 10,
    enabled: context => whenLive(context),
    run: ({ app }) => app.openDialog({ name: 'create' }),
  },
  {
    id: 'start',
    keys: ['R'],
    title: 'start',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
    hint: 20,
    enabled: context =>
      whenLive(
        context,
        someCluster(context) !== true
          ? someCluster(context)
          : context.clusters.some(cluster => cluster.status !== 'running') || 'it runs already',
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
    hint: 21,
    enabled: context =>
      whenLive(
        context,
        someCluster(context) !== true
          ? someCluster(context)
          : context.clusters.some(cluster => cluster.status !== 'stopped') || 'it is stopped already',
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
    screens: ['clusters', 'cluster', 'nodes'],
    hint: 36,
    enabled: context =>
      whenLive(context, context.app.inspectable(context.place) !== undefined || 'there is nothing selected'),
    run: ({ app }) => app.inspect(),
  },
  {
    id: 'use',
    keys: ['u'],
    title: "make it kubectl's context in use",
    short: 'use context',
    group: 'cluster',
    screens: CLUSTER_SCREENS,
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
    hint: 38,
    enabled: context => whenLive(context, someCluster(context)),
    run: context => context.app.work.openKubeconfig(names(context)),
  },
];

const OPERATION_KEYS: readonly KeyDefinition[] = [
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
    hint: 20,
    enabled: context =>
      context.operation === undefined
        ? 'there is no operation'
        : context.operation.endedAt === undefined
          ? 'it still runs'
          : whenLive(
              context,
              context.app.work.runner.canRepeat(context.operation.id) || 'it cannot be repeated from here',
            ),
    run: ({ app, operation }) => operation && app.work.runner.repeat(operation.id),
  },
];

const GENERAL_KEYS: readonly KeyDefinition[] = [
  {
    id: 'open',
    keys: ['enter'],
    title: 'open; in help: do it',
    short: 'open',
    group: 'go',
    screens: TABLES,
    hint: 40,
    enabled: ({ app, place }) => app.canOpen(place) || 'there is nothing to open',
    run: ({ app }) => app.enter(),
  },
  {
    id: 'nodes',
    keys: ['enter'],
    title: 'nodes of the cluster',
    short: 'nodes',
    group: 'go',
    screens: ['cluster'],
    hint: 40,
    enabled: ({ clusters }) => clusters.length > 0 || 'the cluster is gone',
    run: ({ app }) => app.enter(),
  },
  { id: 'back', keys: ['escape'], title: 'clear the filter, or back', group: 'go', run: ({ app }) => app.back() },
  {
    id: 'quit',
    keys: ['q', 'ctrl-c'],
    title: 'back, and at the end quit; asks while an operation runs',
    short: 'quit',
    group: 'general',
    hint: 90,
    run: ({ app }) => app.backOrQuit(),
  },
  {
    id: 'history-back',
    keys: ['['],
    title: 'back in the history',
    group: 'go',
    enabled: ({ app }) => app.state.navigation.at > 0 || 'this is where it began',
    run: ({ app }) => app.store.dispatch({ type: 'navigate', change: navigation => walk(navigation, -1) }),
  },
  {
    id: 'history-forward',
    keys: [']'],
    title: 'forward in the history',
    group: 'go',
    enabled: ({ app }) => app.state.navigation.at < app.state.navigation.visited.length - 1 || 'there is nothing ahead',
    run: ({ app }) => app.store.dispatch({ type: 'navigate', change: navigation => walk(navigation, 1) }),
  },
  {
    id: 'last',
    keys: ['-'],
    title: 'to the last screen and back',
    group: 'go',
    enabled: ({ app }) => app.state.navigation.last !== undefined || 'there is no other screen yet',
    run: ({ app }) => app.store.dispatch({ type: 'navigate', change: toLast }),
  },
  {
    id: 'command',
    keys: [':'],
    title: 'go to a screen or run a command',
    short: 'command',
    group: 'general',
    hint: 80,
    run: ({ app }) => app.store.dispatch({ type: 'prompt', prompt: openPrompt('command', '') }),
  },
  {
    id: 'help',
    keys: ['?'],
    title: 'help: every key of this screen',
    short: 'help',
    group: 'general',
    hint: 0,
    enabled: ({ place }) => place.screen !== 'help' || 'this is it',
    run: ({ app }) => app.open({ screen: 'help' }),
  },
  {
    id: 'copy',
    keys: ['c'],
    title: 'copy the name; of an operation or log line, the command',
    short: 'copy',
    group: 'general',
    screens: ['clusters', 'cluster', 'nodes', 'operations', 'operation', 'commands'],
    hint: 65,
    enabled: ({ app, place }) => app.copyChoices(place).length > 0 || 'there is nothing to copy',
    run: ({ app }) => app.copyFirst(),
  },
  {
    id: 'copy-menu',
    keys: ['C'],
    title: 'copy something else: id, image, address, command',
    group: 'general',
    screens: ['clusters', 'cluster', 'nodes', 'operations', 'operation', 'commands'],
    enabled: ({ app, place }) => app.copyChoices(place).length > 0 || 'there is nothing to copy',
    run: ({ app }) => app.openDialog({ name: 'copy', choices: app.copyChoices() }),
  },
  {
    id: 'refresh',
    keys: ['ctrl-r'],
    title: 'read everything from the engine again',
    group: 'general',
    run: ({ app }) => app.refresh(),
  },
  {
    id: 'equal',
    keys: ['!'],
    title: 'the command line that does the same as the last action',
    group: 'general',
    enabled: ({ app }) => app.state.log.length > 0 || 'nothing has been done yet',
    run: ({ app }) => app.showEqual(),
  },
  {
    id: 'log',
    keys: ['@'],
    title: 'command log',
    group: 'general',
    run: ({ app }) => app.open({ screen: 'commands' }),
  },
  {
    id: 'operations',
    keys: ['ctrl-t'],
    title: 'operations',
    group: 'general',
    hint: 70,
    run: ({ app }) => app.open({ screen: 'operations' }),
  },
  {
    id: 'full-screen',
    keys: ['f'],
    title: 'full screen, or not',
    group: 'general',
    run: ({ app }) => app.store.dispatch({ type: 'full-screen' }),
  },
  {
    id: 'suspend',
    keys: ['ctrl-z'],
    title: 'to the shell where nothing has a fault to show; fg comes back',
    group: 'general',
    run: ({ app }) => app.suspend(),
  },
];

/** Keys that sort by a column, from the columns themselves. */
function sortKeys(screen: ScreenName): KeyDefinition[] {
  return (LISTS[screen]?.columns ?? []).flatMap(({ id, letter, title }) =>
    letter === undefined
      ? []
      : [
          {
            id: `sort-${id}`,
            keys: [letter],
            title: `sort by ${title.toLowerCase()}; again: the other way`,
            group: 'list' as const,
            screens: [screen],
            run: ({ app }: KeyContext) => app.changeList(list => sortBy(list, id)),
          },
        ],
  );
}

const SORTS: readonly KeyDefinition[] = (['clusters', 'nodes', 'operations', 'commands'] as const).flatMap(sortKeys);

/** Every key there is. Of two with the same key on one screen the first that is enabled runs. */
export const KEYS: readonly KeyDefinition[] = [
  ...CLUSTER_KEYS,
  ...OPERATION_KEYS,
  ...MOVES,
  ...LIST_KEYS,
  ...SORTS,
  ...GENERAL_KEYS,
];

/** The keys of a screen. */
export function keysOf(screen: ScreenName): readonly KeyDefinition[] {
  return KEYS.filter(({ screens }) => screens === undefined || screens.includes(screen));
}

/** True, or why the key does nothing now. */
export function enabledNow(key: KeyDefinition, context: KeyContext): true | string {
  return key.enabled?.(context) ?? true;
}

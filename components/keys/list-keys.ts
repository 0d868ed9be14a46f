import type { Controller } from '../controller.ts';
import { moveCursor } from '../cursor.ts';
import { columnsAt } from '../screens/list-definition.ts';
import { LISTS } from '../screens/lists.ts';
import { listOf } from '../state/app-state.ts';
import { clearMarks, markRange, sortBeside, sortBy, toggleMark } from '../state/list.ts';
import { type Place, placeKey, type ScreenName } from '../state/navigation.ts';
import { openPrompt } from '../state/prompt.ts';
import type { Column } from '../widgets/columns.ts';
import { type KeyContext, type KeyDefinition, TABLES } from './definition.ts';

const move = (id: string, keys: string[], title: string, by: (app: Controller) => number): KeyDefinition => ({
  id,
  keys,
  title,
  group: 'move',
  run: ({ app }) => moveCursor(app, by(app)),
});

const page = (app: Controller): number => Math.max(1, app.body.page - 1);

/** Keys that move the selection or scroll. */
export const MOVES: readonly KeyDefinition[] = [
  move('down', ['j', 'down'], 'down', () => 1),
  move('up', ['k', 'up'], 'up', () => -1),
  move('top', ['g', 'home'], 'to the first', () => Number.NEGATIVE_INFINITY),
  move('bottom', ['G', 'end'], 'to the last', () => Number.POSITIVE_INFINITY),
  move('page-down', ['pagedown', 'ctrl-f'], 'a page down', page),
  move('page-up', ['pageup', 'ctrl-b'], 'a page up', app => -page(app)),
  move('wheel-down', ['wheel-down'], 'down', () => 3),
  move('wheel-up', ['wheel-up'], 'up', () => -3),
];

const isWide = ({ app, place }: KeyContext): true | string =>
  listOf(app.state, placeKey(place)).wide || 'only in wide mode, Ctrl-W';

function columnsIn(place: Place): readonly Column<unknown>[] {
  const list = LISTS[place.screen];
  return list === undefined ? [] : columnsAt(list, place);
}

/** Columns that are on the screen, from left to right. */
const columnIds = (app: Controller): string[] => app.body.table?.columns.map(({ id }) => id) ?? [];

/** How many columns the list has, seen or not. */
const columnCount = (place: Place): number => columnsIn(place).length;

function hasFaults(app: Controller, place: Place): boolean {
  const { faulty } = LISTS[place.screen] ?? {};
  return faulty !== undefined && (app.shaped(place)?.all.some(row => faulty(row)) ?? false);
}

const SCREENS = Object.keys(LISTS) as ScreenName[];

/** Lists whose actions can be about several rows. */
const MARKABLE: readonly ScreenName[] = ['clusters', 'nodes', 'ports', 'images', 'leftovers', 'registries', 'tags'];

/** Keys of tables. */
export const LIST_KEYS: readonly KeyDefinition[] = [
  {
    id: 'mark',
    keys: ['space'],
    title: 'mark, or take the mark away; actions then apply to all marked',
    short: 'mark',
    group: 'list',
    screens: MARKABLE,
    hint: 60,
    run: ({ app }) => app.changeList(toggleMark),
  },
  {
    id: 'mark-range',
    keys: ['ctrl-space'],
    title: 'mark from the last mark to here',
    group: 'list',
    screens: MARKABLE,
    run: ({ app }) => app.changeList(markRange),
  },
  {
    id: 'clear-marks',
    keys: ['ctrl-\\'],
    title: 'clear all marks',
    group: 'list',
    screens: MARKABLE,
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
    run: ({ app }) => app.changeList(list => sortBeside(list, columnIds(app), -1)),
  },
  {
    id: 'sort-right',
    keys: ['shift-right'],
    title: 'sort by the column to the right',
    group: 'list',
    screens: TABLES,
    run: ({ app }) => app.changeList(list => sortBeside(list, columnIds(app), 1)),
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
    run: ({ app, place }) =>
      app.changeList(list => ({ ...list, shift: Math.min(list.shift + 1, columnCount(place) - 2) })),
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
    screens: SCREENS.filter(screen => LISTS[screen]?.faulty !== undefined),
    enabled: ({ app, place }) =>
      listOf(app.state, placeKey(place)).faultsOnly || hasFaults(app, place) || 'nothing here has a fault',
    run: ({ app }) => app.changeList(list => ({ ...list, faultsOnly: !list.faultsOnly, index: 0 })),
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
            enabled: ({ place }: KeyContext) =>
              columnsIn(place).some(column => column.id === id) || 'it is the same in all of them',
            run: ({ app }: KeyContext) => app.changeList(list => sortBy(list, id)),
          },
        ],
  );
}

/** Keys that sort. */
export const SORTS: readonly KeyDefinition[] = SCREENS.flatMap(sortKeys);

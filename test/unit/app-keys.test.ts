import { describe, expect, test } from 'vitest';
import { Controller } from '../../components/controller.ts';
import { click } from '../../components/cursor.ts';
import { keyLabel, keyTable } from '../../components/key-names.ts';
import { KEYS, keysOf } from '../../components/keys.ts';
import { INITIAL, listOf, reduce } from '../../components/state/app-state.ts';
import type { ScreenName } from '../../components/state/navigation.ts';
import { Store } from '../../components/state/store.ts';
import { aCluster, actionsOn, anEngine } from './app-fakes.ts';

const SCREENS = [...new Set(['yaml', ...KEYS.flatMap(({ screens = [] }) => screens)])] as ScreenName[];

/** Keys that do two things on one screen on purpose: the first that is enabled runs. */
const SHARED = ['ctrl-z'];
const SHARED_ON: Partial<Record<ScreenName, string[]>> = { logs: ['/', 'escape'], diff: ['ctrl-r'] };

describe('the keys', () => {
  test.each(SCREENS)('of screen %s each do one thing', screen => {
    const names = keysOf(screen).flatMap(({ keys }) => keys);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    const shared = [...SHARED, ...(SHARED_ON[screen] ?? [])];
    expect(twice.filter(name => !shared.includes(name))).toEqual([]);
  });

  test.each([
    ['space', 'mark'],
    ['c', 'copy'],
    ['C', 'copy-menu'],
    ['I', 'sort-image'],
    ['ctrl-z', 'faults'],
  ])('%s does among images what it does in other lists', (name, id) => {
    expect(keysOf('images').find(({ keys }) => keys.includes(name))?.id).toBe(id);
  });

  test.each([
    ['n', 'create'],
    ['a', 'create'],
    ['R', 'start'],
    ['ctrl-k', 'stop'],
    ['r', 'restart'],
    ['ctrl-d', 'delete'],
    ['d', 'details'],
    ['y', 'yaml'],
    ['u', 'use'],
    ['K', 'kubeconfig'],
    ['c', 'copy'],
    ['C', 'copy-menu'],
    ['space', 'mark'],
    ['ctrl-space', 'mark-range'],
    ['ctrl-\\', 'clear-marks'],
    ['ctrl-r', 'refresh'],
    ['ctrl-w', 'wide'],
    ['ctrl-z', 'faults'],
    ['!', 'equal'],
    ['@', 'log'],
    ['ctrl-t', 'operations'],
    ['[', 'history-back'],
    [']', 'history-forward'],
    ['-', 'last'],
    ['/', 'filter'],
    [':', 'command'],
    ['?', 'help'],
    ['q', 'quit'],
    ['ctrl-c', 'quit'],
    ['N', 'sort-name'],
    ['S', 'sort-servers'],
    ['A', 'sort-agents'],
    ['shift-left', 'sort-left'],
    ['shift-right', 'sort-right'],
    ['ctrl-f', 'page-down'],
    ['G', 'bottom'],
  ])('%s is what a k9s user expects on the list of clusters', (name, id) => {
    expect(keysOf('clusters').find(({ keys }) => keys.includes(name))?.id).toBe(id);
  });

  test('are all in the table for the README, with names that people use', () => {
    const table = keyTable();
    for (const key of KEYS.filter(({ id }) => !id.startsWith('wheel'))) {
      // Keys that sort stand in one line for each list.
      const said = key.title.replace(/^sort by (?!the column)(.*); again.*$/, '$1').replaceAll('|', '\\|');
      expect(table).toContain(said);
      for (const name of key.keys) expect(table).toContain(`\`${keyLabel(name)}\``);
    }
    expect(table).toContain('| `Ctrl-D` | delete, after asking (clusters, cluster) |');
    expect(keyLabel('ctrl-\\')).toBe('Ctrl-\\');
    expect(keyLabel('R')).toBe('Shift-R');
    expect(keyLabel('shift-left')).toBe('Shift-←');
  });
});

test('several keys in one turn each see what the one before did, without a frame in between', () => {
  const engine = anEngine(['a', 'b', 'c', 'd'].map(name => aCluster(name)));
  const actions = actionsOn(engine);
  const store = new Store(INITIAL, reduce);
  const app = new Controller({ engine, store, actions, quit() {}, suspend() {}, copy: async () => '' });
  for (const key of ['j', 'space', 'space', 'ctrl-k']) app.press(key);
  expect(store.state.dialog).toEqual({ name: 'stop', clusters: ['b', 'c'] });
});

test('a key that is off says why and does nothing', () => {
  const engine = anEngine([]);
  const store = new Store(INITIAL, reduce);
  const app = new Controller({
    engine,
    store,
    actions: actionsOn(engine),
    quit() {},
    suspend() {},
    copy: async () => '',
  });
  expect(app.press('ctrl-d')).toBe(true);
  expect(store.state.dialog).toBeUndefined();
  expect(store.state.status?.text).toMatch(/there is no cluster/);
  expect(app.press('F')).toBe(false);
});

test('a click on a title sorts by its column, where that can be; one on a row selects it, a second soon after opens it', () => {
  const engine = anEngine(['a', 'b', 'c'].map(name => aCluster(name)));
  const store = new Store(INITIAL, reduce);
  const app = new Controller({
    engine,
    store,
    actions: actionsOn(engine),
    quit() {},
    suspend() {},
    copy: async () => '',
  });
  const columns = [
    { id: 'name', from: 2, to: 10 },
    { id: 'nothing', from: 10, to: 20 },
  ];
  app.body = { page: 10, top: 2, table: { first: 0, page: 10, bodyRow: 2, columns } };
  for (const x of [15, 30]) click(app, x, 3, 0);
  expect(listOf(store.state).sort).toBeUndefined();
  click(app, 5, 3, 0);
  expect(listOf(store.state).sort).toMatchObject({ column: 'name' });
  click(app, 5, 6, 1000);
  expect(listOf(store.state).selected).toBe('c');
  click(app, 5, 9, 1100);
  expect(listOf(store.state).selected).toBe('c');
  click(app, 5, 5, 1200);
  click(app, 5, 6, 1300);
  click(app, 5, 6, 2000);
  expect(app.place.screen).toBe('clusters');
  click(app, 5, 6, 2300);
  expect(app.place).toMatchObject({ screen: 'nodes', subject: 'c' });
  expect(store.state.status).toBeUndefined();
});

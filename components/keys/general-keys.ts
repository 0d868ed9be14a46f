import { copyChoices } from '../copy-choices.ts';
import { back, backOrQuit, canOpen, enter } from '../places.ts';
import { refresh } from '../refresh.ts';
import { type ScreenName, toLast, walk } from '../state/navigation.ts';
import { openPrompt } from '../state/prompt.ts';
import { canSuspend } from '../terminal/suspend.ts';
import { type KeyContext, type KeyDefinition, TABLES } from './definition.ts';

const spokenOnly = ({ app }: KeyContext): true | string =>
  app.voice !== undefined || 'only when the screen is read out: k3dui --screen-reader';

/** Screens where something has a name, an address or a command. */
const COPYABLE: readonly ScreenName[] = [
  'clusters',
  'cluster',
  'nodes',
  'node',
  'ports',
  'expose',
  'exposure',
  'images',
  'doctor',
  'leftovers',
  'registries',
  'repositories',
  'tags',
  'operations',
  'operation',
  'commands',
];

const somethingToCopy = ({ app, place }: KeyContext): true | string =>
  copyChoices(app, place).length > 0 || 'there is nothing to copy';

/** Keys that work everywhere, and those that go from screen to screen. */
export const GENERAL_KEYS: readonly KeyDefinition[] = [
  {
    id: 'open',
    keys: ['enter'],
    title: 'open; in help: do it',
    short: 'open',
    group: 'go',
    screens: TABLES,
    hint: 40,
    enabled: ({ app, place }) => canOpen(app, place) || 'there is nothing to open',
    run: ({ app }) => enter(app),
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
    run: ({ app }) => enter(app),
  },
  { id: 'back', keys: ['escape'], title: 'clear the filter, or back', group: 'go', run: ({ app }) => back(app) },
  {
    id: 'quit',
    keys: ['q', 'ctrl-c'],
    title: 'back, and at the end quit; asks while an operation runs',
    short: 'quit',
    group: 'general',
    hint: 90,
    run: ({ app }) => backOrQuit(app),
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
    screens: COPYABLE,
    hint: 65,
    enabled: somethingToCopy,
    run: ({ app, place }) => {
      const [first] = copyChoices(app, place);
      if (first) app.copy(first.value);
    },
  },
  {
    id: 'copy-menu',
    keys: ['C'],
    title: 'copy something else: id, image, address, command',
    group: 'general',
    screens: COPYABLE,
    enabled: somethingToCopy,
    run: ({ app, place }) => app.openDialog({ name: 'copy', choices: copyChoices(app, place) }),
  },
  {
    id: 'refresh',
    keys: ['ctrl-r'],
    title: 'read everything from the engine again',
    group: 'general',
    run: ({ app }) => refresh(app),
  },
  {
    id: 'equal',
    keys: ['!'],
    title: 'the last action as a command line',
    group: 'general',
    enabled: ({ app }) => app.state.log.length > 0 || 'nothing has been done yet',
    run: ({ app }) => {
      const command = app.state.log.at(-1)?.command;
      if (command !== undefined) app.openDialog({ name: 'equal', command });
    },
  },
  {
    id: 'log',
    keys: ['@'],
    title: 'command log',
    group: 'general',
    enabled: ({ place }) => place.screen !== 'commands' || 'this is it',
    run: ({ app }) => app.open({ screen: 'commands' }),
  },
  {
    id: 'operations',
    keys: ['ctrl-t'],
    title: 'operations',
    group: 'general',
    hint: 70,
    enabled: ({ place }) => place.screen !== 'operations' || 'this is it',
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
    id: 'say-again',
    keys: ['.'],
    title: 'screen-reader output: say where I am',
    group: 'general',
    enabled: spokenOnly,
    run: ({ app }) => app.voice?.again(),
  },
  {
    id: 'read-all',
    keys: [','],
    title: 'screen-reader output: read all of it',
    group: 'general',
    enabled: spokenOnly,
    run: ({ app }) => app.voice?.readAll(),
  },
  {
    id: 'suspend',
    keys: ['ctrl-z'],
    title: 'to the shell where nothing has a fault to show; fg comes back',
    group: 'general',
    enabled: () => canSuspend() || 'Windows cannot stop a program and go on with it later',
    run: ({ app }) => app.suspend(),
  },
];

import type { Engine } from '../src/engine/engine.ts';
import type { Cluster, Node, Snapshot } from '../src/engine/model.ts';
import type { Operation } from '../src/engine/operation.ts';
import { toK3duiError } from '../src/errors.ts';
import { sanitise } from '../src/text.ts';
import type { ClusterActions } from './actions.ts';
import { ClusterWork } from './cluster-work.ts';
import { copyChoices } from './copy-choices.ts';
import type { MenuItem } from './dialogs/menu.tsx';
import type { QuitChoice } from './dialogs/quit.tsx';
import { enginePortActions } from './engine-port-actions.ts';
import { helpRows } from './help.ts';
import { inspectDocument } from './inspect.ts';
import { enabledNow, type KeyContext, keysOf } from './keys.ts';
import { LogWork } from './log-work.ts';
import { NodeWork } from './node-work.ts';
import type { PortActions } from './port-actions.ts';
import { PortWork } from './port-work.ts';
import { type AppData, type ListDefinition, remember, type ShapedList, shapeList } from './screens/list-definition.ts';
import { LISTS } from './screens/lists.ts';
import { logNamesFor, logNamesNamed } from './screens/log-actions.ts';
import type { PortLine } from './screens/ports-list.ts';
import { PortWatch } from './screens/ports-watch.ts';
import { type AppAction, type AppState, type DialogState, listOf } from './state/app-state.ts';
import { type Command, parseCommand } from './state/commands.ts';
import { type ListState, move, select, selectedIndex, targets } from './state/list.ts';
import { currentPath, currentPlace, goTo, HOME, type Path, type Place, placeKey, up } from './state/navigation.ts';
import type { Store } from './state/store.ts';
import { openUrl } from './terminal/open-url.ts';
import type { TableLayout } from './widgets/table.tsx';

/** For so long an outcome stays, whatever is pressed. */
const STATUS_MILLISECONDS = 8000;

export interface ControllerOptions {
  engine: Engine;
  store: Store<AppState, AppAction>;
  actions: ClusterActions;
  /** Leaves the app. */
  quit(): void;
  /** Goes to the shell that started the app. */
  suspend(): void;
  /** Gives the terminal to somebody else while the work lasts; default: just does the work. */
  aside?<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Puts text into the clipboard; says how. */
  copy(text: string): Promise<string>;
  /** What the ports screen asks; default: of the engine. */
  ports?: PortActions;
  /** Opens a URL in the browser; default: the person's own. */
  browse?(url: string): Promise<void>;
}

/** A table whose place on the screen is known, or a text with so many lines. */
export interface BodyLayout {
  /** Rows that fit. */
  page: number;
  /** Lines of a text; undefined for a table. */
  lines?: number;
  /** First row of the body on the screen. */
  top: number;
  table?: TableLayout;
}

/** Carries out what keys, commands and dialogs ask for, on the state as it is at that moment. */
export class Controller {
  readonly engine: Engine;
  readonly store: Store<AppState, AppAction>;
  readonly work: ClusterWork;
  readonly logs: LogWork;
  readonly nodes: NodeWork;
  readonly ports: PortActions;
  readonly portWork: PortWork;
  readonly portWatch: PortWatch;
  /** Told by the screen that is shown. */
  body: BodyLayout = { page: 10, top: 2 };
  /** For ages, in milliseconds; moved on by the screen while something ages. */
  now = Date.now();
  /** First line of the load balancer's file when its end is shown; told by the screen. */
  portFileLast = 0;
  readonly #options: ControllerOptions;
  readonly #shapes = new Map<string, ReturnType<typeof rememberedShape>>();
  readonly #help = remember((_state: AppState, _snapshot: Snapshot, _revision: number) => helpRows(this));

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.engine = options.engine;
    this.store = options.store;
    this.work = new ClusterWork(options);
    this.logs = new LogWork(this);
    this.nodes = new NodeWork(this, plan => options.actions.apply(plan));
    this.ports = options.ports ?? enginePortActions(options.engine);
    const ports = { ...options, actions: this.ports, runner: this.work.runner };
    this.portWork = new PortWork(ports);
    this.portWatch = new PortWatch(ports);
  }

  get state(): AppState {
    return this.store.state;
  }

  get snapshot(): Snapshot {
    return this.engine.inventory.snapshot;
  }

  get place(): Place {
    return currentPlace(this.state.navigation);
  }

  get page(): number {
    return Math.max(1, this.body.page - 1);
  }

  get data(): AppData {
    const { state, snapshot } = this;
    const { operations, revision } = this.engine.operations;
    const live = this.nodes.live.view;
    return { state, snapshot, operations, live, help: () => this.#help(state, snapshot, revision) };
  }

  /** The list of a place as it is shown now; undefined when the place is no list. */
  shaped(place = this.place): ShapedList<unknown> | undefined {
    const definition = LISTS[place.screen];
    if (definition === undefined) return undefined;
    const shape = this.#shapes.get(place.screen) ?? rememberedShape();
    this.#shapes.set(place.screen, shape);
    // Only what shapes the list is looked at: moving the selection must not sort 2,000 rows again.
    const { filter, sort, faultsOnly } = listOf(this.state, placeKey(place));
    return shape(definition, definition.rows(this.data, place), filter, sort, faultsOnly, this.now);
  }

  /** Columns that are on the screen, from left to right. */
  get columnIds(): string[] {
    return this.body.table?.columns.map(({ id }) => id) ?? [];
  }

  /** How many columns the list has, seen or not. */
  get columnCount(): number {
    return LISTS[this.place.screen]?.columns.length ?? 0;
  }

  /** The selected row of a list. */
  selectedRow(place = this.place): unknown {
    const shaped = this.shaped(place);
    return shaped?.rows[selectedIndex(listOf(this.state, placeKey(place)), shaped.ids)];
  }

  hasFaults(place = this.place): boolean {
    const { faulty } = LISTS[place.screen] ?? {};
    return faulty !== undefined && (this.shaped(place)?.all.some(row => faulty(row)) ?? false);
  }

  /** What keys know, for the place shown, or for the one under the help screen. */
  context(place = this.place): KeyContext {
    return { app: this, place, clusters: this.#clusters(place), operation: this.#operation(place) };
  }

  #clusters(place: Place): Cluster[] {
    const { clusters } = this.snapshot;
    if (place.screen === 'clusters') {
      const wanted = targets(listOf(this.state, 'clusters'), this.shaped(place)?.ids ?? []);
      return clusters.filter(cluster => wanted.includes(cluster.name));
    }
    if (place.screen === 'ports') {
      const subject = place.subject ?? (this.selectedRow(place) as PortLine | undefined)?.row.cluster;
      return clusters.filter(cluster => cluster.name === subject);
    }
    if (place.screen === 'cluster') return clusters.filter(cluster => cluster.name === place.subject);
    return [];
  }

  #operation(place: Place): Operation | undefined {
    const { operations } = this.engine.operations;
    if (place.screen === 'operation') return operations.find(operation => operation.id === place.subject);
    return place.screen === 'operations' ? (this.selectedRow(place) as Operation | undefined) : undefined;
  }

  changeList(change: (list: ListState, ids: readonly string[]) => ListState): void {
    const ids = this.shaped()?.ids ?? [];
    this.store.dispatch({ type: 'list', change: list => change(list, ids) });
  }

  /** Moves the selection, or scrolls a text. */
  move(by: number): void {
    const { lines, page } = this.body;
    const { view } = this.logs;
    if (view !== undefined) view.move(by);
    else if (this.shaped() === undefined) {
      const last = Math.max(0, (lines ?? 0) - page);
      const to = (list: ListState) => Math.max(0, Math.min(Math.min(list.index, last) + by, last));
      this.store.dispatch({ type: 'list', change: list => ({ ...list, index: to(list) }) });
    } else this.changeList((list, ids) => move(list, ids, by));
  }

  /** A click: selects a row, or sorts by a title. */
  click(x: number, y: number): void {
    const { table, top } = this.body;
    if (table === undefined) return;
    const row = y - top - table.bodyRow;
    if (row === -1) {
      const column = table.columns.find(({ from, to }) => x >= from && x < to)?.id;
      const key = keysOf(this.place.screen).find(({ id }) => id === `sort-${column}`);
      if (key) this.press(key.keys[0] ?? '');
    } else if (row >= 0 && row < table.page) {
      const index = table.first + row;
      this.changeList((list, ids) => (index < ids.length ? select(list, ids, index) : list));
    }
  }

  /** Runs the key of that name for a screen; says why when it is off. Returns false when there is no such key. */
  press(name: string, id?: string): boolean {
    const context = this.context();
    const found = keysOf(context.place.screen).filter(key =>
      id === undefined ? key.keys.includes(name) : key.id === id,
    );
    const reasons: string[] = [];
    for (const key of found) {
      const enabled = enabledNow(key, context);
      if (enabled === true) {
        key.run(context);
        return true;
      }
      reasons.push(`${key.title.split(/[:;,]/)[0]}: ${enabled}`);
    }
    if (reasons[0] !== undefined) this.say('warn', reasons[0]);
    return found.length > 0;
  }

  say(tone: NonNullable<AppState['status']>['tone'], text: string, command?: string): void {
    this.store.dispatch({ type: 'status', status: { tone, text, command, at: Date.now() } });
  }

  /** At the next key: why a key did nothing is no longer of interest, and an outcome not after a while. */
  forgetStatus(): void {
    const { status } = this.state;
    if (status === undefined) return;
    if (status.tone === 'warn' || Date.now() - status.at > STATUS_MILLISECONDS) {
      this.store.dispatch({ type: 'status', status: undefined });
    }
  }

  open(place: Place): void {
    this.store.dispatch({
      type: 'navigate',
      // A screen that is open in the breadcrumbs already is gone back to, not opened again inside itself.
      change: navigation => {
        const path = underGlobal(currentPath(navigation), place);
        const index = path.findIndex(crumb => placeKey(crumb) === placeKey(place));
        return goTo(navigation, index >= 0 ? path.slice(0, index + 1) : [...path, place]);
      },
    });
  }

  canOpen(place = this.place): boolean {
    return place.screen === 'commands'
      ? this.#commandOperation(place) !== undefined
      : this.selectedRow(place) !== undefined;
  }

  #commandOperation(place = this.place): string | undefined {
    return (this.selectedRow(place) as { operation?: Operation } | undefined)?.operation?.id;
  }

  /** Enter: opens the selected row; in help runs the key. */
  enter(): void {
    const { place } = this;
    const id = this.shaped() && (this.shaped()?.ids ?? [])[selectedIndex(listOf(this.state), this.shaped()?.ids ?? [])];
    if (place.screen === 'cluster') this.open({ screen: 'nodes', subject: place.subject });
    else if (place.screen === 'clusters') this.open({ screen: 'nodes', subject: id });
    else if (place.screen === 'nodes') this.inspect();
    else if (place.screen === 'ports') this.open({ screen: 'loadbalancer', subject: this.portLines()[0]?.row.cluster });
    else if (place.screen === 'operations') this.open({ screen: 'operation', subject: id });
    else if (place.screen === 'commands') this.open({ screen: 'operation', subject: this.#commandOperation() });
    else if (place.screen === 'help' && id !== undefined) {
      this.changeList(list => ({ ...list, filter: '' }));
      this.store.dispatch({ type: 'navigate', change: navigation => up(navigation) ?? navigation });
      this.press('', id);
    }
  }

  /** Esc: first the filter goes, then one breadcrumb. */
  back(): void {
    const list = listOf(this.state);
    if (list.filter !== '') this.changeList(current => ({ ...current, filter: '' }));
    else if (list.marks.size > 0) this.changeList(current => ({ ...current, marks: new Set(), anchor: undefined }));
    else this.store.dispatch({ type: 'navigate', change: navigation => up(navigation) ?? navigation });
  }

  /** q: one breadcrumb up, and from the root out; while an operation runs it asks. */
  backOrQuit(): void {
    if (up(this.state.navigation) === undefined) this.quit();
    else this.store.dispatch({ type: 'navigate', change: navigation => up(navigation) ?? navigation });
  }

  get running(): Operation[] {
    return this.engine.operations.operations.filter(operation => operation.endedAt === undefined);
  }

  quit(): void {
    if (this.running.length > 0) this.openDialog({ name: 'quit' });
    else this.#options.quit();
  }

  /** What was chosen when asked about leaving while something runs. */
  leave(choice: QuitChoice): void {
    if (choice === 'stay') return;
    const { running } = this;
    if (choice === 'cancel') for (const operation of running) operation.cancel();
    this.say('warn', choice === 'cancel' ? 'cancelling, then quitting …' : 'quitting when everything has ended …');
    void Promise.allSettled(running.map(operation => operation.finished)).then(() => this.#options.quit());
  }

  suspend(): void {
    this.#options.suspend();
  }

  aside<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#options.aside ? this.#options.aside(work) : work();
  }

  openDialog(dialog: DialogState): void {
    this.store.dispatch({ type: 'dialog', dialog });
  }

  closeDialog(): void {
    this.store.dispatch({ type: 'dialog', dialog: undefined });
  }

  /** A line typed after `:`. */
  command(line: string): void {
    if (line.trim() === '') return;
    const command: Command = parseCommand(
      line,
      this.snapshot.clusters.map(({ name }) => name),
    );
    if (command.kind !== 'error') this.store.dispatch({ type: 'remember', line: line.trim() });
    if (command.kind === 'go') this.store.dispatch({ type: 'navigate', change: from => goTo(from, command.path) });
    else if (command.kind === 'create') this.openDialog({ name: 'create' });
    else if (command.kind === 'suspend') this.suspend();
    else if (command.kind === 'quit') this.quit();
    else if (command.kind === 'help') this.open({ screen: 'help' });
    else if (command.kind === 'logs') this.#openLogs(command.name);
    else this.say('bad', sanitise(`${command.message} · ${command.hint}`));
  }

  /** `:logs` with a node's or cluster's name, or of what is selected. */
  #openLogs(name: string | undefined): void {
    const names = name === undefined ? logNamesFor(this, this.place) : logNamesNamed(this, name);
    if (names.length > 0) this.logs.open(names);
    else if (name === undefined) this.say('warn', 'nothing is selected whose logs could be shown');
    else this.say('bad', sanitise(`there is no node or cluster '${name}' · :nodes shows what there is`));
  }

  refresh(): void {
    this.say('plain', 'reading everything again …');
    void this.work.readContext();
    for (const name of new Set(this.portRows().map(line => line.row.cluster))) this.portWatch.again(name);
    this.engine.inventory.refresh().then(
      () => this.say('good', 'read everything again'),
      error => this.work.runner.fail('refresh', error),
    );
  }

  showEqual(): void {
    const command = this.state.log.at(-1)?.command;
    if (command !== undefined) this.openDialog({ name: 'equal', command });
  }

  /** Names of containers that `y` would show. */
  inspectable(place = this.place): { title: string; containers: string[] } | undefined {
    if (place.screen === 'nodes' || place.screen === 'node') {
      const [node] = place.screen === 'node' ? this.nodes.chosen(place) : [this.selectedRow(place) as Node | undefined];
      return node && { title: node.name, containers: [node.id] };
    }
    const [cluster] = this.#clusters(place);
    if (cluster === undefined) return undefined;
    const nodes = this.snapshot.nodes.filter(node => node.cluster === cluster.name);
    return { title: cluster.name, containers: nodes.map(node => node.id) };
  }

  inspect(): void {
    const wanted = this.inspectable();
    if (wanted === undefined) return;
    const place: Place = { screen: 'yaml', subject: wanted.title };
    const key = placeKey(place);
    this.store.dispatch({ type: 'document', document: { key, lines: undefined } });
    this.open(place);
    inspectDocument(this.engine, wanted.containers).then(
      lines => this.store.dispatch({ type: 'document', document: { key, lines } }),
      error => this.store.dispatch({ type: 'document', document: { key, lines: [], error: toK3duiError(error) } }),
    );
  }

  /** The marked paths of a ports screen, or the selected one. */
  portLines(place = this.place): PortLine[] {
    const rows = this.portRows(place);
    const wanted = targets(
      listOf(this.state, placeKey(place)),
      rows.map(line => line.row.id),
    );
    return rows.filter(line => wanted.includes(line.row.id));
  }

  /** Every path that a ports screen lists. */
  portRows(place = this.place): PortLine[] {
    return place.screen === 'ports' ? ((this.shaped(place)?.rows ?? []) as PortLine[]) : [];
  }

  /** Reads and tests again what the ports screen shows. */
  testPorts(): void {
    for (const name of new Set(this.portRows().map(line => line.row.cluster))) this.portWatch.again(name);
    this.say('plain', 'testing every port in sight …');
  }

  scrollPortFile(by: number): void {
    this.store.dispatch({
      type: 'ports',
      ports: { scroll: Math.max(0, Math.min(this.state.ports.scroll, this.portFileLast) + by) },
    });
  }

  browse(url: string): void {
    const open = this.#options.browse ?? (address => openUrl(address, this.engine.env));
    open(url).then(
      () => this.say('good', `opened ${sanitise(url)}`),
      error => this.work.runner.fail('open', error),
    );
  }

  copyChoices(place = this.place): MenuItem<string>[] {
    return copyChoices(this, place);
  }

  copyFirst(): void {
    const [first] = this.copyChoices();
    if (first) this.copy(first.value);
  }

  /** `what`: what it is called when it is too long to be shown. */
  copy(text: string, what = text): void {
    this.#options.copy(text).then(
      how => this.say('good', `copied ${how}: ${sanitise(what)}`),
      error => this.work.runner.fail('copy', error),
    );
  }
}

/** Screens that are about everything: one is opened beside another, not inside it. */
const GLOBAL = ['operations', 'operation', 'commands', 'help'];

function underGlobal(path: Path, place: Place): Path {
  if (place.screen !== 'operations' && place.screen !== 'commands') return path;
  const last = path.findLastIndex(crumb => !GLOBAL.includes(crumb.screen));
  return last < 0 ? HOME : path.slice(0, last + 1);
}

function rememberedShape() {
  return remember(
    (
      definition: ListDefinition<unknown>,
      all: readonly unknown[],
      filter: string,
      sort: ListState['sort'],
      faultsOnly: boolean,
      now: number,
    ): ShapedList<unknown> => shapeList(definition, all, { filter, sort, faultsOnly }, now),
  );
}

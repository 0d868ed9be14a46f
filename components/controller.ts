import { type DockerContext, dockerContexts } from '../src/engine/docker-contexts.ts';
import type { Engine } from '../src/engine/engine.ts';
import type { Snapshot } from '../src/engine/model.ts';
import type { Operation } from '../src/engine/operation.ts';
import type { Plan } from '../src/engine/plan.ts';
import { sanitise } from '../src/text.ts';
import type { ClusterActions } from './actions.ts';
import { ClusterWork } from './cluster-work.ts';
import type { BodyLayout } from './cursor.ts';
import { DoctorWork } from './doctor-work.ts';
import { enginePortActions } from './engine-port-actions.ts';
import { ExposeWork } from './expose-work.ts';
import { FileWork } from './file-work.ts';
import { helpRows } from './help.ts';
import { ImageWork } from './image-work.ts';
import { enabledNow, KEYS, type KeyContext, type KeyDefinition, keysOf } from './keys.ts';
import { LeftoversWork } from './leftovers-work.ts';
import { LogWork } from './log-work.ts';
import { NodeWork } from './node-work.ts';
import { PlanWork } from './plan-work.ts';
import type { PortActions } from './port-actions.ts';
import { PortWork } from './port-work.ts';
import { RegistryWatch } from './registry-watch.ts';
import { RegistryWork } from './registry-work.ts';
import { Runner } from './runner.ts';
import { type AppData, columnsAt, remember, rememberedShape, type ShapedList } from './screens/list-definition.ts';
import { LISTS } from './screens/lists.ts';
import { PortWatch } from './screens/ports-watch.ts';
import { type AppAction, type AppState, type DialogState, listOf } from './state/app-state.ts';
import { type ListState, selectedIndex, targets } from './state/list.ts';
import { currentPlace, openOnce, type Place, placeKey } from './state/navigation.ts';
import type { Store } from './state/store.ts';
import { clustersOf, operationOf } from './subject.ts';
import { openUrl } from './terminal/open-url.ts';

/** For so long an outcome stays, whatever is pressed. */
const STATUS_MILLISECONDS = 8000;

export interface ControllerOptions {
  engine: Engine;
  store: Store<AppState, AppAction>;
  actions: ClusterActions;
  /** Default: every key as it is by default. */
  keys?: readonly KeyDefinition[];
  /** Leaves the app. */
  quit(): void;
  /** Goes to the shell that started the app. */
  suspend(): void;
  /** Gives the terminal to somebody else while the work lasts; default: just does the work. */
  aside?<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Goes over to the engine of a Docker context. */
  switchTo?(context: string): Promise<void>;
  /** Puts text into the clipboard; says how. */
  copy(text: string): Promise<string>;
  /** What the ports screen asks; default: of the engine. */
  ports?: PortActions;
  /** Present when the screen is read out: says where the person is, or all there is. */
  voice?: { again(): void; readAll(): void };
  /** Opens a URL in the browser; default: the person's own. */
  browse?(url: string): Promise<void>;
}

/** What the app holds, and what keys, commands and dialogs find there: always the state as it is at that moment. */
export class Controller {
  readonly engine: Engine;
  readonly store: Store<AppState, AppAction>;
  readonly keys: readonly KeyDefinition[];
  readonly runner: Runner;
  readonly plans: PlanWork;
  readonly work: ClusterWork;
  readonly logs: LogWork;
  readonly nodes: NodeWork;
  readonly ports: PortActions;
  readonly portWork: PortWork;
  readonly doctor: DoctorWork;
  readonly leftovers: LeftoversWork;
  readonly images: ImageWork;
  readonly registries: RegistryWork;
  readonly registryWatch: RegistryWatch;
  readonly files: FileWork;
  readonly portWatch: PortWatch;
  readonly expose: ExposeWork;
  /** Told by the screen that is shown. */
  body: BodyLayout = { page: 10, top: 2 };
  /** For ages, in milliseconds; moved on by the screen while something ages. */
  now = Date.now();
  /** When a key was pressed last, in milliseconds. */
  touched = 0;
  /** The row that was clicked last, and when, in milliseconds. */
  clicked = { id: '', at: 0 };
  /** Docker's contexts, as they were when their screen was opened. */
  contexts: readonly DockerContext[] = [];
  /** First line of the load balancer's file when its end is shown; told by the screen. */
  portFileLast = 0;
  readonly #options: ControllerOptions;
  readonly #shapes = new Map<string, ReturnType<typeof rememberedShape>>();
  readonly #help = remember((_state: AppState, _snapshot: Snapshot, _revision: number) => helpRows(this));

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.engine = options.engine;
    this.store = options.store;
    this.keys = options.keys ?? KEYS;
    const { store } = options;
    const apply = (plan: Plan) => options.actions.apply(plan);
    // An operation may have changed the kubeconfig.
    const runner = new Runner({ store, apply, onEnd: () => void this.work.readContext() });
    this.runner = runner;
    this.plans = new PlanWork(this);
    this.work = new ClusterWork({ ...options, runner });
    this.logs = new LogWork(this);
    this.nodes = new NodeWork(this);
    this.doctor = new DoctorWork(this);
    this.leftovers = new LeftoversWork(this);
    this.images = new ImageWork(this);
    this.registries = new RegistryWork(this);
    this.registryWatch = new RegistryWatch(this);
    this.files = new FileWork(this);
    this.ports = options.ports ?? enginePortActions(options.engine);
    const ports = { ...options, actions: this.ports, runner };
    this.portWork = new PortWork(ports);
    this.portWatch = new PortWatch(ports);
    this.expose = new ExposeWork(options.engine, () => options.store.state);
  }

  /** Present when the screen is read out. */
  get voice(): ControllerOptions['voice'] {
    return this.#options.voice;
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

  get data(): AppData {
    const { state, snapshot } = this;
    const { operations, revision } = this.engine.operations;
    const live = this.nodes.live.view;
    const { contexts } = this;
    return {
      state,
      snapshot,
      operations,
      live,
      contexts,
      doctor: this.doctor.view,
      leftovers: this.leftovers.view,
      images: this.images.view,
      registries: this.registryWatch.view,
      expose: this.expose,
      help: () => this.#help(state, snapshot, revision),
    };
  }

  /** The list of a place as it is shown now; undefined when the place is no list. */
  shaped(place = this.place): ShapedList<unknown> | undefined {
    const definition = LISTS[place.screen];
    if (definition === undefined) return undefined;
    const shape = this.#shapes.get(place.screen) ?? rememberedShape();
    this.#shapes.set(place.screen, shape);
    // Only what shapes the list is looked at: moving the selection must not sort 2,000 rows again.
    const { filter, sort, faultsOnly } = listOf(this.state, placeKey(place));
    const rows = definition.rows(this.data, place);
    return shape(definition, columnsAt(definition, place), rows, filter, sort, faultsOnly, this.now);
  }

  /** The selected row of a list. */
  selectedRow(place = this.place): unknown {
    const shaped = this.shaped(place);
    return shaped?.rows[selectedIndex(listOf(this.state, placeKey(place)), shaped.ids)];
  }

  /** The marked rows of a list that are shown, else the selected one: what an action is about. */
  chosenRows(place = this.place): unknown[] {
    const { rows, ids } = this.shaped(place) ?? { rows: [], ids: [] };
    return targets(listOf(this.state, placeKey(place)), ids).map(at => rows[at]);
  }

  /** What keys know, for the place shown, or for the one under the help screen. */
  context(place = this.place): KeyContext {
    return { app: this, place, clusters: clustersOf(this, place), operation: operationOf(this, place) };
  }

  changeList(change: (list: ListState, ids: readonly string[]) => ListState): void {
    const ids = this.shaped()?.ids ?? [];
    this.store.dispatch({ type: 'list', change: list => change(list, ids) });
  }

  /** Runs the key of that name for a screen; says why when it is off. Returns false when there is no such key. */
  press(name: string, id?: string): boolean {
    const context = this.context();
    const found = keysOf(context.place.screen, this.keys).filter(key =>
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
    this.store.dispatch({ type: 'navigate', change: navigation => openOnce(navigation, place) });
  }

  get running(): Operation[] {
    return this.engine.operations.operations.filter(operation => operation.endedAt === undefined);
  }

  /** Leaves the app at once, whatever runs. */
  end(): void {
    this.#options.quit();
  }

  suspend(): void {
    this.#options.suspend();
  }

  aside<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#options.aside ? this.#options.aside(work) : work();
  }

  /** Docker's configuration may have changed since. */
  readContexts(): void {
    this.contexts = dockerContexts(this.engine);
  }

  /** Goes over to another engine; not while something is being done on this one. */
  switchTo(context: string): void {
    const [busy] = this.running;
    if (busy) {
      this.say('warn', `first ${sanitise(busy.title)} must end: Ctrl-T shows it`);
      return;
    }
    this.say('plain', `connecting to the engine of ${sanitise(context)} …`);
    this.#options.switchTo?.(context).catch(error => this.runner.fail(`use ${context}`, error));
  }

  openDialog(dialog: DialogState): void {
    this.store.dispatch({ type: 'dialog', dialog });
  }

  /** Asks which of Docker's images to push. */
  openPush(registry: string): void {
    this.engine.docker.listImages().then(
      images => {
        const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter(tag => tag !== '<none>:<none>');
        this.openDialog({ name: 'registry-choose', act: 'push', registry, tags: [...new Set(tags)].sort() });
      },
      error => this.runner.fail('push', error),
    );
  }

  closeDialog(): void {
    this.store.dispatch({ type: 'dialog', dialog: undefined });
  }

  browse(url: string): void {
    const open = this.#options.browse ?? (address => openUrl(address, this.engine.env));
    open(url).then(
      () => this.say('good', `opened ${sanitise(url)}`),
      error => this.runner.fail('open', error),
    );
  }

  /** `what`: what it is called when it is too long to be shown. */
  copy(text: string, what = text): void {
    this.#options.copy(text).then(
      how => this.say('good', `copied ${how}: ${sanitise(what)}`),
      error => this.runner.fail('copy', error),
    );
  }
}

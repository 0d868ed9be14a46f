import type { ClusterSpec } from '../src/config/cluster-spec.ts';
import { commandLine } from '../src/config/command-line.ts';
import type { Engine } from '../src/engine/engine.ts';
import type { Cluster } from '../src/engine/model.ts';
import type { Plan } from '../src/engine/plan.ts';
import { toK3duiError } from '../src/errors.ts';
import { sanitise } from '../src/text.ts';
import type { ClusterActions } from './actions.ts';
import type { KubeconfigChoice } from './dialogs/kubeconfig.tsx';
import { kubeconfigCommand } from './kubeconfig-command.ts';
import type { LookedAt, Runner } from './runner.ts';
import type { AppAction, AppState } from './state/app-state.ts';
import { clearMarks, type ListState } from './state/list.ts';
import type { Store } from './state/store.ts';
import { typedPath } from './typed-path.ts';

export interface ClusterWorkOptions {
  engine: Engine;
  store: Store<AppState, AppAction>;
  actions: ClusterActions;
  runner: Runner;
  /** Puts text into the clipboard; says how. */
  copy(text: string): Promise<string>;
}

/** What the app does to clusters: begins it, shows it, says what came of it. */
export class ClusterWork {
  readonly #engine: Engine;
  readonly #store: Store<AppState, AppAction>;
  readonly #actions: ClusterActions;
  readonly #runner: Runner;
  readonly #copy: (text: string) => Promise<string>;

  constructor({ engine, store, actions, runner, copy }: ClusterWorkOptions) {
    this.#engine = engine;
    this.#store = store;
    this.#actions = actions;
    this.#runner = runner;
    this.#copy = copy;
  }

  /** The clusters of these names as they are now. */
  named(names: readonly string[]): Cluster[] {
    return this.#engine.inventory.snapshot.clusters.filter(cluster => names.includes(cluster.name));
  }

  /** One operation for each of them; those that are gone are left out. */
  #each(verb: string, names: readonly string[], plan: (cluster: Cluster) => Promise<Plan>): void {
    const clusters = this.named(names);
    if (clusters.length === 0) return;
    this.#store.dispatch({ type: 'list', key: 'clusters', change: clearMarks });
    const what = `${verb} ${clusters.map(cluster => sanitise(cluster.name)).join(', ')}`;
    // Looked up again, so that a repetition sees the cluster as it is then.
    this.#runner.begin(
      what,
      clusters.map(cluster => () => plan(this.named([cluster.name])[0] ?? cluster)),
    );
  }

  /**
   * Carries out what the create form planned, and keeps what was asked for.
   * @param replaced name of the cluster in whose place the new one comes
   */
  createAsked(plan: Plan, spec: ClusterSpec, replaced: string | undefined): void {
    const again = async () => {
      const [cluster] = this.named(replaced === undefined ? [] : [replaced]);
      if (cluster) return this.#actions.planRecreate(spec, cluster);
      return this.#actions.planCreate(spec, new AbortController().signal);
    };
    const keep = () => this.#actions.remember(spec).catch(error => this.#runner.fail('like last time', error));
    this.#create({ plan, again }, spec.name, () => void keep());
  }

  /** Carries out a plan that creates a cluster; a repetition plans anew. */
  create(plan: Plan, spec: ClusterSpec): void {
    this.#create({ plan, again: () => this.#actions.planCreate(spec, new AbortController().signal) }, spec.name);
  }

  /** `created` is told when the cluster is there. */
  #create(looked: LookedAt, name: string, created?: () => void): void {
    const change = (list: ListState) => ({ ...list, selected: name });
    const done = () => {
      // Whoever goes back to the list finds it selected.
      this.#store.dispatch({ type: 'list', key: 'clusters', change });
      created?.();
    };
    this.#runner.carryOut({ ...looked, begun: operation => void operation.finished.then(done, () => {}) });
  }

  start(names: readonly string[]): void {
    const waiting = this.named(names).filter(cluster => cluster.status !== 'running');
    this.#each(
      'start',
      waiting.map(cluster => cluster.name),
      cluster => this.#actions.planStart(cluster),
    );
  }

  stop(names: readonly string[]): void {
    const active = this.named(names).filter(cluster => cluster.status !== 'stopped');
    this.#each(
      'stop',
      active.map(cluster => cluster.name),
      cluster => this.#actions.planStop(cluster),
    );
  }

  restart(names: readonly string[]): void {
    this.#each('restart', names, cluster => this.#actions.planRestart(cluster));
  }

  delete(names: readonly string[]): void {
    this.#each('delete', names, cluster => this.#actions.planDelete(cluster));
  }

  /** Runs something short; says what came of it and writes it into the command log. */
  async #short(what: string, command: string, run: () => Promise<string | undefined>): Promise<void> {
    const log = (outcome: string, tone: 'good' | 'bad') =>
      this.#store.dispatch({ type: 'log', entry: { at: Date.now(), command, outcome, tone } });
    try {
      const said = await run();
      this.#store.dispatch({ type: 'status', status: { tone: 'good', text: said ?? what, command, at: Date.now() } });
      log('✓ done', 'good');
    } catch (thrown) {
      this.#runner.fail(what, thrown);
      log(`✗ ${toK3duiError(thrown).message}`, 'bad');
    }
  }

  /** Asks what to do with the kubeconfig of these clusters. */
  openKubeconfig(clusters: string[]): void {
    this.#actions.kubeconfigFiles(clusters[0] ?? '').then(
      files => this.#store.dispatch({ type: 'dialog', dialog: { name: 'kubeconfig', clusters, files } }),
      error => this.#runner.fail('kubeconfig', error),
    );
  }

  /** Carries out what was chosen in the kubeconfig dialog. */
  kubeconfig(clusters: readonly Cluster[], picked: KubeconfigChoice): void {
    const choice = picked.kind === 'write' ? { ...picked, file: typedPath(picked.file, this.#engine.env) } : picked;
    const names = clusters.map(({ name }) => name);
    const command = kubeconfigCommand(names, choice);
    const what = `kubeconfig of ${sanitise(names.join(', '))}`;
    void this.#short(what, command, async () => {
      const path = await this.#actions.kubeconfig(clusters, choice);
      if (choice.kind === 'copy-path') await this.#copy(path);
      await this.readContext();
      return `${what} ${choice.kind === 'merge' ? 'merged into' : 'written to'} ${sanitise(path)}${choice.kind === 'copy-path' ? ', path copied' : ''}`;
    });
  }

  useContext(name: string): void {
    const [cluster] = this.named([name]);
    if (cluster === undefined) return;
    const command = commandLine`k3dui kubeconfig merge ${name} --kubeconfig-merge-default --kubeconfig-switch-context`;
    void this.#short(`k3d-${sanitise(name)} is the context in use`, command, async () => {
      await this.#actions.switchContext(cluster);
      await this.readContext();
      return undefined;
    });
  }

  /** Reads again which context is in use; a kubeconfig that cannot be read has none. */
  async readContext(): Promise<void> {
    const context = await this.#actions.currentContext().catch(() => undefined);
    this.#store.dispatch({ type: 'context', context });
  }
}

import type { Call } from '../../docker/docker.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import { isAbort, toK3duiError } from '../../errors.ts';
import {
  type Kubernetes,
  type KubernetesNode,
  openKubernetes,
  type UnschedulablePod,
} from '../../kubernetes/kubernetes.ts';
import type { Engine } from '../engine.ts';
import { kubeconfigOf } from '../kubeconfig/of-cluster.ts';
import type { Cluster, Node } from '../model.ts';
import { limited, pause } from '../wait.ts';
import { addSample, type StatsSample, watchStats } from './stats.ts';

/** How often a node came back, and why it ended last. */
export interface Restarts {
  count: number;
  /** `out of memory`, `exit code 1`; empty while it runs. */
  exit: string;
}

/** What one cluster's Kubernetes said last. */
export interface KubernetesView {
  /** By name; undefined when only pods were asked for, or it did not answer. */
  nodes: ReadonlyMap<string, KubernetesNode> | undefined;
  waiting: readonly UnschedulablePod[];
  /** Why it could not be asked. */
  error?: string;
}

/** What is known of nodes beyond Docker's list. Immutable: news makes a new one. */
export interface LiveView {
  /** Load by container id, oldest first. */
  load: ReadonlyMap<string, readonly StatsSample[]>;
  restarts: ReadonlyMap<string, Restarts>;
  kubernetes: ReadonlyMap<string, KubernetesView>;
}

/** What a screen shows of it. */
export interface Wanted {
  /** Containers whose load is on the screen. */
  load: readonly Node[];
  /** Clusters whose Kubernetes is asked. */
  clusters: readonly Cluster[];
  /** Ask for the nodes too, not only for pods that find none. */
  nodes: boolean;
}

export const NOTHING_LIVE: LiveView = { load: new Map(), restarts: new Map(), kubernetes: new Map() };

/** Milliseconds between two questions to a cluster, and until one is given up. */
const ASK_EVERY = 5000;
/** Where only pods that find no room are asked for: a list of clusters may be long. */
const ASK_PODS_EVERY = 20_000;
const ASK_LIMIT = 4000;

/** Failed questions after which the kubeconfig is read again. */
const REOPEN_AFTER = 3;
const TELL_LOAD_EVERY = 900;
/** While there is no room for anything new, load is told so seldom. */
const TELL_LOAD_LATEST = 3000;

/**
 * Load, restarts and Kubernetes' view of what is on the screen, and of nothing else: what a screen no longer shows is no
 * longer read. Tells its listeners after each change.
 */
export class LiveNodes {
  view: LiveView = NOTHING_LIVE;
  readonly #engine: Engine;
  readonly #listeners = new Set<() => void>();
  readonly #streams = new Map<string, AbortController>();
  readonly #asking = new Map<string, AbortController>();
  readonly #inspected = new Map<string, Node>();
  /** Load that came since listeners were told last. */
  readonly #fresh = new Map<string, readonly StatsSample[]>();
  #telling: NodeJS.Timeout | undefined;
  #toldLoad = 0;
  #room = Number.POSITIVE_INFINITY;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /**
   * Says what is shown now; what was shown before and is not any more ends. May be called as often as one likes.
   * `room`: how many nodes and clusters it may begin to watch now; those that come too late are begun at a later call.
   * While it is 0, load is told less often as well.
   */
  show({ load, clusters, nodes }: Wanted, room = Number.POSITIVE_INFINITY): void {
    this.#room = room;
    this.#forget();
    const running = load.filter(node => node.running);
    this.#only(this.#streams, new Set(running.map(node => node.id)));
    let begun = 0;
    for (const { id } of running) {
      if (this.#streams.has(id)) continue;
      if (begun >= room) break;
      begun++;
      const stop = new AbortController();
      this.#streams.set(id, stop);
      watchStats(this.#engine.docker, [id], (of, sample) => this.#sample(of, sample), { signal: stop.signal });
    }
    for (const node of load) {
      if (this.#streams.has(node.id) || (!node.running && begun < room)) this.#inspect(node);
    }
    const asked = clusters.filter(cluster => cluster.servers.some(server => server.running));
    const key = (cluster: Cluster) => `${nodes ? 'nodes' : 'pods'} ${cluster.created} ${cluster.name}`;
    this.#only(this.#asking, new Set(asked.map(key)));
    for (const cluster of asked) {
      if (this.#asking.has(key(cluster))) continue;
      if (begun >= room) break;
      begun++;
      const stop = new AbortController();
      this.#asking.set(key(cluster), stop);
      void this.#ask(cluster.name, nodes, stop.signal);
    }
  }

  /** Nothing is shown. */
  hide(): void {
    this.show({ load: [], clusters: [], nodes: false });
    this.view = { ...this.view, load: new Map() };
  }

  /** What is known of nodes and clusters that are gone: an app may be open for days while they come and go. */
  #forget(): void {
    const { clusters, nodes, link } = this.#engine.inventory.snapshot;
    const { restarts, kubernetes, load } = this.view;
    const known = Math.max(this.#inspected.size, restarts.size, load.size);
    if (link !== 'live' || (known <= nodes.length && kubernetes.size <= clusters.length)) return;
    const ids = new Set(nodes.map(({ id }) => id));
    const names = new Set(clusters.map(({ name }) => name));
    for (const id of this.#inspected.keys()) if (!ids.has(id)) this.#inspected.delete(id);
    const left = <Value>(all: ReadonlyMap<string, Value>, of: ReadonlySet<string>) =>
      new Map([...all].filter(([key]) => of.has(key)));
    this.view = { load: left(load, ids), restarts: left(restarts, ids), kubernetes: left(kubernetes, names) };
  }

  #only(streams: Map<string, AbortController>, keys: ReadonlySet<string>): void {
    for (const [key, stop] of streams) {
      if (keys.has(key)) continue;
      stop.abort();
      streams.delete(key);
    }
  }

  #tell(change: Partial<LiveView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Every container reports once a second, each at a moment of its own: told together, they are one repaint. */
  #sample(id: string, sample: StatsSample): void {
    if (!this.#streams.has(id)) return;
    this.#fresh.set(id, addSample(this.#fresh.get(id) ?? this.view.load.get(id) ?? [], sample));
    this.#telling ??= setTimeout(this.#tellLoad, TELL_LOAD_EVERY).unref();
  }

  readonly #tellLoad = (): void => {
    const wait = this.#room === 0 && Date.now() - this.#toldLoad < TELL_LOAD_LATEST;
    this.#telling = wait ? setTimeout(this.#tellLoad, TELL_LOAD_EVERY / 4).unref() : undefined;
    if (wait) return;
    this.#toldLoad = Date.now();
    const fresh = [...this.#fresh].filter(([of]) => this.#streams.has(of));
    this.#fresh.clear();
    if (fresh.length > 0) this.#tell({ load: new Map([...this.view.load, ...fresh]) });
  };

  /** Docker's list does not tell how often a container was restarted; asked once for each change of it. */
  #inspect(node: Node): void {
    const seen = this.#inspected.get(node.id);
    if (seen === node || (seen?.state === node.state && seen.running && node.running)) return;
    this.#inspected.set(node.id, node);
    const asked = Promise.resolve().then(() => this.#engine.docker.inspectContainer(node.id));
    asked.then(
      inspect => this.#tell({ restarts: new Map(this.view.restarts).set(node.id, restartsOf(inspect)) }),
      () => this.#inspected.delete(node.id),
    );
  }

  async #ask(name: string, nodes: boolean, signal: AbortSignal): Promise<void> {
    let kubernetes: Kubernetes | undefined;
    let failures = 0;
    while (!signal.aborted) {
      const call = limited({ signal }, ASK_LIMIT);
      try {
        kubernetes ??= await this.#open(name, call);
        if (!kubernetes) return;
        const [found, waiting] = await Promise.all([
          nodes ? kubernetes.listNodes(call) : undefined,
          kubernetes.unschedulablePods(call),
        ]);
        if (signal.aborted) return;
        const known = found && new Map(found.map(node => [node.name, node]));
        this.#told(name, { nodes: known ?? this.view.kubernetes.get(name)?.nodes, waiting });
      } catch (error) {
        if (signal.aborted) return;
        // Its certificates or its port may be new; but most often it is just not up.
        if (++failures % REOPEN_AFTER === 0) kubernetes = undefined;
        const { message } = toK3duiError(error);
        this.#told(name, {
          nodes: undefined,
          waiting: [],
          error: isAbort(error) ? 'its API does not answer' : message,
        });
      }
      await pause(nodes ? ASK_EVERY : ASK_PODS_EVERY, signal);
    }
  }

  #told(name: string, view: KubernetesView): void {
    const before = this.view.kubernetes.get(name);
    // Most of the time there is nothing new, and nothing needs to be drawn again.
    if (before && JSON.stringify(plain(before)) === JSON.stringify(plain(view))) return;
    this.#tell({ kubernetes: new Map(this.view.kubernetes).set(name, view) });
  }

  async #open(name: string, call: Call): Promise<Kubernetes | undefined> {
    const cluster = this.#engine.inventory.snapshot.clusters.find(other => other.name === name);
    return cluster && openKubernetes(await kubeconfigOf(this.#engine, cluster, call));
  }
}

function plain({ nodes, waiting, error }: KubernetesView) {
  return [[...(nodes ?? [])], waiting, error];
}

/** Why a container ended, in words. */
export function restartsOf({ RestartCount, State }: Pick<ContainerInspect, 'RestartCount' | 'State'>): Restarts {
  const ended = State.Status === 'exited' || State.Status === 'dead' || State.Status === 'restarting';
  const exit = !ended
    ? ''
    : State.OOMKilled
      ? 'out of memory'
      : State.Error !== ''
        ? State.Error
        : State.ExitCode === 137
          ? 'killed'
          : State.ExitCode === 143
            ? 'told to end'
            : State.ExitCode === 0
              ? 'ended by itself'
              : `exit code ${State.ExitCode}`;
  return { count: RestartCount ?? 0, exit };
}

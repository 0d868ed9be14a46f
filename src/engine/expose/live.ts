import { toK3duiError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { kubeconfigOf } from '../kubeconfig/of-cluster.ts';
import type { Cluster } from '../model.ts';
import { pause } from '../wait.ts';
import { NO_TRAFFIC, type TrafficView, TrafficWatch } from './traffic.ts';

/** By cluster. Immutable: news make a new one. */
export type LiveTraffic = ReadonlyMap<string, TrafficView>;

/** A cluster whose kubeconfig cannot be had is asked again after this, in milliseconds. */
const RETRY = 3000;

interface Following {
  key: string;
  stop: AbortController;
  watch: TrafficWatch | undefined;
}

/**
 * The traffic of those clusters that a screen shows, each over one set of connections, which are closed as soon as it
 * does no longer. Tells its listeners after each change.
 */
export class TrafficFeed {
  view: LiveTraffic = new Map();
  /** Counts up with each news. */
  revision = 0;
  readonly #engine: Engine;
  readonly #listeners = new Set<() => void>();
  readonly #following = new Map<string, Following>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Says which clusters are shown now. May be called as often as one likes. */
  show(clusters: readonly Cluster[]): void {
    const alive = clusters.filter(cluster => cluster.servers.some(server => server.running));
    const wanted = new Map(alive.map(cluster => [cluster.name, keyOf(cluster)]));
    for (const [name, { key, stop, watch }] of this.#following) {
      if (wanted.get(name) === key) continue;
      stop.abort();
      watch?.close();
      this.#following.delete(name);
      // Of a cluster that is only reached anew the last picture stays until there is another.
      if (!wanted.has(name)) this.#set(name, undefined);
    }
    for (const cluster of alive) if (!this.#following.has(cluster.name)) this.#follow(cluster);
  }

  /** Nothing is shown. */
  hide(): void {
    this.show([]);
  }

  #follow(cluster: Cluster): void {
    const { name } = cluster;
    const entry: Following = { key: keyOf(cluster), stop: new AbortController(), watch: undefined };
    const { signal } = entry.stop;
    this.#following.set(name, entry);
    const open = async () => {
      while (!signal.aborted) {
        try {
          const kubeconfig = await kubeconfigOf(this.#engine, cluster, { signal });
          if (signal.aborted) return;
          entry.watch = new TrafficWatch(kubeconfig, news => {
            const before = this.view.get(name);
            this.#set(name, news.complete || !before?.complete ? news : { ...before, error: news.error });
          });
          return;
        } catch (error) {
          if (signal.aborted) return;
          this.#set(name, { ...(this.view.get(name) ?? EMPTY), error: toK3duiError(error) });
          await pause(RETRY, signal);
        }
      }
    };
    void open();
  }

  #set(name: string, news: TrafficView | undefined): void {
    if (news === undefined && !this.view.has(name)) return;
    const view = new Map(this.view);
    if (news === undefined) view.delete(name);
    else view.set(name, news);
    this.view = view;
    this.revision++;
    for (const listener of this.#listeners) listener();
  }
}

const EMPTY: TrafficView = { traffic: NO_TRAFFIC, complete: false };

/** What the way to a cluster's API depends on: another one has to be opened anew. */
function keyOf({ created, api, loadBalancer, servers }: Cluster): string {
  const first = servers.find(server => server.running)?.id ?? '';
  return `${created} ${api?.hostIP}:${api?.port} ${loadBalancer?.id ?? first}`;
}

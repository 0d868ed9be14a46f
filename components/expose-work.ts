import type { Engine } from '../src/engine/engine.ts';
import type { Ground } from '../src/engine/expose/context.ts';
import { type Diagnosis, diagnose } from '../src/engine/expose/diagnose.ts';
import { exposures } from '../src/engine/expose/exposures.ts';
import { KeptWays } from '../src/engine/expose/kept.ts';
import { type LiveTraffic, TrafficFeed } from '../src/engine/expose/live.ts';
import type { Exposure } from '../src/engine/expose/model.ts';
import { type ChainResult, probeChain } from '../src/engine/expose/probe.ts';
import { groundOf } from '../src/engine/expose/survey.ts';
import type { TrafficView } from '../src/engine/expose/traffic.ts';
import type { Cluster, Snapshot } from '../src/engine/model.ts';
import { remember } from './screens/list-definition.ts';
import type { AppState } from './state/app-state.ts';
import { Listeners } from './state/listeners.ts';
import type { ReadingEntry } from './state/ports.ts';

/** A way into a cluster with what is known of it. */
export interface ExposeLine {
  exposure: Exposure;
  diagnosis: Diagnosis;
  /** The last try, as far as it is of this way. */
  result: ChainResult | undefined;
  cluster: Cluster;
}

interface Tried {
  /** The way as it was tried: another one has to be tried again. */
  key: string;
  result: ChainResult;
}

/** Of so many clusters at most is the traffic followed at a time. */
export const AT_ONCE = 8;
/** The cluster that the id of a way begins with. */
export const clusterOfExposure = (id = ''): string => id.split('/')[0] ?? '';

/** A way is tried once the selection rests on it, in milliseconds. */
const REST = 250;

/** Follows the traffic of clusters that are on the screen, and tries the way that is selected. */
export class ExposeWork {
  readonly feed: TrafficFeed;
  /** Counts up with each try's news. */
  revision = 0;
  readonly #engine: Engine;
  readonly #state: () => AppState;
  readonly #tried = new Map<string, Tried>();
  readonly #listeners = new Listeners();
  readonly #perCluster = new Map<string, ReturnType<typeof clusterLines>>();
  #trying: { id: string; key: string; abort: AbortController } | undefined;
  #rest: { id: string; timer: NodeJS.Timeout } | undefined;

  constructor(engine: Engine, state: () => AppState) {
    this.#engine = engine;
    this.#state = state;
    this.feed = new TrafficFeed(engine);
  }

  subscribe = (listener: () => void): (() => void) => {
    const stops = [this.feed.subscribe(listener), this.#listeners.subscribe(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  };

  /** Another one after each piece of news. */
  get token(): string {
    return `${this.revision} ${this.feed.revision}`;
  }

  /** The way of that id, as it is now. */
  line(id: string | undefined): ExposeLine | undefined {
    return this.lines(clusterOfExposure(id)).find(({ exposure }) => exposure.id === id);
  }

  /** Whether enough is known of a cluster to say that something is not there. */
  known(id: string | undefined): boolean {
    return this.feed.view.get(clusterOfExposure(id))?.complete === true;
  }

  /** Every way into a cluster, or into those that are followed; the same array while nothing changed. */
  lines(subject: string | undefined): readonly ExposeLine[] {
    const { snapshot } = this.#engine.inventory;
    return this.#lines(snapshot, this.#state().ports.readings, this.feed.view, subject, this.revision);
  }

  #lines = remember(
    (
      snapshot: Snapshot,
      readings: ReadonlyMap<string, ReadingEntry>,
      view: LiveTraffic,
      subject: string | undefined,
      _revision: number,
    ): readonly ExposeLine[] => {
      this.#forget(snapshot);
      return snapshot.clusters
        .filter(({ name }) => (subject === undefined || name === subject) && view.has(name))
        .flatMap(cluster => this.#of(cluster, readings.get(cluster.name), view.get(cluster.name)));
    },
  );

  /** What was known of clusters that are gone. */
  #forget({ clusters, link }: Snapshot): void {
    if (link !== 'live') return;
    const names = new Set(clusters.map(({ name }) => name));
    for (const name of this.#perCluster.keys()) if (!names.has(name)) this.#perCluster.delete(name);
    for (const id of this.#tried.keys()) if (!names.has(clusterOfExposure(id))) this.#tried.delete(id);
  }

  #of(cluster: Cluster, entry: ReadingEntry | undefined, view: TrafficView | undefined) {
    const shape = this.#perCluster.get(cluster.name) ?? clusterLines(this.#engine);
    this.#perCluster.set(cluster.name, shape);
    return shape(cluster, entry, view, this.#tried);
  }

  /** The selection is on this way: it is tried soon, unless it was, as it is now. */
  look(line: ExposeLine | undefined): void {
    const id = line?.exposure.id;
    if (this.#trying && this.#trying.id !== id) this.stop();
    if (line === undefined || this.#tried.get(line.exposure.id)?.key === keyOf(line.exposure)) return;
    if (this.#trying?.key === keyOf(line.exposure) || this.#rest?.id === id) return;
    clearTimeout(this.#rest?.timer);
    const timer = setTimeout(() => {
      this.#rest = undefined;
      this.test(line);
    }, REST);
    this.#rest = { id: line.exposure.id, timer };
  }

  /** Nothing is tried any more. */
  stop(): void {
    clearTimeout(this.#rest?.timer);
    this.#rest = undefined;
    this.#trying?.abort.abort();
    this.#trying = undefined;
  }

  /** Tries every hop of a way now. */
  test({ exposure }: ExposeLine): void {
    this.stop();
    const abort = new AbortController();
    const key = keyOf(exposure);
    this.#trying = { id: exposure.id, key, abort };
    const news = (result: ChainResult) => {
      if (abort.signal.aborted) return;
      this.#tried.set(exposure.id, { key, result });
      this.#tell();
    };
    probeChain(this.#engine.docker, exposure, { signal: abort.signal }, news).then(
      () => {
        if (this.#trying?.abort === abort) this.#trying = undefined;
      },
      () => {
        // Ended half way: tried when somebody looks again.
        this.#tried.delete(exposure.id);
        if (this.#trying?.abort === abort) this.#trying = undefined;
      },
    );
  }

  #tell(): void {
    this.revision++;
    this.#listeners.tell();
  }
}

/** Everything that a try depends on. */
const keyOf = ({ hops }: Exposure): string => JSON.stringify(hops.map(({ parts, fault }) => [parts, fault?.why]));

interface Kept {
  line: ExposeLine;
  /** The way as text, from when it is first compared. */
  text: string | undefined;
}

/** One cluster's lines; those that stayed the same stay the same objects. */
function clusterLines(engine: Engine) {
  const kept = new KeptWays();
  const published = remember(({ nodes }: Snapshot) =>
    nodes.flatMap(node => node.ports.map(({ hostPort }) => hostPort)).join(' '),
  );
  const ground = remember((cluster: Cluster, reading: ReadingEntry['reading'], _published: string) =>
    groundOf(engine, cluster, reading),
  );
  const all = remember((on: Ground, traffic: TrafficView['traffic']) => exposures(on, traffic, kept));
  let before = new Map<string, Kept>();
  return (
    cluster: Cluster,
    entry: ReadingEntry | undefined,
    view: TrafficView | undefined,
    tried: ReadonlyMap<string, Tried>,
  ): ExposeLine[] => {
    // What was read from a container that is no more says nothing.
    const reading = entry?.reading?.inspect.Id === cluster.loadBalancer?.id ? entry?.reading : undefined;
    const next: typeof before = new Map();
    const ways = view ? all(ground(cluster, reading, published(engine.inventory.snapshot)), view.traffic) : [];
    const lines = ways.map(exposure => {
      const last = tried.get(exposure.id);
      const result = last && last.key === keyOf(exposure) ? last.result : undefined;
      const old = before.get(exposure.id);
      const text = old && old.line.exposure !== exposure ? JSON.stringify(exposure) : old?.text;
      if (old && old.line.exposure !== exposure) old.text ??= JSON.stringify(old.line.exposure);
      const same = old !== undefined && (old.line.exposure === exposure || old.text === text);
      if (same && old.line.result === result && old.line.cluster === cluster) {
        next.set(exposure.id, old);
        return old.line;
      }
      const line: ExposeLine = { exposure, diagnosis: diagnose(exposure, result), result, cluster };
      next.set(exposure.id, { line, text });
      return line;
    });
    before = next;
    return lines;
  };
}

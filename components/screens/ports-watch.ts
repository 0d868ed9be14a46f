import type { Engine } from '../../src/engine/engine.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { isAbort, toK3duiError } from '../../src/errors.ts';
import type { PortActions } from '../port-actions.ts';
import type { AppAction, AppState } from '../state/app-state.ts';
import type { PortsState, ProbeEntry, ReadingEntry } from '../state/ports.ts';
import type { Store } from '../state/store.ts';
import type { PortLine } from './ports-list.ts';

/** A path is not tested again sooner than this, in milliseconds. */
export const TEST_PAUSE = 3000;
/** So many at once: each costs Docker commands inside containers. */
const READS = 4;
const TESTS = 4;

export interface PortWatchOptions {
  engine: Engine;
  store: Store<AppState, AppAction>;
  actions: PortActions;
  /** Injected for tests. Milliseconds. */
  now?: () => number;
}

/**
 * Reads load balancers and tests paths for whoever looks at them: what is on the screen, when it comes into sight and
 * when something changed that it depends on. Holds no timer and asks nothing while nobody looks.
 */
export class PortWatch {
  readonly #options: PortWatchOptions;
  readonly #now: () => number;
  /** Counts up per cluster with each reason to look again that the picture does not show. */
  readonly #generations = new Map<string, number>();
  readonly #reading = new Map<string, string>();
  readonly #testing = new Set<string>();
  #abort: AbortController | undefined;
  #later: NodeJS.Timeout | undefined;
  #seen: readonly PortLine[] = [];
  #ended: ReadonlySet<string> = new Set();

  constructor(options: PortWatchOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get #ports(): PortsState {
    return this.#options.store.state.ports;
  }

  /** What is on the screen now; to be called whenever that may have changed. */
  look(clusters: readonly Cluster[], lines: readonly PortLine[]): void {
    this.#abort ??= new AbortController();
    this.#noticeEnded();
    if (this.#options.engine.inventory.snapshot.link === 'lost') return;
    this.#seen = lines;
    for (const cluster of clusters) this.#read(cluster);
    for (const line of lines) this.#test(line);
  }

  /** Nobody looks any more: what runs is ended. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#seen = [];
  }

  /** Reads and tests this cluster again. */
  again(cluster: string): void {
    this.#generations.set(cluster, (this.#generations.get(cluster) ?? 0) + 1);
  }

  /** Names what a reading of the cluster's load balancer depends on. */
  #readKey({ name, loadBalancer }: Cluster): string {
    return `${loadBalancer?.id} ${loadBalancer?.state} ${this.#generations.get(name) ?? 0}`;
  }

  #testKey({ cluster, row }: PortLine): string {
    const nodes = row.upstreams.map(({ node, running }) => `${node}${running ? '+' : '-'}`).join(' ');
    return `${this.#readKey(cluster)} ${nodes}`;
  }

  /** What has ended changed something that Docker's events may not tell: a file in a container. */
  #noticeEnded(): void {
    const ended = this.#options.engine.operations.operations.filter(one => one.endedAt !== undefined);
    for (const { id, cluster } of ended) if (cluster !== undefined && !this.#ended.has(id)) this.again(cluster);
    this.#ended = new Set(ended.map(({ id }) => id));
  }

  #read(cluster: Cluster): void {
    const { name } = cluster;
    const key = this.#readKey(cluster);
    if (!cluster.loadBalancer || this.#ports.readings.get(name)?.key === key || this.#reading.get(name) === key) return;
    if (this.#reading.size >= READS) return;
    const signal = this.#abort!.signal;
    this.#reading.set(name, key);
    const set = (entry: ReadingEntry) => {
      if (this.#reading.get(name) === key) this.#reading.delete(name);
      if (signal.aborted) return;
      this.#publish({ readings: new Map(this.#living(this.#ports.readings)).set(name, entry) });
    };
    this.#options.actions.read(cluster, signal).then(
      reading => set({ key, reading }),
      error => set(isAbort(error) && signal.aborted ? { key: '' } : { key, error: toK3duiError(error) }),
    );
  }

  /** Without the clusters that are gone: an app may be open for days while they come and go. */
  #living(readings: ReadonlyMap<string, ReadingEntry>): [string, ReadingEntry][] {
    const { clusters, link } = this.#options.engine.inventory.snapshot;
    const names = new Set(clusters.map(({ name }) => name));
    return [...readings].filter(([name]) => link !== 'live' || names.has(name));
  }

  #test(line: PortLine): void {
    const { row } = line;
    const last = this.#ports.probes.get(row.id);
    const key = this.#testKey(line);
    // What is behind it is known when the load balancer was read.
    if (line.row.kind !== 'direct' && line.cluster.loadBalancer && !line.reading) return;
    if (!line.testable || row.protocol !== 'tcp') return;
    if (this.#testing.has(row.id) || last?.key === key || this.#testing.size >= TESTS) return;
    const wait = last === undefined ? 0 : last.at + TEST_PAUSE - this.#now();
    if (wait > 0) {
      this.#lookLater(wait);
      return;
    }
    const signal = this.#abort!.signal;
    const at = this.#now();
    this.#testing.add(row.id);
    this.#setProbe(row.id, { key: last?.key ?? '', testing: true, probe: last?.probe, at });
    const end = (entry: Partial<ProbeEntry>) => {
      this.#testing.delete(row.id);
      this.#setProbe(row.id, { key, testing: false, probe: last?.probe, at, ...entry });
    };
    this.#options.actions.probe(line.cluster, row, signal).then(
      probe => end({ probe }),
      // Ended because nobody looks: it is tested when somebody does again.
      () => end({ key: signal.aborted ? '' : key }),
    );
  }

  #lookLater(wait: number): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      for (const line of this.#seen) this.#test(line);
    }, wait + 1);
  }

  #setProbe(id: string, entry: ProbeEntry): void {
    this.#publish({ probes: new Map(this.#ports.probes).set(id, entry) });
  }

  #publish(ports: Partial<PortsState>): void {
    this.#options.store.dispatch({ type: 'ports', ports });
  }
}

import type { Call, Docker } from '../docker/docker.ts';
import type { DockerEvent, EngineInfo, EngineVersion } from '../docker/types.ts';
import { isAbort, toK3duiError } from '../errors.ts';
import { clustersFrom } from './clusters.ts';
import { Coalescer } from './coalescer.ts';
import type { Inventory } from './engine.ts';
import { ACTIONS, isRelevant, TYPES } from './inventory-events.ts';
import type { Snapshot } from './model.ts';
import { shared } from './sharing.ts';

/** k3d's mark on everything it makes, registries included. */
const LABELS = ['app=k3d'];
/** Events of the last seconds are asked for too, so that none falls between subscribing and the first read. */
const OVERLAP_SECONDS = 5;

export interface InventoryOptions {
  /** Quiet time after an event before the engine is read again, in milliseconds. */
  quiet?: number;
  /** Longest time that a run of events can put the reading off, in milliseconds. */
  ceiling?: number;
  /** Waits before each further attempt to reach an engine that is away, in milliseconds; the last one repeats. */
  delays?: number[];
}

const EMPTY: Snapshot = {
  link: 'connecting',
  clusters: [],
  nodes: [],
  registries: [],
  engine: undefined,
  revision: 0,
};

/** Three list calls side by side. Throws what Docker throws. */
async function readPicture(docker: Docker, call?: Call) {
  const [containers, networks, volumes] = await Promise.all([
    docker.listContainers({ labels: LABELS }, call),
    docker.listNetworks({ labels: LABELS }, call),
    docker.listVolumes({ labels: LABELS }, call),
  ]);
  return clustersFrom(containers, networks, volumes);
}

/**
 * Opens the inventory. It reads once, then only when Docker's events say that something of k3d's world changed. When
 * the engine goes away the last picture stays and the inventory tries to get it back by itself.
 */
export function openInventory(docker: Docker, options: InventoryOptions = {}): Inventory {
  return new LiveInventory(docker, options);
}

class LiveInventory implements Inventory {
  readonly #docker: Docker;
  readonly #delays: number[];
  readonly #quiet: number;
  readonly #ceiling: number;
  readonly #listeners = new Set<() => void>();
  readonly #closing = new AbortController();
  #snapshot: Snapshot = EMPTY;
  #reader: Coalescer | undefined;
  /** Ends the wait before the next attempt. */
  #wake: (() => void) | undefined;
  #waiting: (() => void)[] = [];

  constructor(docker: Docker, options: InventoryOptions) {
    this.#docker = docker;
    this.#delays = options.delays ?? [250, 500, 1000, 2000, 5000];
    this.#quiet = options.quiet ?? 50;
    this.#ceiling = options.ceiling ?? 250;
    void this.#run();
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Settles when a reading that began after the call has ended. A failure shows in the snapshot's link. */
  async refresh(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    if (this.#reader) return this.#reader.now();
    const settled = new Promise<void>(resolve => this.#waiting.push(resolve));
    this.#wake?.();
    return settled;
  }

  close(): void {
    this.#closing.abort();
    this.#wake?.();
    this.#settle();
    this.#listeners.clear();
  }

  async #run(): Promise<void> {
    let attempt = 0;
    while (!this.#closing.signal.aborted) {
      try {
        await this.#session(() => {
          attempt = 0;
        });
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        const { message, hint } = toK3duiError(error);
        this.#show({ link: 'lost', linkError: message, linkHint: hint });
        this.#settle();
      }
      const delay = this.#delays[Math.min(attempt++, this.#delays.length - 1)] ?? 1000;
      await this.#pause(delay);
    }
  }

  /** One time with the engine: from the first reading until it goes away, which is always an error. */
  async #session(onPicture: () => void): Promise<never> {
    const session = new AbortController();
    const signal = AbortSignal.any([session.signal, this.#closing.signal]);
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const reader = new Coalescer(() => this.#read(signal).then(onPicture), fail, this.#quiet, this.#ceiling);
    this.#reader = reader;
    try {
      const events = this.#follow(signal, reader);
      const first = reader.now().then(() => this.#readEngine(signal));
      first.then(() => this.#settle()).catch(fail);
      return await Promise.race([events, failed]);
    } finally {
      this.#reader = undefined;
      reader.close();
      session.abort();
    }
  }

  async #follow(signal: AbortSignal, reader: Coalescer): Promise<never> {
    const since = Math.floor(Date.now() / 1000) - OVERLAP_SECONDS;
    const events = this.#docker.events({ since, types: TYPES, actions: ACTIONS }, { signal });
    for await (const event of events) {
      if (this.#concerns(event)) reader.soon();
    }
    throw new Error('the event stream of the Docker engine ended');
  }

  #concerns(event: DockerEvent): boolean {
    return isRelevant(event, this.#snapshot);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const picture = await this.#readTwice(signal);
    this.#show({ ...shared(this.#snapshot, picture), link: 'live', linkError: undefined, linkHint: undefined });
  }

  /** Old engines fail a list when a container vanishes while they write it; the next one is right. */
  async #readTwice(signal: AbortSignal) {
    try {
      return await readPicture(this.#docker, { signal });
    } catch (error) {
      if (isAbort(error) || toK3duiError(error).code !== 'DOCKER_ERROR') throw error;
      return readPicture(this.#docker, { signal });
    }
  }

  /** What kind of engine it is; asked once for each time the link comes up. */
  async #readEngine(signal: AbortSignal): Promise<void> {
    const [info, version] = await Promise.all([this.#docker.info({ signal }), this.#docker.version({ signal })]);
    this.#show({ engine: engineOf(info, version) });
  }

  /** Makes a new snapshot when something changed, and tells the listeners. */
  #show(change: Partial<Snapshot>): void {
    const before = this.#snapshot;
    const keys = Object.keys(change) as (keyof Snapshot)[];
    if (keys.every(key => same(before[key], change[key]))) return;
    this.#snapshot = { ...before, ...change, revision: before.revision + 1 };
    for (const listener of [...this.#listeners]) listener();
  }

  #settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.#wake = wake;
      if (this.#closing.signal.aborted || this.#waiting.length > 0) wake();
    });
  }
}

function engineOf(info: EngineInfo, version: EngineVersion): Snapshot['engine'] {
  return {
    version: version.Version,
    apiVersion: version.ApiVersion,
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    name: info.Name,
    // Engines before 20.10 do not say; they knew only the first version.
    cgroupVersion: info.CgroupVersion ?? '1',
    operatingSystem: info.OperatingSystem,
  };
}

function same(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  const bothObjects = left !== null && right !== null && typeof left === 'object' && typeof right === 'object';
  // Only the small engine record gets here with equal content under another identity; lists are shared beforehand.
  return bothObjects && !Array.isArray(left) && JSON.stringify(left) === JSON.stringify(right);
}

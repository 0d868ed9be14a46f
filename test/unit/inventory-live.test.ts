import { afterEach, describe, expect, it } from 'vitest';
import type { Docker } from '../../src/docker/docker.ts';
import { unlessAborted } from '../../src/docker/signals.ts';
import type { ContainerSummary, DockerEvent, VolumeInspect } from '../../src/docker/types.ts';
import type { Inventory } from '../../src/engine/engine.ts';
import { type InventoryOptions, openInventory } from '../../src/engine/inventory.ts';
import { K3duiError } from '../../src/errors.ts';
import { until } from './fake-engine.ts';

const open: Inventory[] = [];

afterEach(() => {
  for (const inventory of open.splice(0)) inventory.close();
});

/** An engine in memory that the test changes, breaks and mends. */
class Engine {
  containers: ContainerSummary[] = [];
  volumes: VolumeInspect[] = [];
  reads = 0;
  error: Error | undefined;
  /** A read waits for this. */
  gate: Promise<void> | undefined;
  #streams = new Set<{ queue: DockerEvent[]; wake: () => void; error?: Error }>();

  get listeners(): number {
    return this.#streams.size;
  }

  readonly docker = {
    listContainers: async (_: unknown, call?: { signal?: AbortSignal }) => {
      this.reads++;
      await unlessAborted(this.gate ?? Promise.resolve(), call?.signal);
      if (this.error) throw this.error;
      return structuredClone(this.containers);
    },
    listNetworks: async () => [],
    listVolumes: async () => structuredClone(this.volumes),
    info: async () => ({ NCPU: 2, MemTotal: 8, Name: 'box', OperatingSystem: 'Debian', CgroupVersion: '2' }),
    version: async () => ({ Version: '27.0', ApiVersion: '1.46' }),
    events: (_: unknown, { signal }: { signal: AbortSignal }) => this.#follow(signal),
  } as unknown as Docker;

  async *#follow(signal: AbortSignal): AsyncGenerator<DockerEvent> {
    if (this.error) throw this.error;
    const stream: { queue: DockerEvent[]; wake: () => void; error?: Error } = { queue: [], wake: () => {} };
    this.#streams.add(stream);
    signal.addEventListener('abort', () => stream.wake());
    try {
      while (!signal.aborted) {
        if (stream.error) throw stream.error;
        const event = stream.queue.shift();
        if (event) yield event;
        else await new Promise<void>(resolve => (stream.wake = resolve));
      }
    } finally {
      this.#streams.delete(stream);
    }
  }

  emit(event: DockerEvent): void {
    for (const stream of this.#streams) {
      stream.queue.push(event);
      stream.wake();
    }
  }

  goAway(message = 'lost the engine'): void {
    this.error = new K3duiError({ code: 'DOCKER_UNREACHABLE', message, hint: 'start it' });
    for (const stream of this.#streams) {
      stream.error = this.error;
      stream.wake();
    }
  }

  comeBack(): void {
    this.error = undefined;
  }
}

function server(cluster: string, more: Partial<ContainerSummary> = {}): ContainerSummary {
  return {
    Id: `${cluster}-id`,
    Names: [`/k3d-${cluster}-server-0`],
    Image: 'rancher/k3s:v1.31.5-k3s1',
    ImageID: 'sha256:1',
    Created: 1,
    State: 'running',
    Status: 'Up 1 minute',
    Labels: { app: 'k3d', 'k3d.role': 'server', 'k3d.cluster': cluster },
    ...more,
  };
}

function event(Type: string, Action: string, ID: string, Attributes: Record<string, string> = {}): DockerEvent {
  return { Type, Action, Actor: { ID, Attributes }, time: 1 };
}

const started = (cluster: string) => event('container', 'start', `${cluster}-id`, { app: 'k3d' });

async function live(engine: Engine, options: InventoryOptions = {}): Promise<Inventory> {
  const inventory = openInventory(engine.docker, { quiet: 5, ceiling: 25, delays: [1, 2], ...options });
  open.push(inventory);
  await until(() => inventory.snapshot.engine !== undefined);
  return inventory;
}

describe('the picture', () => {
  it('is there after one read, and new after an event', async () => {
    const engine = new Engine();
    engine.containers = [server('a')];
    const inventory = await live(engine);
    expect(engine.reads).toBe(1);
    expect(inventory.snapshot).toMatchObject({
      link: 'live',
      clusters: [{ name: 'a', status: 'running' }],
      engine: { version: '27.0', apiVersion: '1.46', cpus: 2, memoryBytes: 8, name: 'box', cgroupVersion: '2' },
    });
    engine.containers = [server('a', { State: 'exited', Status: 'Exited (0)' })];
    engine.emit(event('container', 'die', 'a-id', { app: 'k3d' }));
    await until(() => inventory.snapshot.clusters[0]?.status === 'stopped');
    expect(engine.reads).toBe(2);
  });

  it('costs a few reads for a thousand events', async () => {
    const engine = new Engine();
    const inventory = await live(engine);
    const before = engine.reads;
    for (let index = 0; index < 1000; index++) engine.emit(started('a'));
    engine.containers = [server('a')];
    engine.emit(started('a'));
    await until(() => inventory.snapshot.clusters.length === 1);
    expect(engine.reads - before).toBeLessThanOrEqual(3);
  });

  it('does not wait for the end of a storm that does not end', async () => {
    const engine = new Engine();
    const inventory = await live(engine, { quiet: 1000, ceiling: 30 });
    engine.containers = [server('a')];
    const storm = setInterval(() => engine.emit(started('a')), 2);
    await until(() => inventory.snapshot.clusters.length === 1).finally(() => clearInterval(storm));
  });

  it('is not read again for events that change nothing of ours', async () => {
    const engine = new Engine();
    engine.containers = [server('a')];
    const inventory = await live(engine);
    const before = engine.reads;
    engine.emit(event('container', 'exec_create: sh', 'a-id', { app: 'k3d' }));
    engine.emit(event('container', 'exec_die', 'a-id', { app: 'k3d' }));
    engine.emit(event('container', 'health_status: healthy', 'a-id', { app: 'k3d' }));
    engine.emit(event('container', 'top', 'a-id', { app: 'k3d' }));
    engine.emit(event('container', 'start', 'stranger', { name: 'postgres' }));
    engine.emit(event('network', 'connect', 'n', { container: 'stranger' }));
    engine.emit(event('volume', 'mount', 'v'));
    engine.emit(event('volume', 'destroy', 'somebody-elses'));
    engine.emit(event('image', 'pull', 'x'));
    // What comes last is read; so were the others, if they had counted.
    engine.containers = [server('a'), server('b')];
    engine.emit(event('network', 'connect', 'n', { container: 'a-id' }));
    await until(() => inventory.snapshot.clusters.length === 2);
    expect(engine.reads).toBe(before + 1);
  });

  it('is read again when something changes during a read', async () => {
    const engine = new Engine();
    const inventory = await live(engine);
    let release = () => {};
    engine.gate = new Promise(resolve => (release = resolve));
    const before = engine.reads;
    engine.emit(started('a'));
    await until(() => engine.reads === before + 1);
    engine.emit(started('a'));
    const refreshed = inventory.refresh();
    engine.gate = undefined;
    release();
    await refreshed;
    expect(engine.reads).toBe(before + 2);
  });
});

describe('objects stay the same', () => {
  it('all of them, with no word to the listeners, when nothing changed', async () => {
    const engine = new Engine();
    engine.containers = [server('a'), server('b')];
    const inventory = await live(engine);
    let told = 0;
    inventory.subscribe(() => told++);
    const before = inventory.snapshot;
    await inventory.refresh();
    expect(inventory.snapshot).toBe(before);
    expect(told).toBe(0);
  });

  it('but for the cluster that changed', async () => {
    const engine = new Engine();
    engine.containers = [server('a'), server('b'), server('c')];
    const inventory = await live(engine);
    const before = inventory.snapshot;
    engine.containers = [server('b'), server('c', { Status: 'Up 2 minutes' }), server('d')];
    await inventory.refresh();
    const after = inventory.snapshot;
    expect(after.revision).toBe(before.revision + 1);
    expect(after.clusters.map(cluster => cluster.name)).toEqual(['b', 'c', 'd']);
    expect(after.clusters[0]).toBe(before.clusters[1]);
    expect(after.nodes[0]).toBe(before.nodes[1]);
    expect(after.clusters[1]).not.toBe(before.clusters[2]);
    expect(after.clusters[1]!.ports).toBe(before.clusters[2]!.ports);
    expect(after.clusters[1]!.servers[0]).toBe(after.nodes[1]);
    expect(after.registries).toBe(before.registries);
    expect(before.clusters.map(cluster => cluster.name)).toEqual(['a', 'b', 'c']);
  });
});

describe('when the engine goes away', () => {
  it('the last picture stays, with the reason; it comes back by itself and is read again', async () => {
    const engine = new Engine();
    engine.containers = [server('a')];
    const inventory = await live(engine);
    const { clusters } = inventory.snapshot;
    engine.goAway();
    await until(() => inventory.snapshot.link === 'lost');
    expect(inventory.snapshot).toMatchObject({ linkError: 'lost the engine', linkHint: 'start it' });
    expect(inventory.snapshot.clusters).toBe(clusters);
    engine.containers = [server('a'), server('b')];
    engine.comeBack();
    await until(() => inventory.snapshot.link === 'live');
    expect(inventory.snapshot.clusters).toHaveLength(2);
    expect(inventory.snapshot.clusters[0]).toBe(clusters[0]);
    expect(inventory.snapshot.linkError).toBeUndefined();
    await until(() => engine.listeners === 1);
  });

  it('trying again and failing again is no news', async () => {
    const engine = new Engine();
    const inventory = await live(engine);
    engine.goAway();
    await until(() => inventory.snapshot.link === 'lost');
    const lost = inventory.snapshot;
    const before = engine.reads;
    await until(() => engine.reads > before + 5);
    expect(inventory.snapshot).toBe(lost);
  });

  it('or was never there, the link is lost with the reason, until it is there', async () => {
    const engine = new Engine();
    engine.goAway('no Docker engine was found');
    const inventory = openInventory(engine.docker, { delays: [1] });
    open.push(inventory);
    expect(inventory.snapshot.link).toBe('connecting');
    await until(() => inventory.snapshot.link === 'lost');
    expect(inventory.snapshot).toMatchObject({ linkError: 'no Docker engine was found', clusters: [] });
    engine.comeBack();
    await until(() => inventory.snapshot.link === 'live');
  });

  it('refresh tries at once instead of waiting', async () => {
    const engine = new Engine();
    const inventory = await live(engine, { delays: [100_000] });
    engine.goAway();
    await until(() => inventory.snapshot.link === 'lost');
    engine.comeBack();
    await inventory.refresh();
    expect(inventory.snapshot.link).toBe('live');
  });

  it('while it is being read, the reading is given up', async () => {
    const engine = new Engine();
    const inventory = await live(engine);
    engine.gate = new Promise(() => {});
    const refreshed = inventory.refresh();
    engine.goAway();
    await until(() => inventory.snapshot.link === 'lost');
    await refreshed;
  });
});

it('a list that fails once is asked again before the link counts as lost', async () => {
  const engine = new Engine();
  engine.containers = [server('a')];
  const inventory = await live(engine);
  const seen: string[] = [];
  inventory.subscribe(() => seen.push(inventory.snapshot.link));
  const list = engine.docker.listContainers;
  let failures = 0;
  engine.docker.listContainers = (...all) => {
    if (failures++ === 0) throw new K3duiError({ code: 'DOCKER_ERROR', message: 'No such container: gone meanwhile' });
    return list(...all);
  };
  engine.containers = [];
  await inventory.refresh();
  expect(inventory.snapshot.clusters).toEqual([]);
  expect(seen).toEqual(['live']);
});

it('closing ends it all: no stream, no word, no waiting', async () => {
  const engine = new Engine();
  const inventory = await live(engine);
  let told = 0;
  inventory.subscribe(() => told++);
  inventory.close();
  await until(() => engine.listeners === 0);
  const before = engine.reads;
  await inventory.refresh();
  engine.emit(started('a'));
  expect([engine.reads, told]).toEqual([before, 0]);
});

import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultControl } from './faults.ts';
import { newId } from './ids.ts';
import { makeImage } from './image-catalog.ts';
import { createNetwork } from './networks.ts';
import { listenNow } from './publish.ts';
import { startPulse } from './pulse.ts';
import { seed, seedLeftovers } from './seed.ts';
import { type CallRecord, EngineServer } from './server.ts';
import { manyClusters, type SeedCluster, SHOW } from './show.ts';
import { World } from './world.ts';

export interface DemoOptions {
  /** Multiplies every simulated delay; 1 is brisk but lifelike, 0 is at once. */
  tempo?: number;
  /** `socket` (a private unix socket, on Windows a named pipe) or `tcp` (a port on loopback). */
  transport?: 'socket' | 'tcp';
  /** True: the clusters of `--demo`. A list: those. Nothing unless told. */
  seed?: boolean | SeedCluster[];
  /**
   * So many small clusters more (`load-0001` …). Their ports are written down but no socket listens, so a thousand are cheap;
   * `listenTo(name)` opens the ports of one container.
   */
  clusters?: number;
  /** Log lines and events that come by themselves; with a seed unless told otherwise. */
  pulse?: boolean;
  /** Images that are there from the beginning. */
  images?: string[];
  /** Which references a pull finds; all but those with `missing`, `private` or `does-not-exist` in them unless told. */
  pullable?: (reference: string) => boolean;
  /** False: published ports are only written down, no real socket listens. */
  listen?: boolean;
}

export interface Demo {
  /** What `DOCKER_HOST` takes: `unix:///tmp/…/docker.sock`, `npipe:////./pipe/…`, `tcp://127.0.0.1:…`. */
  readonly host: string;
  /** Errors, resets, delays on purpose. */
  readonly faults: FaultControl;
  /** Every call so far, oldest first (the last ten thousand). */
  readonly calls: readonly CallRecord[];
  /** Everything the engine holds, for tests to look at. */
  readonly world: World;
  /** Opens real sockets for the published ports of a running container that was seeded without. */
  listenTo(container: string): Promise<void>;
  /** Multiplies simulated delays that begin from now on. */
  tempo: number;
  /** New calls wait without an answer until `resume`. */
  stopAnswering(): void;
  /** As `stopAnswering`, and open streams fall silent. */
  freeze(): void;
  resume(): void;
  /** Cuts every connection and stops listening, as a killed daemon. The containers live on. */
  die(): Promise<void>;
  /** Listens again at the same place after `die`. */
  revive(): Promise<void>;
  /** Ends everything and removes the socket's folder. */
  close(): Promise<void>;
}

const UNPULLABLE = /missing|private|does-not-exist/;

/** Starts an engine in memory. The caller closes it. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const world = new World({
    tempo: options.tempo ?? 1,
    listen: options.listen ?? true,
    pullable: options.pullable ?? (reference => !UNPULLABLE.test(reference)),
  });
  createNetwork(world, { Name: 'bridge', IPAM: { Config: [{ Subnet: '172.17.0.0/16' }] } });
  createNetwork(world, { Name: 'host', Driver: 'host' });
  createNetwork(world, { Name: 'none', Driver: 'null' });
  for (const reference of options.images ?? DEFAULT_IMAGES) {
    const image = makeImage(reference);
    world.images.set(image.id, image);
  }
  const clusters = [
    ...(options.seed === true ? SHOW : options.seed || []),
    ...(options.clusters ? manyClusters(options.clusters) : []),
  ];
  await seed(world, clusters);
  if (options.seed === true) seedLeftovers(world, 'ci-1041');
  const stopPulse = (options.pulse ?? Boolean(options.seed)) ? startPulse(world) : () => {};
  const server = new EngineServer(world);
  const place = await listenPlace(options.transport ?? 'socket');
  const port = await server.listen(place.at);
  const again = 'path' in place.at ? place.at : { ...place.at, port };
  let closed = false;
  return {
    host: place.host ?? `tcp://127.0.0.1:${port}`,
    faults: server.faults,
    world,
    get calls() {
      return server.calls;
    },
    get tempo() {
      return world.clock.tempo;
    },
    set tempo(value) {
      world.clock.tempo = value;
    },
    listenTo: name => listenNow(world, world.container(name)),
    stopAnswering: () => server.stopAnswering(),
    freeze: () => server.freeze(),
    resume: () => server.resume(),
    die: () => server.die(),
    revive: async () => void (await server.listen(again)),
    close: async () => {
      if (closed) return;
      closed = true;
      stopPulse();
      world.close();
      await server.die();
      await place.clean();
    },
  };
}

const DEFAULT_IMAGES = [
  'rancher/k3s:v1.35.5-k3s1',
  'rancher/k3s:v1.34.1-k3s1',
  'rancher/k3s:v1.33.5-k3s1',
  'rancher/k3s:v1.31.5-k3s1',
  'ghcr.io/k3d-io/k3d-proxy:5.9.0',
  'ghcr.io/k3d-io/k3d-proxy:5.8.3',
  'ghcr.io/k3d-io/k3d-tools:5.9.0',
  'registry:2',
  'nginx:1.29-alpine',
  'shop/web:1.4.2',
  'shop/api:1.4.2',
  'postgres:17-alpine',
  'busybox:1.36',
];

interface Place {
  at: { path: string } | { host: string; port: number };
  host: string | undefined;
  clean(): Promise<void>;
}

async function listenPlace(transport: 'socket' | 'tcp'): Promise<Place> {
  if (transport === 'tcp') return { at: { host: '127.0.0.1', port: 0 }, host: undefined, clean: async () => {} };
  if (process.platform === 'win32') {
    const pipe = `k3dui-demo-${newId().slice(0, 16)}`;
    return { at: { path: `\\\\.\\pipe\\${pipe}` }, host: `npipe:////./pipe/${pipe}`, clean: async () => {} };
  }
  // mkdtemp makes the folder 0700: the socket is for this user alone.
  const folder = await mkdtemp(join(tmpdir(), 'k3dui-demo-'));
  const atExit = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', atExit);
  const path = join(folder, 'docker.sock');
  const clean = async () => {
    process.removeListener('exit', atExit);
    await rm(folder, { recursive: true, force: true });
  };
  return { at: { path }, host: `unix://${path}`, clean };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterSpec } from '../../src/config/cluster-spec.ts';
import { defaultClusterSpec } from '../../src/config/cluster-spec.ts';
import { type Demo, type DemoOptions, startDemo } from '../../src/demo/demo.ts';
import { apply } from '../../src/engine/apply.ts';
import { factsForCreate, planClusterCreate } from '../../src/engine/cluster/create.ts';
import { gatherFacts } from '../../src/engine/cluster/facts.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { openEngine } from '../../src/engine/open.ts';
import type { Operation } from '../../src/engine/operation.ts';

/** The demo engine without delays, our engine on it, and a home of its own. */
export interface Bench {
  demo: Demo;
  engine: Engine;
  home: string;
  close(): Promise<void>;
}

export const IMAGE = 'rancher/k3s:v1.31.5-k3s1';

export async function openBench(options: DemoOptions = {}): Promise<Bench> {
  const home = await mkdtemp(join(tmpdir(), 'k3dui-test-'));
  const demo = await startDemo({ tempo: 0, ...options });
  const engine = await openEngine({ env: { HOME: home, PATH: process.env.PATH }, host: demo.host, demo: true });
  await engine.inventory.refresh();
  return {
    demo,
    engine,
    home,
    close: async () => {
      engine.close();
      await demo.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export function spec(name: string, changes: Partial<ClusterSpec> = {}): ClusterSpec {
  return { ...defaultClusterSpec(IMAGE), name, ...changes };
}

/** Plans and starts a create. */
export async function create(engine: Engine, request: ClusterSpec): Promise<Operation> {
  await engine.inventory.refresh();
  const facts = await gatherFacts(engine, factsForCreate(request, engine.env));
  return apply(planClusterCreate(request, facts), engine);
}

/** The cluster as the inventory sees it after a fresh look, also when a fault has just cut its link. */
export async function cluster(engine: Engine, name: string): Promise<Cluster | undefined> {
  const deadline = Date.now() + 15_000;
  do await engine.inventory.refresh();
  while (engine.inventory.snapshot.link !== 'live' && Date.now() < deadline);
  return engine.inventory.snapshot.clusters.find(other => other.name === name);
}

/** Names of everything on the engine that belongs to k3d's world, for "nothing is left". */
export async function everything(engine: Engine): Promise<string[]> {
  const { docker } = engine;
  const [containers, networks, volumes] = await Promise.all([
    docker.listContainers(),
    docker.listNetworks(),
    docker.listVolumes(),
  ]);
  return [
    ...containers.map(container => `container ${container.Names?.[0] ?? container.Id}`),
    ...networks
      .filter(network => !['bridge', 'host', 'none'].includes(network.Name))
      .map(network => `network ${network.Name}`),
    ...volumes.map(volume => `volume ${volume.Name}`),
  ].sort();
}

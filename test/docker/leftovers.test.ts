import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../src/engine/apply.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { findLeftovers } from '../../src/engine/leftovers/find.ts';
import type { Leftover } from '../../src/engine/leftovers/leftover.ts';
import { leftoversPlan } from '../../src/engine/leftovers/remove.ts';
import { openEngine } from '../../src/engine/open.ts';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { freePorts } from '../bed/free-ports.ts';
import { type OwnHome, ownHome } from '../bed/own-home.ts';
import { programFile } from '../bed/program.ts';
import { cluster } from '../demo/engine.ts';

const bed = await testDocker();

/** What a k3dui that is killed outright leaves on a real engine; everything else is in test/demo/leftovers.test.ts. */
describe.skipIf(bed.skip || !bed.standIn)('leftovers on a real engine', () => {
  const name = uniqueName('leftov');
  const killed = uniqueName('leftkill');
  let own: OwnHome;
  let engine: Engine;
  let port: number;

  beforeAll(async () => {
    own = await ownHome(bed);
    engine = await openEngine({ env: own.env });
    port = await freePorts(3);
    expect(
      await k3dui(
        'cluster',
        'create',
        name,
        '--image',
        bed.images.K3DUI_TEST_IMAGE,
        '-p',
        `127.0.0.1:${port}:80@loadbalancer`,
      ),
    ).toBe(0);
  });
  afterAll(async () => {
    engine?.close();
    await cleanup(name);
    await cleanup(killed);
    await own?.remove();
  });

  /** Runs a command to its end, or kills it outright as soon as `when` is true. Gives its exit code. */
  const k3dui = async (...args: string[]) => start(args).ended;
  const start = (args: string[]) => {
    const child = spawn(process.execPath, [programFile(), ...args], { env: own.env, stdio: 'ignore' });
    return { child, ended: new Promise<number | null>(resolve => child.on('close', resolve)) };
  };
  const killWhen = async (args: string[], when: () => Promise<boolean>) => {
    const { child, ended } = start(args);
    await until('the moment to kill', async () => ((await when()) ? true : undefined));
    child.kill('SIGKILL');
    await ended;
    // What Docker was told last it still does.
    let before = '';
    await until('Docker to have done what it was told', async () => {
      const now = JSON.stringify([await containers(name), await containers(killed)]);
      const same = now === before;
      before = now;
      await new Promise(resolve => setTimeout(resolve, 400));
      return same || undefined;
    });
  };
  /** Leftovers of these two clusters: others may be at work on this engine. */
  const ours = async (): Promise<Leftover[]> => {
    await engine.inventory.refresh();
    const found = await findLeftovers(engine);
    return found.filter(
      ({ cluster: of, name: own }) => [name, killed].includes(of) || own.includes(name) || own.includes(killed),
    );
  };
  const containers = async (of: string) => {
    const filters = { label: [`k3d.cluster=${of}`] };
    return (await bed.docker.listContainers({ all: true, filters })).map(({ Names }) => Names[0]!.slice(1)).sort();
  };
  const networks = async (of: string) =>
    (await bed.docker.listNetworks()).map(({ Name }) => Name).filter(each => each.startsWith(`k3d-${of}`));

  it('a living cluster has none', async () => {
    expect(await ours()).toEqual([]);
  });

  it('a change of ports that was killed leaves a container and its place; both go, the cluster serves on', async () => {
    const args = ['cluster', 'edit', name, '--port-add', `127.0.0.1:${port + 1}:81@loadbalancer`];
    await killWhen(args, async () => (await containers(name)).length > 2);
    const found = await ours();
    expect(found.map(({ kind }) => kind).sort()).toEqual(['container', 'network']);
    // Nobody can know yet that it was killed.
    expect(found.every(({ fresh }) => fresh?.startsWith('made '))).toBe(true);
    await apply(await leftoversPlan(engine, found), engine).finished;
    expect(await ours()).toEqual([]);
    expect(await containers(name)).toEqual([`k3d-${name}-server-0`, `k3d-${name}-serverlb`]);
    expect(await networks(name)).toEqual([`k3d-${name}`]);
    expect((await cluster(engine, name))!.faults).toEqual([]);
  });

  it('a create that was killed before anything ran is removed whole', async () => {
    const args = ['cluster', 'create', killed, '--image', bed.images.K3DUI_TEST_IMAGE, '--agents', '2'];
    await killWhen(args, async () => (await networks(killed)).length > 0);
    const found = await ours();
    expect(found.length).toBeGreaterThan(0);
    await apply(await leftoversPlan(engine, found), engine).finished;
    // What ran already is a cluster like others, with a server.
    const left = await cluster(engine, killed);
    if (left) expect(left.servers.some(({ state }) => state !== 'created')).toBe(true);
    else {
      expect(await containers(killed)).toEqual([]);
      expect(await networks(killed)).toEqual([]);
    }
  });

  it('a tools node, a network and a volume of a cluster that is gone', async () => {
    await cleanup(killed);
    const labels = { app: 'k3d', 'k3d.cluster': killed };
    await bed.docker.createNetwork({ Name: `k3d-${killed}`, Labels: labels });
    await bed.docker.createVolume({ Name: `k3d-${killed}-images`, Labels: labels });
    const tools = await bed.docker.createContainer({
      name: `k3d-${killed}-tools`,
      Image: bed.images.K3DUI_TEST_IMAGE,
      Labels: { ...labels, 'k3d.role': 'noRole' },
      HostConfig: { NetworkMode: `k3d-${killed}`, Binds: [`k3d-${killed}-images:/k3d/images`] },
    });
    const found = await ours();
    expect(found.map(({ kind, name: own }) => `${kind} ${own}`).sort()).toEqual([
      `container k3d-${killed}-tools`,
      `network k3d-${killed}`,
      `volume k3d-${killed}-images`,
    ]);
    await apply(await leftoversPlan(engine, found), engine).finished;
    expect(await ours()).toEqual([]);
    await expect(tools.inspect()).rejects.toMatchObject({ statusCode: 404 });
  });
});

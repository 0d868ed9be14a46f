import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDocker } from '../../src/docker/connect.ts';
import type { Docker } from '../../src/docker/docker.ts';
import type { Inventory } from '../../src/engine/engine.ts';
import { openInventory } from '../../src/engine/inventory.ts';
import type { Cluster } from '../../src/engine/model.ts';
import { testDocker } from '../bed/docker.ts';

const cluster = `inv${randomBytes(3).toString('hex')}`;
const network = `k3d-${cluster}`;
const bed = await testDocker();
let docker: Docker;

describe.skipIf(bed.skip)('the inventory on a real engine', () => {
  beforeAll(async () => {
    docker = await connectDocker({ env: process.env });
  });

  afterAll(async () => {
    for (const container of await docker.listContainers({ labels: [`k3d.cluster=${cluster}`] })) {
      await docker.removeContainer(container.Id, { force: true });
    }
    await docker.removeNetwork(network);
    docker.close();
  });

  async function node(name: string, role: string): Promise<string> {
    const labels = { app: 'k3d', 'k3d.cluster': cluster, 'k3d.role': role, 'k3d.cluster.network': network };
    return docker.createContainer(`k3d-${cluster}-${name}`, {
      Image: bed.images.K3DUI_TEST_LB_IMAGE,
      Entrypoint: ['sleep', '1000'],
      Labels: labels,
      HostConfig: { NetworkMode: network, Init: true },
    });
  }

  /** Waits until the cluster looks so, told by the inventory alone. */
  function shows(inventory: Inventory, looks: (found: Cluster | undefined) => boolean): Promise<void> {
    return new Promise(resolve => {
      const check = () => {
        if (!looks(inventory.snapshot.clusters.find(found => found.name === cluster))) return;
        stop();
        resolve();
      };
      const stop = inventory.subscribe(check);
      check();
    });
  }

  it('follows a cluster from its network to its end', async () => {
    const inventory = openInventory(docker);
    await shows(inventory, found => found === undefined);
    await docker.createNetwork({ Name: network, Driver: 'bridge', CheckDuplicate: true, Labels: { app: 'k3d' } });
    const server = await node('server-0', 'server');
    const agent = await node('agent-0', 'agent');
    await shows(inventory, found => found?.status === 'stopped' && found.agents.length === 1);
    await docker.startContainer(server);
    await docker.startContainer(agent);
    await shows(inventory, found => found?.status === 'running' && found.servers[0]!.networks[0]?.ip !== '');
    const found = inventory.snapshot.clusters.find(({ name }) => name === cluster)!;
    expect(found.network).toMatchObject({ name: network, subnet: expect.stringMatching(/\/\d+$/) });
    expect(found.faults).toEqual([]);
    expect(found.servers[0]?.id).toBe(server);
    await docker.stopContainer(agent, { timeoutSeconds: 1 });
    await shows(inventory, now => now?.status === 'degraded');
    await docker.removeContainer(server, { force: true });
    await shows(inventory, now => now?.status === 'broken');
    await docker.removeContainer(agent, { force: true });
    await shows(inventory, now => now === undefined);
    inventory.close();
  });

  it('keeps the last picture when the engine goes away, and reads again when it is back', async () => {
    // The road to the engine is closed and opened in its place: the engine itself serves others too.
    const path = join(tmpdir(), `${cluster}.sock`);
    const sockets = new Set<net.Socket>();
    const road = net.createServer(near => {
      const far = net.connect(docker.endpoint.address.slice('unix://'.length));
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one);
        one.on('error', () => {});
        one.on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    const openRoad = () => new Promise<void>(resolve => road.listen(path, resolve));
    await openRoad();
    const through = await connectDocker({ env: {}, host: `unix://${path}` });
    const inventory = openInventory(through, { delays: [20] });
    await new Promise<void>(resolve => {
      const stop = inventory.subscribe(() => {
        if (inventory.snapshot.engine === undefined) return;
        stop();
        resolve();
      });
    });
    const linkIs = (link: string) =>
      new Promise<void>(resolve => {
        const check = () => {
          if (inventory.snapshot.link !== link) return;
          stop();
          resolve();
        };
        const stop = inventory.subscribe(check);
        check();
      });
    const { engine } = inventory.snapshot;
    const closed = new Promise<void>(resolve => road.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
    await linkIs('lost');
    expect(inventory.snapshot.engine).toBe(engine);
    expect(inventory.snapshot.linkError).toMatch(/lost the Docker engine|no Docker engine at/);
    expect(inventory.snapshot.linkHint).toBeTruthy();
    await openRoad();
    await linkIs('live');
    inventory.close();
    through.close();
    road.close();
  });
});

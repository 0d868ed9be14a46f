import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open.ts';
import { cleanup, testDocker, uniqueName } from '../bed/docker.ts';
import { type Fault, type FaultProxy, faultProxy } from '../bed/fault-proxy.ts';
import { runOn } from '../demo/cli-kit.ts';

const bed = await testDocker();

/** What the sweep over the demo engine does with every call, done here with some on a real engine. */
describe.skipIf(bed.skip)('a create whose calls to a real engine go wrong', () => {
  const name = uniqueName('fault');
  let home: string;
  let proxy: FaultProxy;
  let through: Engine;
  let direct: Engine;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'k3dui-fault-'));
    const env = { ...bed.env, HOME: home, KUBECONFIG: join(home, 'kubeconfig'), XDG_STATE_HOME: home };
    proxy = await faultProxy('/var/run/docker.sock');
    direct = await openEngine({ env });
    through = await openEngine({ env, host: proxy.host });
  });
  afterAll(async () => {
    through?.close();
    direct?.close();
    await proxy?.close();
    await cleanup(name);
    await rm(home, { recursive: true, force: true });
  });

  const left = async (): Promise<string[]> => {
    const [containers, networks, volumes] = await Promise.all([
      direct.docker.listContainers(),
      direct.docker.listNetworks(),
      direct.docker.listVolumes({ labels: [`k3d.cluster=${name}`] }),
    ]);
    return [
      ...containers.flatMap(({ Names = [] }) => Names),
      ...networks.map(({ Name }) => Name),
      ...volumes.map(({ Name }) => Name),
    ].filter(found => found.includes(name));
  };
  const args = ['cluster', 'create', name, '--image', bed.images.K3DUI_TEST_IMAGE, '--api-port', '127.0.0.1:random'];

  it.each<[Fault, RegExp]>([
    ['lose', /^POST \/networks\/create/],
    ['lose', /^POST \/containers\/create/],
    ['refuse', /^PUT .*\/archive/],
    ['half', /^GET \/containers\/.*\/json/],
    ['error', /^POST .*serverlb.*\/start|^POST .*\/start/],
  ])('%s at %s: it is whole, or nothing is left of it', async (fault, call) => {
    proxy.strike(fault, call);
    const { code, stdout, stderr } = await runOn(through, args);
    proxy.strike(fault, 0);
    if (code === 0) {
      expect((await runOn(direct, ['cluster', 'list', name, '--no-headers'])).stdout).toMatch(/1\/1 +0\/0 +true/);
      expect((await runOn(direct, ['cluster', 'delete', name])).code).toBe(0);
    } else {
      expect(stderr).toMatch(/FATA/);
    }
    expect(await left(), stdout + stderr).toEqual([]);
  });
});

import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { App } from '../screen/app.ts';
import { expectNoOverflow, expectRestored } from '../screen/checks.ts';

const bed = await testDocker();
const name = uniqueName('screen');

const freePort = () =>
  new Promise<number>(resolve => {
    const server = createServer().listen(0, () => {
      const address = server.address();
      server.close(() => resolve(address && typeof address === 'object' ? address.port : 0));
    });
  });

/** States of the cluster's containers as Docker tells them. */
async function states(): Promise<Record<string, string>> {
  const filters = { label: [`k3d.cluster=${name}`] };
  const containers = await bed.docker.listContainers({ all: true, filters });
  return Object.fromEntries(containers.map(one => [one.Names[0]!.replace('/', ''), one.State]));
}

describe.skipIf(bed.skip)('the app on a real engine', () => {
  afterEach(() => cleanup(name, bed.docker));

  test('creates a cluster with two agents and a port, watches it, stops, starts and deletes it', async () => {
    const port = await freePort();
    await using app = App.start({
      cols: 100,
      rows: 30,
      host: process.env.DOCKER_HOST,
      env: { K3D_IMAGE_LOADBALANCER: bed.images.K3DUI_TEST_LB_IMAGE },
    });
    const { terminal } = app;
    await terminal.waitFor(/\d+ clusters?\s+\d+ nodes?/);

    terminal.press('n');
    await terminal.waitFor(/Name\s+k3s-default/);
    terminal.type(name);
    terminal.press('Down', 'Down', '+', '+');
    await terminal.waitFor(/Agents\s+2/);
    terminal.press('Down', 'Ctrl-U');
    terminal.type(bed.images.K3DUI_TEST_IMAGE);
    terminal.press('Down', 'Down');
    await terminal.waitFor(/▸ Ports/);
    terminal.type(`${port}:80@loadbalancer`);
    terminal.press('Enter');
    await terminal.waitFor('add: 8080:80@loadbalancer');
    terminal.press('Enter');
    await terminal.waitFor('▸ Create ◂');
    expect(terminal.text()).toContain(`k3d-${name}`);
    terminal.press('Enter');
    await terminal.waitFor(new RegExp(`create cluster ${name}: done in`), 150_000);
    expect(await states()).toEqual({
      [`k3d-${name}-server-0`]: 'running',
      [`k3d-${name}-agent-0`]: 'running',
      [`k3d-${name}-agent-1`]: 'running',
      [`k3d-${name}-serverlb`]: 'running',
    });

    // The engine may hold other people's clusters: each step waits for the one before, so that no key goes astray.
    terminal.press('Esc');
    await terminal.waitFor(/╭ Clusters/);
    terminal.press('/');
    await terminal.waitFor('regular expression');
    terminal.type(name);
    terminal.press('Enter');
    await terminal.waitFor(new RegExp(`▸ ${name}\\s+● running\\s+1/1\\s+2/2`));

    terminal.press('Ctrl-K');
    await terminal.waitFor(`Stop cluster ${name}?`);
    terminal.press('y');
    await terminal.waitFor(new RegExp(`stop cluster ${name}: done in`), 90_000);
    expect(new Set(Object.values(await states()))).toEqual(new Set(['exited']));

    terminal.press('Esc');
    await terminal.waitFor(new RegExp(`▸ ${name}\\s+○ stopped`));
    terminal.press('Shift-R');
    await terminal.waitFor(new RegExp(`start cluster ${name}: done in`), 150_000);
    expect(new Set(Object.values(await states()))).toEqual(new Set(['running']));

    terminal.press('Esc');
    await terminal.waitFor(new RegExp(`▸ ${name}\\s+● running`));
    // What somebody else does shows by itself.
    await bed.docker.getContainer(`k3d-${name}-agent-1`).stop({ t: 0 });
    await terminal.waitFor(new RegExp(`▸ ${name}\\s+◐ degraded\\s+1/1\\s+1/2`));

    terminal.press('Ctrl-D');
    await terminal.waitFor(`Delete cluster ${name}?`);
    terminal.press('Tab');
    await terminal.waitFor('▸ Delete ◂');
    terminal.press('Enter');
    await terminal.waitFor(new RegExp(`delete cluster ${name}: done in`), 90_000);
    await until('nothing of the cluster is left', async () => {
      const networks = await bed.docker.listNetworks({ filters: { name: [`k3d-${name}`] } });
      const volumes = await bed.docker.listVolumes({ filters: { name: [`k3d-${name}`] } });
      const left = Object.keys(await states()).length + networks.length + (volumes.Volumes ?? []).length;
      return left === 0 ? true : undefined;
    });

    terminal.press('Ctrl-C');
    await terminal.waitFor(/Clusters/);
    terminal.signal('SIGTERM');
    await terminal.waitExit();
    expectRestored(terminal);
    expectNoOverflow(terminal);
  }, 400_000);

  test('Ctrl-K on the timeline cancels a create, and nothing of it is left', async () => {
    await using app = App.start({
      cols: 100,
      rows: 30,
      host: process.env.DOCKER_HOST,
      env: { K3D_IMAGE_LOADBALANCER: bed.images.K3DUI_TEST_LB_IMAGE },
    });
    const { terminal } = app;
    await terminal.waitFor(/\d+ clusters?\s+\d+ nodes?/);
    terminal.press('n');
    await terminal.waitFor(/Name\s+k3s-default/);
    terminal.type(name);
    terminal.press('Down', 'Down', 'Down', 'Ctrl-U');
    terminal.type(bed.images.K3DUI_TEST_IMAGE);
    terminal.press('Enter');
    await terminal.waitFor('▸ Create ◂');
    terminal.press('Enter');
    await terminal.waitFor(new RegExp(`⟳ create cluster ${name}`));
    await until('a container was made', async () => (Object.keys(await states()).length > 0 ? true : undefined));
    terminal.press('Ctrl-K');
    await terminal.waitFor(/Cancel .*\?/);
    terminal.press('y');
    await terminal.waitFor(/cancelled after/, 60_000);
    expect(await states()).toEqual({});
  });
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDocker } from '../bed/docker.ts';
import { App, runCommand } from '../screen/app.ts';

const COUNT = 30;
const bed = await testDocker();
const prefix = `many${randomBytes(3).toString('hex')}`;
const names = Array.from({ length: COUNT }, (_, index) => `${prefix}-${String(index + 1).padStart(2, '0')}`);

/** Made and never started, which is what a stopped cluster is to Docker; with the labels that k3d gives. */
async function make(name: string): Promise<void> {
  for (const node of ['server-0', 'agent-0']) {
    await bed.docker.createContainer({
      name: `k3d-${name}-${node}`,
      Image: bed.images.K3DUI_TEST_IMAGE,
      Labels: { app: 'k3d', 'k3d.cluster': name, 'k3d.role': node.split('-')[0]! },
      HostConfig: { NetworkMode: 'none' },
    });
  }
}

async function remove(mine: readonly string[]): Promise<void> {
  const filters = { label: ['app=k3d'], name: mine.map(name => `k3d-${name}-`) };
  const containers = await bed.docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => bed.docker.getContainer(Id).remove({ force: true, v: true })));
}

describe.skipIf(bed.skip)('thirty clusters on a real engine', () => {
  beforeAll(async () => {
    for (let at = 0; at < COUNT; at += 6) await Promise.all(names.slice(at, at + 6).map(make));
  });
  afterAll(() => remove([prefix]));

  it('are listed by one command, each with its nodes', async () => {
    const listed = await runCommand(['cluster', 'list', '--no-headers'], '/tmp', process.env.DOCKER_HOST);
    const mine = listed.split('\n').filter(line => line.startsWith(prefix));
    expect(mine.map(line => line.split(/\s+/).slice(0, 3))).toEqual(names.map(name => [name, '0/1', '0/1']));
  });

  it('are shown, filtered and walked through; one that is removed elsewhere goes by itself', async () => {
    await using app = App.start({ cols: 120, rows: 45, host: process.env.DOCKER_HOST });
    const { terminal } = app;
    await terminal.waitFor(/Clusters ─.* \d+ ─╮/);
    terminal.type(`/${prefix}\r`);
    await terminal.waitFor(/ 30 (of \d+ )?· \//);
    for (const name of names) expect(terminal.text()).toMatch(new RegExp(`${name} +○ stopped +0/1 +0/1`));
    terminal.press('G');
    await terminal.waitFor(new RegExp(`▸ ${names.at(-1)}`));
    await remove([names[0]!]);
    await terminal.waitFor(/ 29 (of \d+ )?· \//);
    expect(terminal.text()).not.toContain(names[0]!);
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import { cleanup, testDocker, uniqueName } from '../bed/docker.ts';
import { makeNetwork, startNode } from '../bed/node-container.ts';
import { App } from '../screen/app.ts';
import { expectRestored } from '../screen/checks.ts';

const bed = await testDocker();
const name = uniqueName('shell');

describe.skipIf(bed.skip)('a shell in a node of a real engine', () => {
  afterEach(() => cleanup(name, bed.docker));

  /** A container that only waits, which is enough for a shell. */
  async function aNode(): Promise<string> {
    await makeNetwork(bed, name);
    const container = await startNode(bed, { cluster: name, name: `k3d-${name}-server-0`, command: ['server'] });
    await container.remove({ force: true, v: true });
    const made = await bed.docker.createContainer({
      name: `k3d-${name}-server-0`,
      Image: bed.images.K3DUI_TEST_IMAGE,
      Entrypoint: ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.2; done'],
      Labels: { app: 'k3d', 'k3d.role': 'server', 'k3d.cluster': name },
      HostConfig: { Init: true },
    });
    await made.start();
    return made.id;
  }

  test('in and out ten times, resized in it, and the node killed under it: the app is whole each time', async () => {
    const id = await aNode();
    await using app = App.start({ cols: 100, rows: 30, host: process.env.DOCKER_HOST });
    const { terminal } = app;
    await terminal.waitFor(/\d+ clusters?\s+\d+ nodes?/);
    terminal.type(`:nodes ${name}`);
    terminal.press('Enter');
    await terminal.waitFor(new RegExp(`Nodes of ${name}`));
    const home = new RegExp(`k3d-${name}-server-0.*● running`);
    for (let round = 0; round < 10; round++) {
      terminal.press('s');
      await terminal.waitFor('comes back to k3dui');
      await terminal.waitFor(/[#$] $/m);
      const [cols, rows] = round % 2 === 0 ? [90, 25] : [120, 40];
      terminal.resize(cols, rows);
      // The size reaches the shell a moment after the terminal has it.
      const ask = 'until [ "$(stty size)" = "ROWS COLS" ]; do sleep 0.05; done; echo fits';
      terminal.type(ask.replace('ROWS', String(rows)).replace('COLS', String(cols)));
      terminal.press('Enter');
      await terminal.waitFor(/^fits/m, 15_000);
      terminal.type(`echo here-${round}`);
      terminal.press('Enter');
      // busybox' shell loses a Ctrl-D that comes before its next prompt.
      await terminal.waitFor(new RegExp(`^here-${round}\\s+/ # `, 'm'));
      terminal.press('Ctrl-D');
      await terminal.waitFor(home);
      await terminal.waitFor(/left the shell/);
    }
    terminal.press('s');
    await terminal.waitFor('comes back to k3dui');
    await terminal.waitFor(/[#$] $/m);
    await bed.docker.getContainer(id).kill();
    await terminal.waitFor(new RegExp(`k3d-${name}-server-0.*○ exited`));
    terminal.press('s');
    await terminal.waitFor(/it does not run/);
    terminal.press('q', 'q', 'q');
    expect((await terminal.waitExit()).exitCode).toBe(0);
    expectRestored(terminal);
  });
});

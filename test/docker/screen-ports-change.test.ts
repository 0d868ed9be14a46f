import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { freePorts } from '../bed/free-ports.ts';
import { App, runCommand } from '../screen/app.ts';
import { expectNoOverflow } from '../screen/checks.ts';

const bed = await testDocker();
const name = uniqueName('ports');

/** Runs a web server in a node, on that port of it. */
async function serve(node: string, port: number): Promise<void> {
  const exec = await bed.docker.getContainer(node).exec({
    Cmd: ['sh', '-c', `echo from ${node} > /tmp/index.html; exec busybox httpd -f -p ${port} -h /tmp`],
  });
  await exec.start({ Detach: true });
}

const ask = (port: number): Promise<string | undefined> =>
  fetch(`http://127.0.0.1:${port}/`).then(
    response => response.text(),
    () => undefined,
  );

describe.skipIf(bed.skip)('ports on a real engine, through the screen', () => {
  let ports: number[] = [];
  let home = '';
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'k3dui-home-'));
    const first = await freePorts(4);
    ports = [first, first + 1, first + 2, first + 3];
    process.env.K3D_IMAGE_LOADBALANCER = bed.images.K3DUI_TEST_LB_IMAGE;
    const args = ['--agents', '1', '--image', bed.images.K3DUI_TEST_IMAGE, '--port', `${ports[0]}:80@loadbalancer`];
    await runCommand(['cluster', 'create', name, ...args], home, process.env.DOCKER_HOST);
    await serve(`k3d-${name}-agent-0`, 80);
    await until('the web server answers', () => ask(ports[0]!));
  });
  afterAll(async () => {
    await cleanup(name, bed.docker);
    rmSync(home, { recursive: true, force: true });
  });

  async function opened(): Promise<App> {
    const env = { K3D_IMAGE_LOADBALANCER: bed.images.K3DUI_TEST_LB_IMAGE };
    const app = App.start({ cols: 110, rows: 34, host: process.env.DOCKER_HOST, env });
    const { terminal } = app;
    await terminal.waitFor(/\d+ clusters?\s+\d+ nodes?/);
    await terminal.waitFor(name);
    terminal.type(':');
    await terminal.waitFor(/^ :/m);
    terminal.type(`ports ${name}`);
    terminal.press('Enter');
    await terminal.waitFor(`Ports of ${name}`);
    return app;
  }

  test('says what answers and what does not, of both halves of the path', async () => {
    await using app = await opened();
    const { terminal } = app;
    await terminal.waitFor(new RegExp(`0\\.0\\.0\\.0:${ports[0]} +80/tcp +● server-0 agent-0 +proxy +● open`));
    terminal.press('G', 'k');
    await terminal.waitFor(/6443\/tcp .* API +● open +Kubernetes API/);
    terminal.press('/');
    await terminal.waitFor('regular expression');
    terminal.type('80/tcp');
    terminal.press('Enter');
    await terminal.waitFor('load balancer 80/tcp → server-0, agent-0 80/tcp');
    await terminal.waitFor(/server-0 ○ shut +agent-0 ● open/);
    await terminal.waitFor('1 of 2 nodes answer');
    await terminal.waitFor(/nginx\.conf of .* both files say the same/);
  });

  test('adds a port that answers then, changes its nodes while it runs, and removes it', async () => {
    const [first = 0, added = 0] = ports;
    await using app = await opened();
    const { terminal } = app;
    await terminal.waitFor(new RegExp(`:${first} .*● open`));
    terminal.press('a');
    await terminal.waitFor('another port');
    terminal.type(`${added}:80`);
    terminal.press('Enter');
    await terminal.waitFor(`✓ ${added}:80 is free`);
    terminal.press('Enter');
    await terminal.waitFor('Which nodes');
    terminal.press('Enter');
    await terminal.waitFor(`+ ${added}:80`);
    terminal.press('Enter');
    await terminal.waitFor(new RegExp(`${added}:80 added in .*; ${added} answers, through 1 of 2 nodes`), 60_000);
    expect(await ask(added)).toBe(`from k3d-${name}-agent-0\n`);
    expect(await ask(first)).toBe(`from k3d-${name}-agent-0\n`);

    const lb = (await bed.docker.getContainer(`k3d-${name}-serverlb`).inspect()).Id;
    terminal.press('Esc');
    await terminal.waitFor(new RegExp(`▸ 0\\.0\\.0\\.0:${added}`));
    terminal.press('e');
    await terminal.waitFor('✓ as it is today');
    terminal.press('Enter');
    await terminal.waitFor('Which nodes');
    terminal.press('j', 'j');
    await terminal.waitFor(/▸ agent-0/);
    terminal.press('Enter');
    await terminal.waitFor('Nothing is interrupted');
    terminal.press('Enter');
    await terminal.waitFor('changed without an interruption', 60_000);
    expect((await bed.docker.getContainer(`k3d-${name}-serverlb`).inspect()).Id).toBe(lb);
    terminal.press('Esc');
    await terminal.waitFor(new RegExp(`:${first} +80/tcp +● agent-0 +proxy +● open`));
    await terminal.waitFor(new RegExp(`:${added} +80/tcp +● agent-0 +proxy +● open`));

    terminal.press('Ctrl-D');
    await terminal.waitFor('▸ Cancel ◂');
    terminal.press('Tab');
    await terminal.waitFor('▸ Remove ◂');
    terminal.press('Enter');
    await terminal.waitFor(new RegExp(`${added}:80 removed in .*${added} is closed`), 60_000);
    expect(await ask(added)).toBeUndefined();
    expect(await ask(first)).toBe(`from k3d-${name}-agent-0\n`);
    expectNoOverflow(terminal);
  });

  test('names who has a port: a container that runs, and one that is stopped and wants it', async () => {
    const [, , taken = 0, wanted = 0] = ports;
    const make = (suffix: string, port: number) =>
      bed.docker.createContainer({
        name: `k3d-${name}-${suffix}`,
        Image: bed.images.K3DUI_TEST_LB_IMAGE,
        Entrypoint: ['sleep', '600'],
        Labels: { 'k3d.cluster': name },
        ExposedPorts: { '80/tcp': {} },
        HostConfig: { PortBindings: { '80/tcp': [{ HostPort: String(port) }] } },
      });
    const running = await make('other', taken);
    const stopped = await make('idle', wanted);
    try {
      await running.start();
      await using app = await opened();
      const { terminal } = app;
      terminal.press('a');
      await terminal.waitFor('another port');
      terminal.type(`${taken}:80`);
      terminal.press('Enter');
      await terminal.waitFor(new RegExp(`${taken}/tcp is taken by container k3d-${name}-other`));
      terminal.press('Ctrl-U');
      terminal.type(String(wanted));
      await terminal.waitFor(new RegExp(`${wanted}/tcp is also wanted by k3d-${name}-idle`));
    } finally {
      await running.remove({ force: true });
      await stopped.remove({ force: true });
    }
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open.ts';
import { cleanup, testDocker, uniqueName, until } from '../bed/docker.ts';
import { freePorts } from '../bed/free-ports.ts';
import { exchange, startEcho } from '../bed/interruption.ts';
import { runOn } from '../demo/cli-kit.ts';
import { cluster } from '../demo/engine.ts';

const bed = await testDocker();

describe.skipIf(bed.skip || !bed.standIn)('a cluster kept in a file, on a real engine', () => {
  const name = uniqueName('cfile');
  const twin = `${name}-2`;
  let home: string;
  let file: string;
  let engine: Engine;
  let first: number;
  const run = async (...argv: string[]) => runOn(engine, argv);
  const write = (agents: number, ports: [port: string, filter: string][]) =>
    writeFile(
      file,
      JSON.stringify({
        apiVersion: 'k3d.io/v1alpha5',
        kind: 'Simple',
        metadata: { name },
        agents,
        image: bed.images.K3DUI_TEST_IMAGE,
        ports: ports.map(([port, filter]) => ({ port: `127.0.0.1:${port}`, nodeFilters: [filter] })),
        kubeAPI: { hostIP: '127.0.0.1', hostPort: String(first) },
        env: [{ envVar: 'GREETING=hello world', nodeFilters: ['agents:*'] }],
        options: { k3s: { nodeLabels: [{ label: 'tier=back', nodeFilters: ['agents:*'] }] } },
      }),
    );

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'k3dui-file-'));
    file = join(home, 'k3d.yaml');
    const kubeconfig = join(home, 'kubeconfig');
    const env = { ...bed.env, HOME: home, KUBECONFIG: kubeconfig, XDG_CONFIG_HOME: join(home, 'config') };
    engine = await openEngine({ env });
    first = await freePorts(12);
  });
  afterAll(async () => {
    engine?.close();
    await cleanup(twin);
    await cleanup(name);
    await rm(home, { recursive: true, force: true });
  });

  it('is made, is as asked for, and applying the file again does nothing', async () => {
    await write(1, [
      [`${first + 1}:81`, 'loadbalancer'],
      [`${first + 2}:82`, 'agent:0'],
    ]);
    expect((await run('cluster', 'apply', file)).stdout).toContain(`Cluster '${name}' created`);
    expect(await run('cluster', 'diff', file)).toMatchObject({ code: 0 });
    const before = await bed.docker.listContainers({ all: true, filters: { label: [`k3d.cluster=${name}`] } });
    const again = await run('cluster', 'apply', file);
    expect(again.stdout).toContain('Nothing to do');
    const after = await bed.docker.listContainers({ all: true, filters: { label: [`k3d.cluster=${name}`] } });
    expect(after.map(({ Id }) => Id)).toEqual(before.map(({ Id }) => Id));
  });

  it('an agent more, a port more and a port less: all three while it runs, and what is sent arrives', async () => {
    await write(2, [
      [`${first + 1}:81`, 'loadbalancer'],
      [`${first + 3}:83`, 'agent:1'],
    ]);
    expect(await run('cluster', 'diff', file)).toMatchObject({ code: 1 });
    expect(await run('cluster', 'apply', file)).toMatchObject({ code: 0 });
    expect(await run('cluster', 'diff', file)).toMatchObject({ code: 0, stdout: expect.not.stringContaining('→') });
    await startEcho(bed.docker, `k3d-${name}-agent-1`, { tcp: [83] });
    await until('echo', async () => ((await exchange(first + 3)) ? true : undefined));
    expect(await exchange(first + 2)).toBe(false);
    const added = await bed.docker.getContainer(`k3d-${name}-agent-1`).inspect();
    expect(added.Config.Env).toContain('GREETING=hello world');
    expect(added.Config.Cmd).toEqual(['agent', '--node-label', 'tier=back']);
  });

  it('stopped with a port changed meanwhile: it comes up as the file has it', async () => {
    await run('down', '-c', file, '--stop');
    await write(1, [[`${first + 4}:83`, 'agent:0']]);
    expect(await run('up', '-c', file)).toMatchObject({ code: 0 });
    expect(await run('cluster', 'diff', file)).toMatchObject({ code: 0 });
    const live = await cluster(engine, name);
    expect(live).toMatchObject({ status: 'running', faults: [] });
    expect(live!.agents).toHaveLength(1);
    expect(live!.ports.map(({ hostPort }) => hostPort)).toEqual([first + 4]);
  });

  it('exported it is its own file, and a clone of it stands beside it', async () => {
    const exported = join(home, 'exported.yaml');
    await run('cluster', 'export', name, '-o', exported);
    expect(await run('cluster', 'diff', exported)).toMatchObject({ code: 0 });
    expect(await run('cluster', 'clone', name, twin)).toMatchObject({ code: 0 });
    const copy = await cluster(engine, twin);
    expect(copy).toMatchObject({ status: 'running', agentsRunning: 1 });
    expect(copy!.api).toMatchObject({ hostIP: '127.0.0.1' });
    expect(copy!.ports[0]!.hostPort).toBeGreaterThan(first + 4);
    await run('cluster', 'delete', twin);
    expect((await run('down', '-c', file)).stdout).toContain(`Cluster '${name}' deleted`);
    expect(await cluster(engine, name)).toBeUndefined();
  });
});

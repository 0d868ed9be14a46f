import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runOn } from './cli-kit.ts';
import { type Bench, openBench } from './engine.ts';

describe("variables of k3d's own developers", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('K3D_LOG_NODE_WAIT_LOGS lets a node be heard while it is waited for, and K3D_DEBUG_DISABLE_DOCKER_INIT takes its init process', async () => {
    const env = { ...bench.engine.env, K3D_LOG_NODE_WAIT_LOGS: 'server', K3D_DEBUG_DISABLE_DOCKER_INIT: '1' };
    const { code, stdout } = await runOn({ ...bench.engine, env }, ['cluster', 'create', 'loud', '--trace']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/k3d-loud-server-0: .*level=info/);
    expect(stdout).not.toMatch(/k3d-loud-serverlb: .*nginx/);
    for (const name of ['server-0', 'serverlb']) {
      const { HostConfig } = await bench.engine.docker.inspectContainer(`k3d-loud-${name}`);
      expect(HostConfig.Init).toBe(false);
    }
  });

  it('without them nothing is heard', async () => {
    const { stdout } = await runOn(bench.engine, ['cluster', 'create', 'quiet', '--trace']);
    expect(stdout).not.toContain('level=info');
    expect((await bench.engine.docker.inspectContainer('k3d-quiet-server-0')).HostConfig.Init).toBe(true);
  });
});

import { execFile, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { demoWithClient } from './demo-kit.ts';

const present = spawnSync('docker', ['--version']).status === 0;
if (!present) console.warn('SKIPPED: no docker command on the PATH, the demo engine was not tried with it');

function docker(
  host: string,
  args: string[],
  stdin?: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    const child = execFile('docker', ['-H', host, ...args], { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
    child.stdin?.end(stdin ?? '');
  });
}

describe.skipIf(!present)('the demo engine and the real docker command', () => {
  it('run, ps, exec, cp, logs, stop, rm', async () => {
    const { demo } = await demoWithClient();
    const run = (args: string[], stdin?: string) => docker(demo.host, args, stdin);
    expect((await run(['version', '--format', '{{.Server.Version}}'])).stdout.trim()).toBe('27.5.1');
    expect(
      (await run(['run', '-d', '--init', '--name', 'box', '-p', '127.0.0.1:0:80', 'busybox:1.36', 'sleep', '100']))
        .code,
    ).toBe(0);
    expect((await run(['ps', '--format', '{{.Names}} {{.State}} {{.Ports}}'])).stdout).toMatch(
      /^box running 127\.0\.0\.1:\d+->80\/tcp\n$/,
    );
    expect(
      await run(['exec', '-i', 'box', 'sh', '-c', 'cat > /tmp/in; cat /tmp/in; exit 4'], 'through stdin'),
    ).toMatchObject({ code: 4, stdout: 'through stdin' });
    expect((await run(['exec', 'box', 'nonsense'])).code).toBe(127);
    expect((await run(['cp', 'box:/etc/hostname', '-'])).stdout).toContain('hostname');
    expect(await run(['run', '--rm', 'busybox:1.36', 'echo', 'hello there'])).toMatchObject({
      code: 0,
      stdout: 'hello there\n',
    });
    demo.world.container('box').log.add(1, 'a line');
    expect((await run(['logs', 'box'])).stdout).toBe('a line\n');
    expect((await run(['stop', '-t', '2', 'box'])).code).toBe(0);
    expect((await run(['rm', '-v', 'box'])).code).toBe(0);
    expect((await run(['ps', '-aq'])).stdout).toBe('');
  });

  it('pull, images, network, volume, stats, events, info', async () => {
    const { demo } = await demoWithClient();
    const run = (args: string[]) => docker(demo.host, args);
    expect((await run(['pull', 'alpine:3.20'])).stdout).toContain('Downloaded newer image for alpine:3.20');
    expect((await run(['images', '--format', '{{.Repository}}:{{.Tag}}'])).stdout).toContain('alpine:3.20');
    expect((await run(['pull', 'some/missing'])).stderr).toContain('pull access denied');
    expect((await run(['network', 'create', '--subnet', '172.30.0.0/16', 'mine'])).code).toBe(0);
    expect((await run(['network', 'create', '--subnet', '172.30.1.0/24', 'other'])).stderr).toContain('Pool overlaps');
    expect((await run(['volume', 'create', 'store'])).stdout.trim()).toBe('store');
    await run(['run', '-d', '--name', 'busy', '--network', 'mine', 'busybox:1.36', 'sleep', '100']);
    expect((await run(['network', 'rm', 'mine'])).stderr).toContain('has active endpoints');
    expect((await run(['stats', '--no-stream', '--format', '{{.Name}} {{.CPUPerc}}'])).stdout).toMatch(
      /^busy \d+\.\d+%\n$/,
    );
    // docker sends whole seconds, so `0s` would leave out what just happened.
    const soon = String(Math.floor(Date.now() / 1000) + 1);
    expect(
      (await run(['events', '--since', '5m', '--until', soon, '--format', '{{.Type}} {{.Action}}'])).stdout,
    ).toContain('container start');
    expect((await run(['info', '--format', '{{.OperatingSystem}}'])).stdout.trim()).toBe('k3dui demo');
    expect((await run(['system', 'df'])).code).toBe(0);
  });
});

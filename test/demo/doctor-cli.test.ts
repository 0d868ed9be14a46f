import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import { Shell } from './cli-harness.ts';

interface Report {
  exitCode: number;
  checks: number;
  findings: {
    check: string;
    severity: string;
    cluster: string;
    evidence: string[];
    remedy?: { command: string; automatic: boolean; destructive: boolean };
  }[];
  unchecked: unknown[];
}

describe('doctor and leftovers on the command line', () => {
  let demo: Demo;
  let shell: Shell;

  beforeAll(async () => {
    demo = await startDemo({
      tempo: 0,
      seed: [
        { name: 'well', servers: 1, agents: 0, age: 3 },
        { name: 'old', servers: 1, agents: 1, rebooted: true, age: 90 },
      ],
    });
    shell = new Shell('--host', demo.host);
  });
  afterAll(async () => {
    shell.remove();
    await demo.close();
  });

  const report = async (...args: string[]): Promise<{ code: number | null; report: Report }> => {
    const { code, stdout, stderr } = await shell.run('doctor', ...args, '-o', 'json');
    expect(stderr).toBe('');
    return { code, report: JSON.parse(stdout) };
  };

  test('a healthy cluster exits with 0 and says how much was looked at', async () => {
    const { code, stdout } = await shell.run('doctor', 'well');
    expect(stdout).toMatch(/^Nothing is wrong: \d+ checks in [\d.]+ s\n$/);
    expect(code).toBe(0);
    expect((await report('well')).report).toMatchObject({ exitCode: 0, findings: [], unchecked: [] });
  });

  test('a warning exits with 2, a problem with 3, an unknown cluster with 1', async () => {
    const warned = await report();
    expect(warned).toMatchObject({ code: 2, report: { exitCode: 2 } });
    expect(warned.report.findings).toMatchObject([
      { check: 'dns.host', severity: 'warning', cluster: 'old', remedy: { automatic: true, destructive: false } },
    ]);
    demo.world.machine.diskFree = 1;
    const bad = await report();
    expect(bad).toMatchObject({ code: 3, report: { exitCode: 3 } });
    expect(bad.report.findings[0]).toMatchObject({ check: 'engine.disk', remedy: { automatic: false } });
    demo.world.machine.diskFree = demo.world.machine.diskTotal / 2;
    const { code, stderr } = await shell.run('doctor', 'wel');
    expect(code).toBe(1);
    expect(stderr).toContain("did you mean 'well'?");
  });

  test('--fix --dry-run shows the steps and does nothing; --fix carries them out and looks again', async () => {
    const dry = await shell.run('doctor', 'old', '--fix', '--dry-run');
    expect(dry.stdout).toContain('put host.k3d.internal back in old:');
    expect((await report('old')).code).toBe(2);
    const { code, stdout } = await shell.run('doctor', 'old', '--fix');
    expect(stdout).toContain('Done: put host.k3d.internal back in old');
    expect(stdout).toMatch(/Nothing is wrong: \d+ checks/);
    expect(code).toBe(0);
  });

  test('what would lose something is not done by --fix', async () => {
    await shell.run('node', 'delete', 'old-server-0', '--force', '--drain=false');
    const { code, stdout } = await shell.run('doctor', 'old', '--fix');
    expect(stdout).toContain('k3dui cluster delete old   (loses something: not by --fix)');
    expect(code).toBe(3);
    expect([...demo.world.containers.values()].map(({ name }) => name)).toContain('k3d-old-agent-0');
  });

  test('help explains the exit code', async () => {
    const { stdout } = await shell.run('doctor', '--help');
    expect(stdout).toMatch(
      /Exit code: 0 nothing found, or only notes; 2 warnings.*3 problems; 1 the command itself failed/s,
    );
  });

  test('leftovers are listed with the reason, named ones removed, new ones only when told to', async () => {
    const folder = join(shell.home, 'config');
    mkdirSync(join(folder, '.k3d-gone-server-0'), { recursive: true });
    writeFileSync(join(folder, '.k3d-gone-server-0', 'meminfo'), 'MemTotal: 1 kB');
    const list = await shell.run('leftovers');
    expect(list.stdout).toMatch(/^KIND {3,}NAME/);
    expect(list.stdout).toMatch(/container +k3d-old-agent-0 +old .*which has no server left/);
    expect(list.stdout).toMatch(/folder .*\.k3d-gone-server-0 .*made \d+ s ago/);
    expect(list.stdout).not.toContain('k3d-well');
    const json = JSON.parse((await shell.run('leftovers', 'list', '-o', 'json')).stdout) as { name: string }[];
    expect(json.map(({ name }) => name)).toContain('k3d-old-agent-0');

    const dry = await shell.run('leftovers', 'remove', 'k3d-old-agent-0', '--dry-run');
    expect(dry.stdout).toContain('1  Remove k3d-old-agent-0');
    expect(demo.world.findContainer('k3d-old-agent-0')).toBeDefined();
    const one = await shell.run('leftovers', 'remove', 'k3d-old-agent-0');
    expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('Removed 1 of 1 leftovers') });
    expect(demo.world.findContainer('k3d-old-agent-0')).toBeUndefined();

    const all = await shell.run('leftovers', 'remove', '--all');
    expect(all.stdout).toMatch(/Left folder .*\.k3d-gone-server-0 alone: made/);
    const rest = JSON.parse((await shell.run('leftovers', 'list', '-o', 'json')).stdout) as { name: string }[];
    expect(rest.map(({ name }) => name)).toEqual([join(folder, '.k3d-gone-server-0')]);
    await shell.run('leftovers', 'remove', '--all', '--fresh');
    expect((await shell.run('leftovers')).stdout).toContain('Nothing is left over');
  });

  test('what is not left over cannot be removed by this name', async () => {
    const { code, stderr } = await shell.run('leftovers', 'remove', 'k3d-well-server-0');
    expect(code).toBe(1);
    expect(stderr).toContain("'k3d-well-server-0' is not left over");
    expect((await shell.run('leftovers', 'remove')).stderr).toContain('nothing is named');
    expect((await shell.run('leftovers', 'remove', 'x', '--all')).stderr).toContain('exclude each other');
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Shell } from './cli-harness.ts';
import { type Bench, create, openBench, spec } from './engine.ts';

const SERVER = 'k3d-demo-server-0';
const AGENT = 'k3d-demo-agent-0';

let bench: Bench;
let shell: Shell;
beforeAll(async () => {
  bench = await openBench();
  await (await create(bench.engine, spec('demo', { agents: 1 }))).finished;
  shell = new Shell('--host', bench.demo.host);
  say(SERVER, 'time="2026-11-23T05:27:38Z" level=info msg="first"');
  say(AGENT, 'E1123 05:27:43.591230 1 x.go:1] second');
  say(SERVER, 'third \x1b[2J');
});
afterAll(async () => {
  shell.remove();
  await bench.close();
});

const say = (name: string, text: string): void => bench.demo.world.container(name).log.add(2, `${text}\n`);

describe('node logs', () => {
  it('prints the log of a node as it came, and its last lines only when asked so', async () => {
    const all = await shell.run('node', 'logs', 'demo-server-0');
    expect(all.code).toBe(0);
    expect(all.stdout).toMatch(/level=info msg="first"\nthird \x1b\[2J\n$/);
    const last = await shell.run('node', 'logs', SERVER, '--tail', '1');
    expect(last.stdout).toBe('third \x1b[2J\n');
  });

  it('prints several in time order with their names, with times when asked', async () => {
    const { stdout } = await shell.run('node', 'logs', SERVER, AGENT, '--tail', '2', '--timestamps');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter(line => /first|second|third/.test(line)).map(line => line.split(' ')[0])).toEqual([
      SERVER,
      AGENT,
      SERVER,
    ]);
    const times = lines.map(line => /\| (\S+Z) /.exec(line)?.[1] ?? 'none');
    expect(times).toEqual([...times].sort());
  });

  it('leaves out what does not match, or what does', async () => {
    const kept = await shell.run('cluster', 'logs', 'demo', '--grep', 'SECOND|third');
    expect(kept.stdout.trimEnd().split('\n')).toHaveLength(2);
    const hidden = await shell.run('node', 'logs', SERVER, '--grep', 'third', '--invert-match');
    expect(hidden.stdout).toContain('first');
    expect(hidden.stdout).not.toContain('third');
  });

  it('takes only what was logged since', async () => {
    expect((await shell.run('node', 'logs', SERVER, '--since', '1h')).stdout).toContain('first');
    const later = new Date(Date.now() + 60_000).toISOString();
    expect((await shell.run('node', 'logs', SERVER, '--since', later)).stdout).toBe('');
  });

  it('follows until it is interrupted', async () => {
    const running = shell.start(['node', 'logs', SERVER, AGENT, '-f', '--tail', '1']);
    await running.said('third');
    say(AGENT, 'said while it was followed');
    await running.said('said while it was followed');
    running.signal('SIGINT');
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toBe('');
  });

  it('follows until the node has stopped, and says how it ended', async () => {
    await (await create(bench.engine, spec('other'))).finished;
    const running = shell.start(['node', 'logs', 'k3d-other-server-0', '-f']);
    await running.said('k3s');
    await bench.engine.docker.stopContainer('k3d-other-server-0');
    const { code, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('k3d-other-server-0 stopped, exit code');
  });

  it('exports the logs of a whole cluster into a folder', async () => {
    const folder = join(shell.home, 'out');
    const { code, stdout } = await shell.run('cluster', 'logs', 'demo', '--output', folder);
    expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([`${AGENT}.log`, `${SERVER}.log`, 'k3d-demo-serverlb.log']);
    expect(readFileSync(join(folder, `${AGENT}.log`), 'utf8')).toContain('second');
    expect(stdout).toContain(join(folder, `${SERVER}.log`));
  });

  it.each([
    [['node', 'logs', 'nope'], 'no node named'],
    [['cluster', 'logs', 'nope'], 'no cluster named'],
    [['node', 'logs', SERVER, '--since', 'yesterday'], '--since'],
    [['node', 'logs', SERVER, '--tail', 'x'], '--tail'],
    [['node', 'logs', SERVER, '--grep', '('], '--grep'],
    [['node', 'logs', SERVER, '--output', 'x', '--follow'], '--output'],
    [['node', 'logs'], 'NAME'],
  ])('refuses %j and says why', async (args, why) => {
    const { code, stderr } = await shell.run(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(why);
  });
});

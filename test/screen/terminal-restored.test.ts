import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { programFile } from '../bed/program.ts';
import { App, appEnvironment, createFirst, demoWith } from './app.ts';
import { expectRestored } from './checks.ts';
import { Terminal } from './terminal.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await demoWith([['alpha']]);
});
afterAll(() => demo.close());

async function started(env: Record<string, string> = {}): Promise<App> {
  const app = App.start({ host: demo.host, env });
  await app.terminal.waitFor(/alpha\s+● running/);
  return app;
}

describe('the terminal is as it was', () => {
  test.each(['q', 'Ctrl-C'])('after %s', async key => {
    await using app = await started();
    app.terminal.press(key);
    expect((await app.terminal.waitExit()).exitCode).toBe(0);
    expectRestored(app.terminal);
  });

  test('after :q', async () => {
    await using app = await started();
    app.terminal.type(':');
    app.terminal.type('q\r');
    expect((await app.terminal.waitExit()).exitCode).toBe(0);
    expectRestored(app.terminal);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('after %s', async (signal, code) => {
    await using app = await started();
    app.terminal.signal(signal);
    expect((await app.terminal.waitExit()).exitCode).toBe(code);
    expectRestored(app.terminal);
  });

  test('after SIGTERM over an open dialog', async () => {
    await using app = await started();
    app.terminal.press('n');
    await app.terminal.waitFor('Create a cluster');
    app.terminal.signal('SIGTERM');
    expect((await app.terminal.waitExit()).exitCode).toBe(143);
    expectRestored(app.terminal);
  });

  test('after a crash, which then says what happened', async () => {
    // Nothing in the program crashes on demand, so a module loaded before it does.
    await using app = await started();
    const crash = join(app.home, 'crash.mjs');
    writeFileSync(crash, "process.on('SIGUSR2', () => { throw new Error('deliberate crash'); });");
    await using crashing = await started({ NODE_OPTIONS: `--import=${crash}` });
    crashing.terminal.signal('SIGUSR2');
    expect((await crashing.terminal.waitExit()).exitCode).toBe(1);
    expectRestored(crashing.terminal);
    expect(crashing.terminal.text()).toContain('deliberate crash');
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('after %s in the middle of an operation, which is undone', async signal => {
    const slow = await demoWith([], 1);
    try {
      slow.faults.add({ match: 'POST /containers/create', nth: 2, times: Infinity, action: 'stall' });
      await using app = App.start({ host: slow.host });
      const { terminal } = app;
      await createFirst(terminal);
      await terminal.waitFor(/⟳ create cluster/);
      terminal.signal(signal);
      const { exitCode } = await terminal.waitExit(30_000);
      expect(exitCode).toBe(signal === 'SIGTERM' ? 143 : 129);
      expectRestored(terminal);
      expect(slow.world.containers.size).toBe(0);
      expect([...slow.world.networks.values()].map(network => network.name)).not.toContain('k3d-k3s-default');
    } finally {
      await slow.close();
    }
  });

  test('while it is suspended, and it comes back whole', async () => {
    await using app = await started();
    const env = appEnvironment(app.home, demo.host);
    await using shell = Terminal.start('bash', ['--norc', '--noprofile', '-i'], { env: { ...env, PS1: 'shell> ' } });
    await shell.waitFor('shell>');
    shell.type(`'${process.execPath}' '${programFile()}'\r`);
    await shell.waitFor(/alpha\s+● running/);
    shell.type(':');
    shell.type('suspend\r');
    await shell.waitFor(/Stopped[\s\S]*shell>\s*$/);
    expect(shell.state()).toMatchObject({ alternateScreen: false, cursorVisible: true, mouse: 'none', autoWrap: true });
    shell.type('echo typed "$((6*7))"\r');
    await shell.waitFor('typed 42');
    shell.resize(100, 30);
    shell.type('fg\r');
    await shell.waitFor(/alpha\s+● running/);
    await shell.waitFor(rows => rows.findLastIndex(row => row.includes('╰')) === 28);
    shell.press('d');
    await shell.waitFor(/alpha/);
    shell.press('q', 'q');
    await shell.waitFor(/shell>\s*$/);
    shell.type('exit\r');
    await shell.waitExit();
    expectRestored(shell);
  });
});

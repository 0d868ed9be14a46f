import { join } from 'node:path';
import { expect, test } from 'vitest';
import { App, demoWith } from './app.ts';
import { expectRestored } from './checks.ts';

test('an engine that dies leaves the last picture, and comes back by itself', async () => {
  const demo = await demoWith([['alpha']]);
  try {
    await using app = App.start({ host: demo.host, cols: 100, rows: 30 });
    const { terminal } = app;
    await terminal.waitFor(/alpha\s+● running/);
    await demo.die();
    await terminal.waitFor(/engine lost/);
    expect(terminal.text()).toMatch(/alpha\s+● running/);

    terminal.press('Ctrl-D');
    await terminal.waitFor(/cannot be reached/);
    // What was found before is not said of an engine that cannot be asked.
    terminal.type(':doctor');
    terminal.press('Enter');
    await terminal.waitFor('The engine is lost; it is asked again until it answers.');
    terminal.press('Esc');
    await terminal.waitFor(/╭ Clusters /);
    await demo.revive();
    await terminal.waitGone(/engine lost/, 20_000);
    terminal.press('Ctrl-D');
    await terminal.waitFor(/Delete cluster alpha\?/);
    terminal.press('Esc');
    await terminal.waitGone(/Delete cluster alpha\?/);
    terminal.press('q');
    await terminal.waitExit();
    expectRestored(terminal);
  } finally {
    await demo.close();
  }
});

test('an engine that no longer answers is noticed although its connections stand', async () => {
  const demo = await demoWith([['alpha']]);
  try {
    await using app = App.start({ host: demo.host, cols: 100, rows: 30 });
    const { terminal } = app;
    await terminal.waitFor(/alpha\s+● running/);
    demo.freeze();
    await terminal.waitFor(/engine lost/, 60_000);
    demo.resume();
    await terminal.waitGone(/engine lost/, 60_000);
  } finally {
    await demo.close();
  }
}, 150_000);

test('without an engine it says so, says how to get one, and offers the demo with one key', async () => {
  await using app = App.start({ host: 'unix:///tmp/k3dui-no-such.sock', cols: 80, rows: 12 });
  const { terminal } = app;
  await terminal.waitFor(/No Docker engine answers/);
  expect(terminal.text()).toContain('/tmp/k3dui-no-such.sock');
  expect(terminal.text()).toMatch(/D\s+start the demo/);
  terminal.press('Shift-D');
  await terminal.waitFor(/ DEMO /);
  await terminal.waitFor(/Clusters/);
  terminal.press('q');
  expect((await terminal.waitExit()).exitCode).toBe(0);
  expectRestored(terminal);
});

test('without an engine it finds the one that is started later', async () => {
  const demo = await demoWith([['alpha']]);
  try {
    await demo.die();
    await using app = App.start({ host: demo.host });
    await app.terminal.waitFor(/No Docker engine answers/);
    await demo.revive();
    await app.terminal.waitFor(/alpha\s+● running/, 20_000);
  } finally {
    await demo.close();
  }
});

test('a change made elsewhere shows by itself', async () => {
  const demo = await demoWith([['alpha']]);
  const { runCommand } = await import('./app.ts');
  try {
    await using app = App.start({ host: demo.host });
    await app.terminal.waitFor(/alpha\s+● running/);
    await runCommand(['cluster', 'stop', 'alpha'], app.home, demo.host);
    await app.terminal.waitFor(/alpha\s+○ stopped/);
    await runCommand(['cluster', 'create', 'beta', '--no-lb'], join(app.home), demo.host);
    await app.terminal.waitFor(/beta\s+● running/);
  } finally {
    await demo.close();
  }
});

import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from '../../src/demo/demo.ts';
import { App, demoWith } from './app.ts';
import { expectNoOverflow, expectRestored } from './checks.ts';

/** What a person does to nodes, with nothing but the keyboard. */
describe.each([
  [80, 24],
  [160, 45],
])('at %i×%i', (cols, rows) => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await demoWith([['demo', '--agents', '1', '-p', '17085:80@loadbalancer']], 0.1);
  });
  afterAll(() => demo.close());

  test('nodes are seen with readiness and load, added, looked at, stopped, started and deleted', async () => {
    await using app = App.start({ cols, rows, host: demo.host });
    const { terminal } = app;
    await terminal.waitFor(/demo\s+● running/);
    terminal.type(':nodes demo');
    terminal.press('Enter');
    await terminal.waitFor(/k3d-demo-server-0.*● Ready v1\.\d+/, 20_000);
    await terminal.waitFor(/k3d-demo-agent-0.*\d+%/, 20_000);

    terminal.press('a');
    await terminal.waitFor('Add nodes to demo');
    terminal.press('Space');
    await terminal.waitFor(/keeps its data in SQLite/);
    terminal.press('Space', 'Tab');
    terminal.type('2');
    await terminal.waitFor(/How many\s+2/);
    terminal.press('Enter');
    await terminal.waitFor(/▸ Add ◂/);
    terminal.press('End');
    await terminal.waitFor(/\$ k3dui node create demo-agent -c demo --replicas 2/);
    terminal.press('Enter');
    await terminal.waitFor(/add 2 agents to demo: done in/, 60_000);
    terminal.press('Esc');
    await terminal.waitFor(/k3d-demo-agent-2.*● Ready/, 20_000);

    terminal.press('G', 'g');
    terminal.type('/agent-2');
    terminal.press('Enter');
    await terminal.waitFor(/1 of \d+/);
    terminal.press('d');
    await terminal.waitFor(/Node k3d-demo-agent-2/);
    await terminal.waitFor(/Entry point/, 20_000);
    terminal.type('/provider|K3S_TOKEN|KubeletReady');
    terminal.press('Enter');
    await terminal.waitFor(/cloud-provider=external/, 20_000);
    await terminal.waitFor(/K3S_TOKEN=•+|K3S_TOKEN=\S*hidden/i);
    terminal.press('Esc', 'Esc');
    await terminal.waitFor(/Nodes of demo/);

    terminal.press('Ctrl-K');
    await terminal.waitFor(/Stop node k3d-demo-agent-2\?/);
    terminal.press('y');
    await terminal.waitFor(/stop node k3d-demo-agent-2: done in/, 60_000);
    terminal.press('Esc');
    await terminal.waitFor(/k3d-demo-agent-2.*○ exited/);
    terminal.press('Shift-R');
    await terminal.waitFor(/start node k3d-demo-agent-2: done in/, 60_000);
    terminal.press('Esc');
    await terminal.waitFor(/k3d-demo-agent-2.*● running/);

    terminal.press('Ctrl-D');
    await terminal.waitFor(/Delete node k3d-demo-agent-2\?/);
    expect(terminal.text()).toMatch(/drained/);
    await terminal.waitFor('▸ Cancel ◂');
    terminal.press('Tab');
    await terminal.waitFor('▸ Delete ◂');
    terminal.press('Enter');
    await terminal.waitFor(/delete node k3d-demo-agent-2: done in/, 60_000);
    terminal.press('Ctrl-C', 'q');
    expectNoOverflow(terminal);
  });

  test('a shell in a node takes the terminal and gives it back, ten times', async () => {
    await using app = App.start({ cols, rows, host: demo.host });
    const { terminal } = app;
    await terminal.waitFor(/demo\s+● running/);
    terminal.type(':nodes demo');
    terminal.press('Enter');
    await terminal.waitFor(/k3d-demo-server-0.*● Ready/, 20_000);
    for (let round = 0; round < 10; round++) {
      terminal.press('s');
      await terminal.waitFor('comes back to k3dui');
      await terminal.waitFor(/# /);
      terminal.type(`echo round-${round}`);
      terminal.press('Enter');
      await terminal.waitFor(new RegExp(`^round-${round}`, 'm'));
      terminal.type('exit');
      terminal.press('Enter');
      await terminal.waitFor(/left the shell in k3d-demo-/);
      await terminal.waitFor(/k3d-demo-server-0.*● Ready/);
    }
    // What was typed into the shell did not reach the app: it is where it was.
    expect(terminal.text()).toContain('Nodes of demo');
    terminal.press('q', 'q', 'q');
    expect((await terminal.waitExit()).exitCode).toBe(0);
    expectRestored(terminal);
  });
});

test('pods that wait for room are a fault of their cluster, and an agent is one key away', async () => {
  const demo = await demoWith([['full']], 0.1);
  try {
    const server = [...demo.world.containers.values()].find(({ name }) => name.includes('server-0'))!;
    const docker = new Docker({ socketPath: demo.host.replace('unix://', '') });
    const exec = await docker
      .getContainer(server.id)
      .exec({ Cmd: ['kubectl', 'apply', '-f', '-'], AttachStdin: true, AttachStdout: true });
    const stream = await exec.start({ hijack: true, stdin: true });
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/1 nodes are available: 1 Insufficient memory.',
    };
    const status = { phase: 'Pending', conditions: [condition] };
    stream.end(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'big' }, spec: {}, status }));
    await new Promise(resolve => stream.on('end', resolve).resume());

    await using app = App.start({ cols: 110, rows: 30, host: demo.host });
    const { terminal } = app;
    await terminal.waitFor(/full\s+● running.*pod default\/big waits/, 20_000);
    await terminal.waitFor(/waits for memory: \+ adds an agent/);
    terminal.press('+');
    await terminal.waitFor('Add nodes to full');
    terminal.press('Enter');
    await terminal.waitFor(/▸ Add ◂/);
    terminal.press('Enter');
    await terminal.waitFor(/add k3d-full-agent-0 to full: done in/, 60_000);
  } finally {
    await demo.close();
  }
});

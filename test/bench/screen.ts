import { setTimeout as sleep } from 'node:timers/promises';
import { App } from '../screen/app.ts';
import type { Terminal } from '../screen/terminal.ts';
import { demoInThread } from './demo-worker.ts';
import { cpuSeconds, residentMegabytes, summarise, time } from './measure.ts';

const KEYS = 300;

/** An engine tells what happened in its last seconds: as long as that is the making of all its clusters, it is not at rest. Milliseconds. */
const SETTLING = 6000;

/** Key to painted frame, memory and processor time at rest: with 300 clusters, and with 2,000 nodes. */
export async function benchScreen(): Promise<string[][]> {
  return [...(await threeHundredClusters()), ...(await twoThousandNodes())];
}

async function threeHundredClusters(): Promise<string[][]> {
  const demo = await demoInThread(300, 3);
  await sleep(SETTLING);
  try {
    await using app = App.start({ host: demo.host, cols: 160, rows: 45 });
    await app.terminal.waitFor(/load-0001/, 20_000);
    const paint = await keyToPaint(app.terminal, row => `load-${String(row + 1).padStart(4, '0')}`);
    const memory = `${residentMegabytes(app.terminal.pid)} MB`;
    return [['key to painted frame, 300 clusters, 1,500 nodes', `${paint}, ${memory}`, 'aim: p99 < 16 ms', '']];
  } finally {
    await demo.close();
  }
}

/** Down and up again; `median, p99`. `nameAt`: what the n-th row begins with. */
async function keyToPaint(terminal: Terminal, nameAt: (row: number) => string): Promise<string> {
  const paints: number[] = [];
  for (let i = 1; i <= KEYS; i++) {
    const row = i <= KEYS / 2 ? i : KEYS - i;
    // The load graphs move by themselves: what counts is the mark before the row that the key selects.
    const drawn = new Promise<void>(resolve => {
      let output = '';
      terminal.onOutput = data => {
        output += data;
        if (output.includes(`▸ ${nameAt(row)}`)) resolve();
      };
    });
    const begin = performance.now();
    terminal.type(i <= KEYS / 2 ? 'j' : 'k');
    await drawn;
    paints.push(performance.now() - begin);
    terminal.onOutput = undefined;
    await sleep(25);
  }
  const { median, p99 } = summarise(paints);
  return `${time(median)}, p99 ${time(p99)}`;
}

async function twoThousandNodes(): Promise<string[][]> {
  // Each of these has a server, an agent and a load balancer.
  const demo = await demoInThread(667);
  await sleep(SETTLING);
  const rows: string[][] = [];
  try {
    await using app = App.start({ host: demo.host, cols: 160, rows: 45 });
    const { terminal } = app;
    await terminal.waitFor(/load-0001/, 20_000);
    terminal.type(':nodes\r');
    await terminal.waitFor(/k3d-load-0001-server-0/, 20_000);
    rows.push(['key to painted frame, 2,001 nodes', await keyToPaint(terminal, nodeAt), 'aim: p99 < 16 ms', '']);

    terminal.type(':clusters\r');
    await terminal.waitFor(/API/, 20_000);
    await sleep(3000);
    const before = cpuSeconds(terminal.pid);
    await sleep(20_000);
    const share = ((cpuSeconds(terminal.pid) - before) / 20) * 100;
    rows.push([
      'at rest for 20 s, 667 clusters, 2,001 nodes',
      `${share.toFixed(2)} % of one core, ${residentMegabytes(terminal.pid)} MB`,
      '',
      '',
    ]);
  } finally {
    await demo.close();
  }
  return rows;
}

/** Name of the n-th node in the list of all: each cluster has three. */
function nodeAt(row: number): string {
  const cluster = String(Math.floor(row / 3) + 1).padStart(4, '0');
  return `k3d-load-${cluster}-${['server-0', 'agent-0', 'serverlb'][row % 3]}`;
}

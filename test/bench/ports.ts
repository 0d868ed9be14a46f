import { join } from 'node:path';
import Docker from 'dockerode';
import { cleanup, uniqueName, until } from '../bed/docker.ts';
import { freePorts } from '../bed/free-ports.ts';
import { exchange, type Interruption, startEcho, watchInterruption } from '../bed/interruption.ts';
import { spread, summarise, timeProcess } from './measure.ts';

const RUNS = 5;
const HELD = 20;

/**
 * Ports of a running cluster changed by the command, while a client holds 20 connections to another port and asks over a
 * new one every 10 ms. Rows of the report: how long that port was dead, and the whole command.
 */
export async function benchPorts(dist: string, env: NodeJS.ProcessEnv): Promise<string[][]> {
  const docker = new Docker();
  const name = uniqueName('benchports');
  const first = await freePorts(2);
  const k3dui = (...words: string[]) => timeProcess(process.execPath, [join(dist, 'k3dui.js'), ...words], env);
  const added: { seen: Interruption; took: number }[] = [];
  const live: { seen: Interruption; took: number }[] = [];
  try {
    const nodes = [`k3d-${name}-server-0`, ...[0, 1, 2].map(i => `k3d-${name}-agent-${i}`)];
    await k3dui(
      'cluster',
      'create',
      name,
      '--image',
      env.K3DUI_TEST_IMAGE!,
      '--agents',
      '3',
      '-p',
      `${first}:80@agent:0`,
    );
    for (const node of nodes) await startEcho(docker, node, { tcp: [80, 81] });
    await until('an answer', async () => ((await exchange(first)) ? true : undefined));
    const edit = async (into: typeof added, ...words: string[]) => {
      let took = 0;
      const seen = await watchInterruption(first, HELD, async () => {
        took = await k3dui('cluster', 'edit', name, ...words);
      });
      into.push({ seen, took });
    };
    for (let run = 0; run < RUNS; run++) {
      await edit(added, run % 2 === 0 ? '--port-add' : '--port-delete', `${first + 1}:81@agent:0`);
    }
    for (const filter of ['agent:1', 'agent:2', 'server:0']) await edit(live, '--port-add', `${first}:80@${filter}`);
  } finally {
    await cleanup(name, docker);
  }
  const row = (what: string, runs: typeof added, beside: string) => [
    what,
    spread(summarise(runs.map(({ seen }) => seen.deadMs))),
    beside,
    `${Math.max(...runs.map(({ seen }) => seen.cut))} of ${HELD} held connections cut`,
  ];
  return [
    row('port added or deleted: other ports dead', added, 'k3d 6.8 s'),
    ['port added or deleted: the whole command', spread(summarise(added.map(({ took }) => took))), 'k3d 16.9 s', ''],
    row('nodes behind a port changed: that port dead', live, 'aim: 0'),
    ['nodes behind a port changed: the whole command', spread(summarise(live.map(({ took }) => took))), '', ''],
  ];
}

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { startDemo } from '../../src/demo/demo.ts';
import { clusterOf } from '../../src/demo/programs/k3s.ts';
import type { KubeStore } from '../../src/demo/programs/kubernetes-objects.ts';
import { makeObject } from '../../src/demo/programs/kubernetes-objects.ts';
import { seed } from '../../src/demo/seed.ts';
import { freePorts } from '../bed/free-ports.ts';
import { App } from '../screen/app.ts';
import { spread, summarise } from './measure.ts';

const SERVICES = 1000;
const RUNS = 7;
const CHANGES = 15;
/** The kernel counts processor time in these, in milliseconds. */
const TICK = 10;

/** A cluster of a thousand Services: the expose screen from its key to the painted list, in a program that just started; and one change to its painted row. */
export async function benchExpose(): Promise<string[][]> {
  const apiPort = await freePorts(1);
  const worker = new Worker(new URL(import.meta.url), { workerData: { expose: { apiPort } } });
  const [host] = (await once(worker, 'message')) as [string];
  const opened: number[] = [];
  const openedCpu: number[] = [];
  const changed: number[] = [];
  let changedCpu = 0;
  try {
    for (let run = 0; run <= RUNS; run++) {
      await using app = App.start({ host, cols: 160, rows: 45 });
      const { terminal } = app;
      await terminal.waitFor(/many\s+● running/, 20_000);
      // What starting left to do is done.
      await sleep(1000);
      terminal.type(':expose many');
      await terminal.waitFor(':expose many');
      await sleep(200);
      const cpu = cpuTime(terminal.pid);
      const took = await untilPainted(app, 'lb-000', () => terminal.press('Enter'));
      if (run > 0) {
        opened.push(took);
        openedCpu.push(cpuTime(terminal.pid) - cpu);
      }
      if (run < RUNS) continue;
      await terminal.waitFor(/lb-000 +LoadBalancer +.*closed/, 20_000);
      await sleep(1000);
      const before = cpuTime(terminal.pid);
      for (let i = 1; i <= CHANGES; i++) {
        const port = 40_000 + i;
        changed.push(await untilPainted(app, String(port), () => worker.postMessage(port)));
        await sleep(200);
      }
      changedCpu = (cpuTime(terminal.pid) - before) / CHANGES;
    }
  } finally {
    worker.postMessage('close');
    await once(worker, 'exit');
  }
  const cpu = summarise(openedCpu).median;
  return [
    ['expose, 1,000 Services: key to painted list', spread(summarise(opened)), 'aim: 300 ms', `${cpu} ms of one core`],
    [
      'expose, 1,000 Services: a change to its painted row',
      spread(summarise(changed)),
      '',
      `${Math.round(changedCpu)} ms of one core`,
    ],
  ];
}

/** Milliseconds until what the program writes has the text in it. */
async function untilPainted({ terminal }: App, text: string, act: () => void): Promise<number> {
  const painted = new Promise<void>(resolve => {
    let output = '';
    terminal.onOutput = data => {
      output += data;
      if (output.includes(text)) resolve();
    };
  });
  const begin = performance.now();
  act();
  await painted;
  terminal.onOutput = undefined;
  return performance.now() - begin;
}

/** Processor time of a process, in milliseconds. */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/** In each of 20 namespaces an app, to which 50 Services lead. */
function fill(store: KubeStore): void {
  for (let i = 0; i < SERVICES; i++) {
    const namespace = `team-${String(Math.floor(i / 50)).padStart(2, '0')}`;
    if (i % 50 === 0) {
      const selector = { matchLabels: { app: 'web' } };
      const template = { spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 8080 }] }] } };
      store.put(
        'deployments',
        makeObject('deployments', 'web', namespace, { spec: { replicas: 2, selector, template } }),
      );
    }
    const type = i % 25 === 0 ? 'LoadBalancer' : i % 25 < 3 ? 'NodePort' : 'ClusterIP';
    const name = `${{ LoadBalancer: 'lb', NodePort: 'np', ClusterIP: 'svc' }[type]}-${String(i).padStart(3, '0')}`;
    const ports = [
      {
        name: 'http',
        port: 9000 + i,
        targetPort: 8080,
        protocol: 'TCP',
        ...(type !== 'ClusterIP' && { nodePort: 30_000 + i }),
      },
    ];
    const clusterIP = `10.43.${100 + Math.floor(i / 250)}.${i % 250}`;
    store.put(
      'services',
      makeObject('services', name, namespace, { spec: { type, clusterIP, selector: { app: 'web' }, ports } }),
    );
  }
}

if (!isMainThread && parentPort && 'expose' in workerData) {
  const { apiPort } = (workerData as { expose: { apiPort: number } }).expose;
  const demo = await startDemo({ tempo: 0 });
  await seed(demo.world, [{ name: 'many', servers: 1, agents: 1, apiPort }]);
  const kube = clusterOf(demo.world.container('k3d-many-server-0'))!;
  const { store } = kube;
  fill(store);
  void kube.network;
  parentPort.on('message', (message: 'close' | number) => {
    if (message === 'close') return void demo.close().then(() => process.exit());
    // Not the row that is selected, whose way would be tried again each time.
    const service = structuredClone(store.get('services', 'lb-025', 'team-00')!);
    const { ports } = service.spec as { ports: { port: number }[] };
    ports[0]!.port = message;
    store.put('services', service);
  });
  parentPort.postMessage(demo.host);
}

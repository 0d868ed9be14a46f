import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { startDemo } from '../../src/demo/demo.ts';
import { manyClusters, seed } from '../../src/demo/seed.ts';

/** A demo engine with so many clusters, each of a server, these agents and a load balancer, in a thread of its own, so that its work does not count as the app's. */
export async function demoInThread(clusters: number, agents = 1): Promise<{ host: string; close(): Promise<void> }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { clusters, agents } });
  const [host] = (await once(worker, 'message')) as [string];
  return {
    host,
    close: async () => {
      worker.postMessage('close');
      await once(worker, 'exit');
    },
  };
}

if (!isMainThread && parentPort) {
  const { clusters, agents } = workerData as { clusters: number; agents: number };
  const demo = await startDemo({ tempo: 0, listen: false });
  await seed(
    demo.world,
    // None so young that its age moves each second: at rest means that nobody makes clusters.
    manyClusters(clusters).map(cluster => ({ ...cluster, agents, age: 60 + (cluster.age ?? 0) })),
  );
  parentPort.once('message', () => void demo.close().then(() => process.exit()));
  parentPort.postMessage(demo.host);
}

import { join } from 'node:path';
import { demoInThread } from './demo-worker.ts';
import { spread, summarise, timeProcess } from './measure.ts';

const RUNS = 9;

/** `k3dui cluster list` as a whole process, on demo engines that hold 1, 10, 50 and 300 clusters, in turn. */
export async function benchList(dist: string, env: NodeJS.ProcessEnv): Promise<string[][]> {
  const counts = [1, 10, 50, 300];
  const demos = await Promise.all(counts.map(demoInThread));
  const figures = counts.map((): number[] => []);
  for (let run = 0; run <= RUNS; run++) {
    for (const [i, demo] of demos.entries()) {
      const figure = await timeProcess(
        process.execPath,
        [join(dist, 'k3dui.js'), '--host', demo.host, 'cluster', 'list'],
        env,
      );
      if (run > 0) figures[i]!.push(figure);
    }
  }
  await Promise.all(demos.map(demo => demo.close()));
  const one = summarise(figures[0]!).median;
  return counts.map((count, i) => {
    const sample = summarise(figures[i]!);
    return [
      `cluster list, ${count} cluster${count === 1 ? '' : 's'}`,
      spread(sample),
      'one cluster',
      `${(sample.median / one).toFixed(2)} ×`,
    ];
  });
}

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spread, summarise, timeProcess } from './measure.ts';

const RUNS = 7;

/** `k3dui cluster create` beside the bare Docker calls for the same containers, in turn. Rows of the report. */
export async function benchCreate(dist: string, env: NodeJS.ProcessEnv, folder: string): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [label, flags] of [
    ['1 server + load balancer', []],
    ['1 server + 2 agents + load balancer', ['--agents', '2']],
  ] as const) {
    const ours: number[] = [];
    const bare: number[] = [];
    const args = (name: string) => ['cluster', 'create', name, '--image', env.K3DUI_TEST_IMAGE!, ...flags];
    const k3dui = (words: string[]) => [join(dist, 'k3dui.js'), ...words];
    for (let run = 0; run <= RUNS; run++) {
      const planFile = join(folder, 'plan.json');
      const plan = execFileSync(process.execPath, k3dui([...args('benchbare'), '--dry-run', '-o', 'json']), {
        env,
        encoding: 'utf8',
      });
      writeFileSync(planFile, plan);
      const bareTime = await timeProcess(
        process.execPath,
        [join(import.meta.dirname, 'bare-create.ts'), planFile],
        env,
      );
      await timeProcess(process.execPath, k3dui(['cluster', 'delete', 'benchbare']), env);
      const ourTime = await timeProcess(process.execPath, k3dui(args('benchours')), env);
      await timeProcess(process.execPath, k3dui(['cluster', 'delete', 'benchours']), env);
      // The first pair warms caches up.
      if (run > 0) {
        bare.push(bareTime);
        ours.push(ourTime);
      }
    }
    const ratio = summarise(ours.map((figure, i) => figure / bare[i]!)).median;
    rows.push([
      `create, ${label}`,
      spread(summarise(ours)),
      `bare Docker calls ${spread(summarise(bare))}`,
      `${ratio.toFixed(2)} ×`,
    ]);
  }
  return rows;
}

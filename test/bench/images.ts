import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { cleanup, uniqueName } from '../bed/docker.ts';
import { spread, summarise, timeProcess } from './measure.ts';

const RUNS = 3;
/** Mebibytes of each layer: 200 in all. */
const LAYERS = [120, 60, 20];
const FILE = 256 * 1024;

/** An image of 200 MiB in three layers of files that cannot be compressed. */
async function buildImage(docker: Docker, name: string): Promise<void> {
  const context = pack();
  const copies = LAYERS.map((_, layer) => `COPY ${layer} /${layer}`);
  context.entry({ name: 'Dockerfile' }, ['FROM scratch', ...copies, 'CMD ["/none"]'].join('\n'));
  const fill = async (): Promise<void> => {
    for (const [layer, mebibytes] of LAYERS.entries()) {
      for (let file = 0; file < (mebibytes * 1024 * 1024) / FILE; file++) {
        const content = randomFillSync(Buffer.alloc(FILE));
        await new Promise(resolve => context.entry({ name: `${layer}/${file}` }, content, resolve));
      }
    }
    context.finalize();
  };
  const answer = docker.buildImage(context as unknown as NodeJS.ReadableStream, { t: name, forcerm: true });
  void fill();
  const stream = await answer;
  await new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, error => (error ? reject(error) : resolve(undefined))),
  );
}

/** The most memory that a process held, in MiB, read from /proc while it runs. */
async function watched(file: string, args: string[], env: NodeJS.ProcessEnv): Promise<{ took: number; peak: number }> {
  const begin = performance.now();
  const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors += data;
  });
  let peak = 0;
  const look = setInterval(() => {
    try {
      const said = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      peak = Math.max(peak, Number(said ?? 0) / 1024);
    } catch {
      // It has ended, or there is no /proc.
    }
  }, 20);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${errors}`);
  return { took: performance.now() - begin, peak };
}

/**
 * Import of a 200 MiB image into three nodes beside the bare `docker save | ctr images import` into one of them, in turn;
 * then the same image again. `ctr` unpacks what it imports; k3dui leaves that to the first pod.
 */
export async function benchImages(dist: string, env: NodeJS.ProcessEnv): Promise<string[][]> {
  const docker = new Docker();
  const cluster = uniqueName('benchimages');
  const image = `${cluster}/big:1`;
  const nodes = [`k3d-${cluster}-server-0`, `k3d-${cluster}-agent-0`, `k3d-${cluster}-agent-1`];
  const cli = join(dist, 'k3dui.js');
  const inNode = (node: string, ...words: string[]) => timeProcess('docker', ['exec', node, ...words], env);
  const forget = async (): Promise<void> => {
    for (const node of nodes) await inNode(node, 'sh', '-c', `crictl rmi ${image} || true`);
  };
  try {
    await buildImage(docker, image);
    const create = ['cluster', 'create', cluster, '-i', env.K3DUI_TEST_IMAGE!, '--agents', '2', '--no-lb'];
    await timeProcess(process.execPath, [cli, ...create], env);
    // containerd of the stand-in starts when it is first asked.
    for (const node of nodes) await inNode(node, 'crictl', 'images');
    const three: number[] = [];
    const again: number[] = [];
    const bare: number[] = [];
    let peak = 0;
    for (let run = 0; run < RUNS; run++) {
      const pipe = `docker save ${image} | docker exec -i ${nodes[0]} ctr -n k8s.io images import -`;
      bare.push(await timeProcess('sh', ['-c', pipe], env));
      await forget();
      const importing = [cli, 'image', 'import', image, '-c', cluster];
      const first = await watched(process.execPath, importing, env);
      const second = await watched(process.execPath, importing, env);
      three.push(first.took);
      again.push(second.took);
      peak = Math.max(peak, first.peak, second.peak);
      await forget();
    }
    const [ours, beside, second] = [three, bare, again].map(summarise);
    return [
      [
        'import 200 MiB into 3 nodes, left packed there (beside: `docker save` piped into one, which unpacks it)',
        spread(ours!),
        spread(beside!),
        `${(ours!.median / beside!.median).toFixed(2)} ×`,
      ],
      ['the same again', spread(second!), '', `${(second!.median / ours!.median).toFixed(2)} × the first`],
      ['most memory of k3dui meanwhile', `${peak.toFixed(0)} MiB`, '', ''],
    ];
  } finally {
    await cleanup(cluster);
    await docker
      .getImage(image)
      .remove({ force: true })
      .catch(() => undefined);
  }
}

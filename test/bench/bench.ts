/**
 * `npm run bench [create|list|start|ports|images|screen|expose|logs …]`: measures and prints; nothing here passes or fails. Machines are noisy, so what
 * is compared runs in turn within one run, and medians are printed with their spread.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { imageNames } from '../bed/names.ts';
import { benchCreate } from './create.ts';
import { benchExpose } from './expose.ts';
import { benchImages } from './images.ts';
import { benchList } from './list.ts';
import { benchLogs } from './logs.ts';
import { benchPorts } from './ports.ts';
import { benchScreen } from './screen.ts';
import { benchStart } from './start.ts';

const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');
const images = imageNames(process.env);
const home = mkdtempSync(join(tmpdir(), 'k3dui-bench-'));
const env: NodeJS.ProcessEnv = {
  ...process.env,
  HOME: home,
  KUBECONFIG: join(home, 'kubeconfig'),
  NO_COLOR: '1',
  K3DUI_TEST_IMAGE: images.K3DUI_TEST_IMAGE,
  K3D_IMAGE_LOADBALANCER: images.K3DUI_TEST_LB_IMAGE,
};
const quick = process.argv.includes('--quick');
const parts: Record<string, () => Promise<string[][]>> = {
  create: () => benchCreate(dist, env, home),
  list: () => benchList(dist, env),
  start: () => benchStart(dist, env),
  ports: () => benchPorts(dist, env),
  images: () => benchImages(dist, env),
  screen: () => benchScreen(),
  expose: () => benchExpose(),
  logs: () => benchLogs(quick),
};
const asked = process.argv.slice(2).filter(word => !word.startsWith('-'));

console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n`,
);
console.log('| what | k3dui: median (least – most) | beside | ratio |');
console.log('|---|---|---|---|');
try {
  for (const [name, run] of Object.entries(parts)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    for (const row of await run()) console.log(`| ${row.join(' | ')} |`);
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}

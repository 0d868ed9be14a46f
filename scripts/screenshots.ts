/**
 * Takes the pictures in `screenshots/`: the built app with its demo engine in a terminal, driven by keys to each of its
 * main states. `npm run screenshots`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, createFirst, demoWith } from '../test/screen/app.ts';
import type { Terminal } from '../test/screen/terminal.ts';
import { missingFonts, svgToPng } from './term-picture/to-png.ts';
import { terminalToSvg } from './term-picture/to-svg.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'screenshots');
/** One: cells are 9 by 20 pixels, so that every edge falls between two pixels. */
const SCALE = 1;

function take(terminal: Terminal, name: string, title: string): void {
  const png = svgToPng(terminalToSvg(terminal.emulator, title), SCALE);
  writeFileSync(join(folder, `${name}.png`), png);
  console.log(`screenshots/${name}.png  ${Math.round(png.length / 1024)} kB`);
}

/** Shows a state and takes its picture once nothing moves any more. */
async function picture(terminal: Terminal, name: string, title: string, shows: RegExp | string): Promise<void> {
  await terminal.waitFor(shows, 30_000);
  await terminal.waitIdle(200, 3000).catch(() => {});
  take(terminal, name, title);
}

async function tour(): Promise<void> {
  await using app = App.start({ args: ['--demo'], cols: 120, rows: 36 });
  const { terminal } = app;
  await picture(terminal, 'clusters', 'k3dui --demo', /● running/);

  terminal.press('Shift-G');
  await terminal.waitFor(/▸ shop/);
  terminal.press('d');
  await picture(terminal, 'cluster', 'details of a cluster', /Made by/);
  terminal.press('Enter');
  // Two samples make a graph.
  await terminal.waitFor(/[▂▃▄▅].*\d+%/, 30_000);
  await picture(terminal, 'nodes', 'nodes', /Ready v1/);
  terminal.press('l');
  await picture(terminal, 'logs', 'the log of a node', /level=info/);
  terminal.press('Esc');
  await terminal.waitFor(/KUBERNETES/);
  terminal.press('Esc');
  await terminal.waitFor(/Made by/);
  terminal.press('Esc');
  await terminal.waitGone(/Made by/);

  terminal.press('p');
  await picture(terminal, 'ports', 'every path into a cluster, tested', /80\/tcp.*● open[\s\S]*upstream/);
  terminal.press('a');
  await terminal.waitFor('What shall be reachable');
  await picture(terminal, 'port-wizard', 'a port for a living cluster', /traefik/);
  terminal.press('Esc');
  await terminal.waitGone('What shall be reachable');
  terminal.press('Esc');
  await terminal.waitGone(/nginx.conf/);

  terminal.press('?');
  await picture(terminal, 'help', 'help: every key, and why one is off', /OFF BECAUSE/);
  terminal.press('Esc');
  await terminal.waitGone(/OFF BECAUSE/);

  terminal.press('n');
  await terminal.waitFor(/Name\s+\S/);
  terminal.type('shop-test');
  terminal.press('Down', 'Down', '+', '+');
  await terminal.waitFor(/Agents\s+2/);
  terminal.press('Down', 'Down', 'Down');
  await terminal.waitFor(/▸ Ports/);
  terminal.type('58081:80@loadbalancer');
  await picture(terminal, 'create-form', 'create a cluster', '58081:80@loadbalancer');
  terminal.press('Enter');
  terminal.type('58081:443');
  await picture(terminal, 'create-mistake', 'mistakes show while they are typed', /asked for twice|taken by/);
  terminal.press('Ctrl-U');
  await terminal.waitGone(/asked for twice|taken by/);
  terminal.press('Enter');
  await picture(terminal, 'create-preview', 'what exactly will be done', '▸ Create ◂');
  terminal.press('Enter');
  await terminal.waitFor(/shop-test-server-0/);
  await terminal.waitFor(/⟳ Kubernetes API/, 30_000);
  take(terminal, 'timeline', 'the timeline of a running operation');
  await terminal.waitFor(/create cluster shop-test: done/, 60_000);
  terminal.press('Home');
  await picture(terminal, 'timeline-done', 'and when it is done', /Equal command/);
  terminal.press('Esc');
  await terminal.waitFor(/shop-test\s+● running/);

  terminal.press('Ctrl-D');
  await picture(terminal, 'delete', 'nothing is destroyed without asking', '▸ Cancel ◂');
  terminal.press('Esc');
  await terminal.waitGone('▸ Cancel ◂');
}

/** One screen after the other, each by its name. */
async function otherScreens(): Promise<void> {
  await using app = App.start({ args: ['--demo'], cols: 120, rows: 36 });
  const { terminal } = app;
  await terminal.waitFor(/● running/);
  const open = async (name: string, title: string, shows: RegExp) => {
    terminal.type(`:${name}\r`);
    await picture(terminal, name, title, shows);
  };
  await open('expose', 'from a URL to the pod, every hop tried', /pods ─[\s\S]*● \d\/\d/);
  await open('images', 'which node has which image', /older than Docker's/);
  await open('registries', 'the three names of an image, each tried', /✓ Docker got an answer/);
  await open('doctor', 'what is wrong, with evidence and remedy', /\d+ checks in/);
}

async function withoutEngine(): Promise<void> {
  await using app = App.start({ host: 'unix:///run/no-docker.sock', cols: 80, rows: 24 });
  await picture(app.terminal, 'no-engine', 'without an engine', /No Docker engine answers/);
}

async function failure(): Promise<void> {
  const demo = await demoWith([]);
  demo.faults.add({ match: '/start', action: 'error', message: 'no space left on device' });
  try {
    await using app = App.start({ host: demo.host, cols: 100, rows: 28 });
    const { terminal } = app;
    await createFirst(terminal);
    await picture(terminal, 'failure', 'a create that failed: why, what to do, and what was undone', /✗ failed/);
  } finally {
    await demo.close();
  }
}

const missing = missingFonts();
if (missing.length > 0) {
  console.error(`These fonts are needed for the pictures:\n  ${missing.join('\n  ')}`);
  console.error('On Debian: apt-get install fonts-jetbrains-mono fonts-dejavu-core');
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
await tour();
await otherScreens();
await failure();
await withoutEngine();

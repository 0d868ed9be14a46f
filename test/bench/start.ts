import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App } from '../screen/app.ts';
import { Terminal } from '../screen/terminal.ts';
import { demoInThread } from './demo-worker.ts';
import { isHere, spread, summarise, timeProcess } from './measure.ts';

const RUNS = 9;
/** Milliseconds. */
const LONGEST = 20_000;
/** What tells that a program has drawn its first frame. */
const DRAWN = { k3dui: 'k3dui', lazydocker: 'Containers' };

/** From the command to its answer, and to the first frame, beside `docker ps` and what else of its kind is on PATH; in turn. */
export async function benchStart(dist: string, env: NodeJS.ProcessEnv): Promise<string[][]> {
  return [...(await benchListing(dist, env)), ...(await benchFirstFrame())];
}

async function benchListing(dist: string, env: NodeJS.ProcessEnv): Promise<string[][]> {
  const ours = [process.execPath, join(dist, 'k3dui.js'), 'cluster', 'list'];
  const others = [
    ['docker', 'ps'],
    ['k3d', 'cluster', 'list'],
  ].filter(([program]) => isHere(program!));
  const figures = await inTurn(
    [ours, ...others].map(
      ([file, ...args]) =>
        () =>
          timeProcess(file!, args, env),
    ),
  );
  const rows = others.map((other, i) => row('cluster list, on Docker', figures[0]!, other.join(' '), figures[i + 1]!));
  return [...rows, ...missing('cluster list, on Docker', 'k3d')];
}

async function benchFirstFrame(): Promise<string[][]> {
  const demo = await demoInThread(10);
  try {
    const ours = async () => {
      const begin = performance.now();
      await using app = App.start({ host: demo.host, cols: 160, rows: 45 });
      return await firstFrame(app.terminal, DRAWN.k3dui, begin);
    };
    const theirs = async () => {
      const begin = performance.now();
      const env = { DOCKER_HOST: demo.host };
      await using terminal = Terminal.start('lazydocker', [], { cols: 160, rows: 45, env });
      return await firstFrame(terminal, DRAWN.lazydocker, begin);
    };
    const compared = isHere('lazydocker');
    const [k3dui, lazydocker] = await inTurn(compared ? [ours, theirs] : [ours]);
    const what = 'first frame after start';
    return lazydocker === undefined
      ? [[what, spread(summarise(k3dui!)), '', ''], ...missing(what, 'lazydocker')]
      : [row(what, k3dui!, 'lazydocker', lazydocker)];
  } finally {
    await demo.close();
  }
}

/** Milliseconds until it is drawn. Throws when that takes longer than anybody would look at nothing. */
async function firstFrame(terminal: Terminal, drawn: string, begin: number): Promise<number> {
  while (!terminal.raw.includes(drawn)) {
    if (performance.now() - begin > LONGEST) throw new Error(`no ${drawn} on the screen:\n${terminal.text()}`);
    await sleep(1);
  }
  return performance.now() - begin;
}

/** What each took, in milliseconds, one after another so that all meet the same machine; the first round warms up. */
async function inTurn(measures: readonly (() => Promise<number>)[]): Promise<number[][]> {
  const figures = measures.map((): number[] => []);
  for (let run = 0; run <= RUNS; run++) {
    for (const [i, measure] of measures.entries()) {
      const figure = await measure();
      if (run > 0) figures[i]!.push(figure);
    }
  }
  return figures;
}

function row(what: string, ours: number[], beside: string, theirs: number[]): string[] {
  const [one, other] = [summarise(ours), summarise(theirs)];
  return [what, spread(one), `${beside} ${spread(other)}`, `${(one.median / other.median).toFixed(2)} ×`];
}

function missing(what: string, program: string): string[][] {
  return isHere(program) ? [] : [[what, '', `not measured: ${program} is not on this machine`, '']];
}

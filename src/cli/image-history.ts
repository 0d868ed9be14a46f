import { type BuildStep, readHistory } from '../engine/image/history.ts';
import { fullName, isIdOf } from '../engine/image/names.ts';
import { readNodeImages } from '../engine/image/node-images.ts';
import { notHeld } from '../engine/image/remove.ts';
import { formatAge, formatBytes, sanitise } from '../text.ts';
import type { Run } from './command.ts';
import { nodesFrom } from './image-change.ts';
import type { ImageListFlags } from './image-list.ts';
import { picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { formatTable } from './table.ts';

/** `image history IMAGE [-c CLUSTER] [--node NODE]`: how an image was built, as the first node tells that holds it. */
export async function imageHistory(run: Run<ImageListFlags>): Promise<number> {
  const { args, flags, io } = run;
  const [image = ''] = args;
  const format = structuredFormat(flags.output);
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const nodes = nodesFrom(await picture(engine, signal), flags);
  const held = await readNodeImages(engine.docker, nodes, { signal }, { containers: false });
  const name = fullName(image);
  const holders = held.flatMap(({ node, images }) =>
    images.filter(({ id, names }) => names.includes(name) || isIdOf(image, id)).map(({ id }) => ({ node, id })),
  );
  const [holder] = holders;
  if (holder === undefined) throw notHeld(image, held);
  const steps = await readHistory(engine.docker, holder.node, holder.id, { signal });
  if (format) await printStructured(io.stdout, format, steps.map(plain));
  else io.stdout.write(table(steps, flags.headers !== false));
  return 0;
}

function table(steps: BuildStep[], headers: boolean): string {
  const now = Date.now() / 1000;
  const rows = steps.map(({ by, created, layer, size }) => [
    created === undefined ? '' : formatAge(now - created),
    size === undefined ? '' : formatBytes(size),
    layer === undefined ? '' : layer.slice(7, 19),
    sanitise(by),
  ]);
  return formatTable(headers ? [['AGE', 'SIZE', 'LAYER', 'STEP'], ...rows] : rows);
}

/** For scripts: whole digests, sizes in bytes, times in unix seconds. */
const plain = ({ by, created, layer, size }: BuildStep): object => ({
  step: by,
  created: created ?? null,
  layer: layer ?? null,
  size: size ?? null,
});

import { type ImageRow, remarksOn } from '../engine/image/matrix.ts';
import { fullName, isIdOf, shortId } from '../engine/image/names.ts';
import { readImagePicture } from '../engine/image/read-matrix.ts';
import { formatAge, formatBytes, sanitise } from '../text.ts';
import type { Run } from './command.ts';
import { nodesFrom, type WhereFlags } from './image-change.ts';
import { picture } from './picture.ts';
import { printStructured, structuredFormat } from './print.ts';
import { formatTable } from './table.ts';

export interface ImageListFlags extends WhereFlags {
  output?: string;
  headers?: boolean;
}

/** `image list [IMAGE…] [-c CLUSTER] [--node NODE]`. A node that cannot be asked is told of, and makes the exit code 1. */
export async function listImages(run: Run<ImageListFlags>): Promise<number> {
  const { args, flags, io, log } = run;
  const format = structuredFormat(flags.output);
  const engine = await run.engine();
  const { signal } = io.interrupts;
  const nodes = nodesFrom(await picture(engine, signal), flags);
  const { rows, nodes: asked } = await readImagePicture(engine.docker, nodes, new Map(), { signal });
  const silent = asked.filter(({ fault }) => fault !== undefined);
  for (const { node, fault } of silent) log.warn(sanitise(`${node}: ${fault}; what it holds is not known`));
  const wanted = new Set(args.map(fullName));
  const chosen = rows.filter(
    row => args.length === 0 || wanted.has(row.key) || args.some(arg => row.ids.some(id => isIdOf(arg, id))),
  );
  if (format) await printStructured(io.stdout, format, chosen.map(plain));
  else io.stdout.write(table(chosen, nodes.length - silent.length, flags.headers !== false));
  return silent.length > 0 && silent.length === asked.length ? 1 : 0;
}

function table(rows: ImageRow[], asked: number, headers: boolean): string {
  const now = Date.now() / 1000;
  const cells = rows.map(row =>
    [
      row.name,
      row.ids.map(shortId).join(','),
      formatBytes(row.size),
      row.created === undefined ? '' : formatAge(now - row.created),
      `${new Set(row.held.map(({ node }) => node)).size}/${asked}`,
      String(row.pods.length),
      remarksOn(row).join('; '),
    ].map(sanitise),
  );
  return formatTable(headers ? [['IMAGE', 'ID', 'SIZE', 'AGE', 'NODES', 'PODS', 'REMARKS'], ...cells] : cells);
}

/** For scripts: names in full, whole ids, sizes in bytes, times in unix seconds. */
function plain({ key, held, missing, docker, created, pods }: ImageRow): object {
  return {
    image: key,
    created: created ?? null,
    docker: docker ?? null,
    nodes: held.map(({ node, cluster, id, size, comparison, pods }) => ({ node, cluster, id, size, comparison, pods })),
    missing: missing.map(({ node }) => node),
    pods,
  };
}

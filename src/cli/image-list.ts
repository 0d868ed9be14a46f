import { commandLine } from '../config/command-line.ts';
import { type ImageRow, remarksOn } from '../engine/image/matrix.ts';
import { fullName, isIdOf, shortId } from '../engine/image/names.ts';
import { readImagePicture } from '../engine/image/read-matrix.ts';
import type { Cluster } from '../engine/model.ts';
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
  const snapshot = await picture(engine, signal);
  const nodes = nodesFrom(snapshot, flags);
  const { rows, nodes: asked } = await readImagePicture(engine.docker, nodes, new Map(), { signal });
  const silent = asked.filter(({ fault }) => fault !== undefined);
  // Of all clusters those that stand still or are not up yet are no news, as long as another one answers.
  const quiet = flags.cluster || flags.node || silent.length === asked.length ? [] : snapshot.clusters.filter(atRest);
  for (const { node, cluster, fault } of silent) {
    const level = quiet.some(({ name }) => name === cluster) ? 'debug' : 'warn';
    log[level](sanitise(`${node}: ${fault}; what it holds is not known`));
  }
  const isOf = (arg: string, row: ImageRow) => row.key === fullName(arg) || row.ids.some(id => isIdOf(arg, id));
  const chosen = rows.filter(row => args.length === 0 || args.some(arg => isOf(arg, row)));
  for (const arg of args.filter(arg => !rows.some(row => isOf(arg, row)))) {
    const cluster = snapshot.clusters.find(({ name }) => name === arg);
    const hint = cluster ? `; ${arg} is a cluster: ${commandLine`k3dui image list -c ${arg}`}` : '';
    log.warn(sanitise(`no image '${arg}' in the nodes that were asked${hint}`));
  }
  if (format) await printStructured(io.stdout, format, chosen.map(plain));
  else io.stdout.write(table(chosen, nodes.length - silent.length, flags.headers !== false));
  return silent.length > 0 && silent.length === asked.length ? 1 : 0;
}

const atRest = ({ status }: Cluster): boolean => status === 'stopped' || status === 'starting';

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

import { filtersFor } from '../../config/choose-filters.ts';
import type { Call, ContainerFile, Docker } from '../../docker/docker.ts';
import { orGone } from '../../errors.ts';
import type { Plan } from '../plan.ts';
import { nodeRefs } from '../ports/filters.ts';
import type { Difference } from './differences.ts';
import type { ClusterLayout } from './layout.ts';
import { renamer } from './port-differences.ts';
import type { ClusterReading } from './reading.ts';

/** Where k3s looks for what to deploy, all the time; other files it reads when it starts. */
const MANIFESTS = '/var/lib/rancher/k3s/server/manifests/';
const TIMEOUT = 60;

/** A file that a node shall have and does not have so. */
export interface FileGap {
  node: string;
  file: ContainerFile;
  /** There is one of that path. */
  exists: boolean;
}

/** The files asked for that nodes which are there do not have, or have otherwise. Throws what Docker throws. */
export async function readFileGaps(
  docker: Docker,
  want: ClusterLayout,
  reading: ClusterReading,
  call: Call = {},
): Promise<FileGap[]> {
  const { cluster } = reading;
  const ids = new Map(
    [...cluster.servers, ...cluster.agents, ...(cluster.loadBalancer ? [cluster.loadBalancer] : [])].map(node => [
      node.name,
      node.id,
    ]),
  );
  const rename = renamer(want, reading);
  const nodes = [...want.servers, ...want.agents, ...(want.loadBalancer ? [want.loadBalancer] : [])];
  const wanted = nodes.flatMap(({ name, files }) => files.map(file => ({ node: rename(name), file })));
  const found = wanted.map(async ({ node, file }): Promise<FileGap[]> => {
    const id = ids.get(node);
    if (id === undefined) return [];
    const live = await orGone(docker.readFile(id, file.path, call));
    return live && Buffer.from(file.content).equals(live) ? [] : [{ node, file, exists: live !== undefined }];
  });
  return (await Promise.all(found)).flat();
}

/** One difference a path. Pure. */
export function fileDifferences(gaps: readonly FileGap[], { cluster }: ClusterReading): Difference[] {
  const refs = nodeRefs(cluster);
  const paths = [...new Set(gaps.map(({ file }) => file.path))];
  return paths.map(path => {
    const some = gaps.filter(({ file }) => file.path === path);
    const where = filtersFor(refs, new Set(some.map(({ node }) => node))).join(', ');
    const live = some.some(({ exists }) => exists) ? `${path} on ${where} as it is` : '';
    return { field: 'files', live, wanted: `${path} on ${where}${live ? ' as asked for' : ''}`, how: 'in place' };
  });
}

/** The plan that puts them in; k3s takes some up at once, the others when it starts next. Pure. */
export function planFiles(gaps: readonly FileGap[], reading: ClusterReading): Plan {
  const { name, token } = reading.cluster;
  const nodes = [...new Set(gaps.map(({ node }) => node))];
  return {
    title: `put files into cluster ${name}`,
    command: '',
    cluster: name,
    steps: nodes.map(node => ({
      id: `put files ${node}`,
      title: 'put its files in',
      subject: node,
      after: [],
      action: {
        kind: 'files.write',
        container: node,
        files: gaps.filter(gap => gap.node === node).map(({ file }) => file),
      },
    })),
    warnings: takenUpLater(gaps, reading),
    onFailure: 'keep',
    timeoutSeconds: TIMEOUT,
    secrets: [token],
  };
}

function takenUpLater(gaps: readonly FileGap[], { cluster }: ClusterReading): string[] {
  const running = new Set([...cluster.servers, ...cluster.agents].filter(node => node.running).map(node => node.name));
  const later = gaps.filter(({ node, file }) => running.has(node) && !file.path.startsWith(MANIFESTS));
  const paths = [...new Set(later.map(({ file }) => file.path))];
  if (paths.length === 0) return [];
  return [`k3s reads ${paths.join(', ')} when it starts next: k3dui cluster restart ${cluster.name}`];
}

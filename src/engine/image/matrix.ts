import type { ImageSummary } from '../../docker/types.ts';
import { familiarName, fullName, shortId } from './names.ts';
import type { NodeImages } from './node-images.ts';
import { podsOf } from './remove.ts';

/** How an image in a node compares with Docker's of the same name. */
export type Comparison =
  /** The same id. */
  | 'same'
  /** Docker's is another, and newer as far as both tell. */
  | 'older'
  /** Docker's is another, and older. */
  | 'newer'
  /** Docker has none of that name. */
  | 'only here';

/** One image in one node. */
export interface Held {
  node: string;
  cluster: string;
  id: string;
  size: number;
  comparison: Comparison;
  /** `namespace/name` of the pods that come from it. */
  pods: string[];
}

/** One name, in all nodes that were asked. */
export interface ImageRow {
  /** The name in full; the id of an image without a name. */
  key: string;
  /** As people write it: `nginx:1.27`; `<none>` without a name. */
  name: string;
  held: Held[];
  /** It did not come from a registry by itself, or Docker has it: then a node that lacks it may want it. */
  brought: boolean;
  /** Nodes that lack it, of those clusters of which another node has it. */
  missing: { node: string; cluster: string }[];
  /** Docker's of that name. */
  docker: { id: string; size: number; created: number } | undefined;
  /** The ids there are in nodes, most frequent first. */
  ids: string[];
  /** The largest of the nodes'. */
  size: number;
  /** When it was built, unix seconds; undefined where nobody told. */
  created: number | undefined;
  pods: string[];
}

/**
 * Image × node, sorted by name. Nodes that could not be asked are neither holding nor missing anything. `built`: id →
 * unix seconds, for images that Docker does not have.
 */
export function imageMatrix(
  nodes: readonly NodeImages[],
  docker: readonly ImageSummary[],
  built: ReadonlyMap<string, number> = new Map(),
): ImageRow[] {
  const inDocker = new Map(docker.flatMap(image => (image.RepoTags ?? []).map(tag => [fullName(tag), image])));
  const createdOf = new Map([...built, ...docker.map(image => [image.Id, image.Created] as const)]);
  const asked = nodes.filter(node => node.fault === undefined);
  const rows = new Map<string, Held[]>();
  const pulled = new Set<string>();
  for (const node of asked) {
    for (const image of node.images) {
      const pods = podsOf(node, image);
      for (const name of image.names) if (image.digests.some(digest => sameRepository(digest, name))) pulled.add(name);
      for (const key of image.names.length > 0 ? image.names : [image.id]) {
        const comparison = compare(image.id, inDocker.get(key), createdOf);
        const { id, size } = image;
        const held = { node: node.node, cluster: node.cluster, id, size, comparison, pods };
        rows.set(key, [...(rows.get(key) ?? []), held]);
      }
    }
  }
  return [...rows]
    .map(([key, held]) => rowOf(key, held, asked, inDocker.get(key), createdOf, pulled.has(key)))
    .sort((a, b) => (a.name === b.name ? (a.key < b.key ? -1 : 1) : a.name < b.name ? -1 : 1));
}

function rowOf(
  key: string,
  held: Held[],
  asked: readonly NodeImages[],
  docker: ImageSummary | undefined,
  createdOf: ReadonlyMap<string, number>,
  pulled: boolean,
): ImageRow {
  const clusters = new Set(held.map(({ cluster }) => cluster));
  const counts = new Map<string, number>();
  for (const { id } of held) counts.set(id, (counts.get(id) ?? 0) + 1);
  const ids = [...counts].sort((a, b) => b[1] - a[1]).map(([id]) => id);
  return {
    key,
    name: key.startsWith('sha256:') ? '<none>' : familiarName(key),
    held,
    brought: docker !== undefined || !pulled,
    missing: asked
      .filter(({ node, cluster }) => clusters.has(cluster) && !held.some(other => other.node === node))
      .map(({ node, cluster }) => ({ node, cluster })),
    docker: docker && { id: docker.Id, size: docker.Size, created: docker.Created },
    ids,
    size: Math.max(...held.map(({ size }) => size)),
    created: createdOf.get(ids[0]!),
    pods: [...new Set(held.flatMap(({ pods }) => pods))].sort(),
  };
}

/** `docker.io/library/nginx@sha256:…` and `docker.io/library/nginx:1.27`. */
const sameRepository = (digest: string, name: string): boolean =>
  digest.split('@')[0] === name.replace(/:[\w][\w.-]*$/, '');

/** What somebody may want to put right: older than Docker's, in several versions, or missing where it was brought. */
export const isBehind = (row: ImageRow): boolean =>
  (row.brought && row.missing.length > 0) ||
  row.ids.length > 1 ||
  row.held.some(({ comparison }) => comparison === 'older');

function compare(id: string, docker: ImageSummary | undefined, createdOf: ReadonlyMap<string, number>): Comparison {
  if (docker === undefined) return 'only here';
  if (docker.Id === id) return 'same';
  const here = createdOf.get(id);
  return here !== undefined && here > docker.Created ? 'newer' : 'older';
}

/** What there is to say of a row, the most pressing first: `older than Docker's on 2 nodes`, `missing on k3d-demo-agent-1`. */
export function remarksOn(row: ImageRow): string[] {
  const where = (nodes: { node: string }[]) =>
    nodes.length === 1 ? `on ${nodes[0]!.node}` : `on ${nodes.length} nodes`;
  const older = row.held.filter(({ comparison }) => comparison === 'older');
  const newer = row.held.filter(({ comparison }) => comparison === 'newer');
  return [
    ...(older.length > 0 ? [`older than Docker's ${where(older)}`] : []),
    ...(newer.length > 0 ? [`newer than Docker's ${where(newer)}`] : []),
    ...(row.brought && row.missing.length > 0 ? [`missing ${where(row.missing)}`] : []),
    ...(row.ids.length > 1 ? [`${row.ids.length} versions: ${row.ids.map(shortId).join(', ')}`] : []),
  ];
}

import type { Cluster, Node } from './model.ts';

interface Picture {
  clusters: Cluster[];
  nodes: Node[];
  registries: Node[];
}

/**
 * The new picture made of as many objects of the old one as are equal, so that a row whose cluster did not change gets
 * the very same object. Gives the old picture's own arrays back where nothing in them changed.
 */
export function shared(before: Picture, after: Picture): Picture {
  const oldNodes = new Map(before.nodes.map(node => [node.id, node]));
  const nodes = new Map(after.nodes.map(node => [node.id, reuse(oldNodes.get(node.id), node)]));
  const share = (node: Node) => nodes.get(node.id) ?? node;
  const oldClusters = new Map(before.clusters.map(cluster => [cluster.name, cluster]));
  const clusters = after.clusters.map(cluster =>
    reuse(oldClusters.get(cluster.name), {
      ...cluster,
      servers: cluster.servers.map(share),
      agents: cluster.agents.map(share),
      loadBalancer: cluster.loadBalancer && share(cluster.loadBalancer),
      registries: cluster.registries.map(share),
      others: cluster.others.map(share),
    }),
  );
  return {
    clusters: reuse(before.clusters, clusters),
    nodes: reuse(before.nodes, after.nodes.map(share)),
    registries: reuse(before.registries, after.registries.map(share)),
  };
}

/** `before` when it is deeply equal to `after`; else `after` with those parts of `before` that are. Plain data only. */
export function reuse<T>(before: T | undefined, after: T): T {
  if (Object.is(before, after)) return after;
  if (Array.isArray(before) && Array.isArray(after)) {
    const parts = after.map((value, index) => reuse(before[index], value));
    const same = before.length === parts.length && parts.every((part, index) => Object.is(part, before[index]));
    return same ? before : (parts as T);
  }
  if (!isRecord(before) || !isRecord(after)) return after;
  const parts: Record<string, unknown> = {};
  const keys = Object.keys(after);
  let same = Object.keys(before).length === keys.length;
  for (const key of keys) {
    parts[key] = reuse(before[key], after[key]);
    same &&= key in before && Object.is(parts[key], before[key]);
  }
  return same ? before : (parts as T);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

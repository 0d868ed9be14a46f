import { isRecord } from '../record.ts';
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
  const clusters = after.clusters.map(cluster => sharedCluster(oldClusters.get(cluster.name), cluster, share));
  return {
    clusters: sameList(before.clusters, clusters),
    nodes: sameList(before.nodes, after.nodes.map(share)),
    registries: sameList(before.registries, after.registries.map(share)),
  };
}

function sharedCluster(before: Cluster | undefined, after: Cluster, share: (node: Node) => Node): Cluster {
  const nodes = {
    servers: sameList(before?.servers ?? [], after.servers.map(share)),
    agents: sameList(before?.agents ?? [], after.agents.map(share)),
    loadBalancer: after.loadBalancer && share(after.loadBalancer),
    registries: sameList(before?.registries ?? [], after.registries.map(share)),
    others: sameList(before?.others ?? [], after.others.map(share)),
  };
  // What holds nodes is compared by identity: they are shared already.
  const cluster = { ...reuse<Cluster>(before && { ...before, ...nodes }, { ...after, ...nodes }), ...nodes };
  const keys = Object.keys(cluster) as (keyof Cluster)[];
  return before && keys.every(key => Object.is(before[key], cluster[key])) ? before : cluster;
}

/** `before` when both hold the same objects. */
function sameList<T>(before: T[], after: T[]): T[] {
  return before.length === after.length && before.every((item, index) => item === after[index]) ? before : after;
}

/** `before` when it is deeply equal to `after`; else `after` with those parts of `before` that are. Plain data only. */
export function reuse<T>(before: T | undefined, after: T): T {
  // Most of a picture is as it was: finding that out must cost no memory.
  if (equal(before, after)) return before as T;
  if (Array.isArray(before) && Array.isArray(after)) return after.map((value, i) => reuse(before[i], value)) as T;
  if (!isRecord(before) || !isRecord(after)) return after;
  // A label may be called __proto__: that is a key like any other.
  const old = (key: string) => (Object.hasOwn(before, key) ? before[key] : undefined);
  return Object.fromEntries(Object.entries(after).map(([key, value]) => [key, reuse(old(key), value)])) as T;
}

function equal(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((value, i) => equal(value, right[i]));
  }
  if (!isRecord(left) || !isRecord(right)) return false;
  let unmatched = 0;
  for (const key in left) {
    if (!Object.hasOwn(right, key) || !equal(left[key], right[key])) return false;
    unmatched++;
  }
  for (const _ in right) unmatched--;
  return unmatched === 0;
}

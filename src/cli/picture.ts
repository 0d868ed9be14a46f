import type { ContainerInspect } from '../docker/types.ts';
import type { Engine } from '../engine/engine.ts';
import type { Cluster, Node, Snapshot } from '../engine/model.ts';
import { K3duiError, orGone } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { sanitise } from '../text.ts';

/** The inventory's first whole picture. Throws DOCKER_UNREACHABLE when there is none to be had. */
export async function picture(engine: Engine, signal?: AbortSignal): Promise<Snapshot> {
  const { inventory } = engine;
  if (inventory.snapshot.link === 'connecting') {
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (signal?.aborted) reject(signal.reason);
        else if (inventory.snapshot.link !== 'connecting') resolve();
        else return;
        stop();
        signal?.removeEventListener('abort', check);
      };
      const stop = inventory.subscribe(check);
      signal?.addEventListener('abort', check);
      if (signal?.aborted) check();
    });
  }
  const { snapshot } = inventory;
  if (snapshot.link === 'lost') {
    throw new K3duiError({
      code: 'DOCKER_UNREACHABLE',
      message: snapshot.linkError ?? `the Docker engine at ${engine.docker.endpoint.address} does not answer`,
      hint: snapshot.linkHint,
    });
  }
  return snapshot;
}

/** The cluster of that name, or CLUSTER_UNKNOWN with the nearest name as a hint. */
export function clusterNamed(snapshot: Snapshot, name: string): Cluster {
  const found = snapshot.clusters.find(cluster => cluster.name === name);
  if (found) return found;
  const names = snapshot.clusters.map(cluster => cluster.name);
  throw new K3duiError({
    code: 'CLUSTER_UNKNOWN',
    message: `no cluster named '${sanitise(name)}': no nodes found for it`,
    hint: hintFor(name, names, 'k3dui cluster list', 'cluster'),
  });
}

/** The node of that name, with or without `k3d-` in front, or NODE_UNKNOWN. */
export function nodeNamed(snapshot: Snapshot, name: string): Node {
  const found =
    snapshot.nodes.find(node => node.name === name) ?? snapshot.nodes.find(node => node.name === `k3d-${name}`);
  if (found) return found;
  throw new K3duiError({
    code: 'NODE_UNKNOWN',
    message: `no node named '${sanitise(name)}'`,
    hint: hintFor(
      name,
      snapshot.nodes.map(node => node.name),
      'k3dui node list',
      'node',
    ),
  });
}

function hintFor(name: string, names: string[], command: string, noun: string): string {
  if (names.length === 0) return `there is no ${noun} yet; make a cluster with: k3dui cluster create`;
  const near = nearest(name, names);
  return near ? `did you mean '${sanitise(near)}'? All of them: ${command}` : `see them all: ${command}`;
}

/** Inspects the nodes' containers side by side; those that are gone meanwhile are left out. */
export async function inspectNodes(engine: Engine, nodes: Node[], signal?: AbortSignal): Promise<ContainerInspect[]> {
  const inspects = await Promise.all(nodes.map(node => orGone(engine.docker.inspectContainer(node.id, { signal }))));
  return inspects.filter(inspect => inspect !== undefined);
}

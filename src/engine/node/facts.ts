import { DEFAULT_K3S_IMAGE } from '../../config/default-image.ts';
import type { Call, Docker } from '../../docker/docker.ts';
import type { ContainerInspect, ImageInspect } from '../../docker/types.ts';
import { isAbort } from '../../errors.ts';
import { answeringAddress } from '../cluster/api-address.ts';
import { type Facts, gatherFacts } from '../cluster/facts.ts';
import type { Engine } from '../engine.ts';
import type { Cluster, Node } from '../model.ts';
import { openThrough } from '../ready/ready.ts';
import { limited } from '../wait.ts';
import { imageReference } from './copy.ts';
import type { NodeRequest } from './request.ts';

export const REGISTRIES_PATH = '/etc/rancher/k3s/registries.yaml';
/** etcd's own file in a server that has it. */
const ETCD_NAME = '/var/lib/rancher/k3s/server/db/etcd/name';
/** Milliseconds that the cluster's API may take to say which nodes it knows; adding goes on without. */
const ASK_LIMIT = 2500;

/** What must be known before nodes can be planned. */
export interface NodeFacts extends Facts {
  /** The node whose settings the new ones take over, and its image; absent for a remote cluster. */
  source?: { inspect: ContainerInspect; image: ImageInspect | undefined };
  /** `registries.yaml` of that node, if it has one. */
  registries?: Buffer;
  /** The cluster's first server keeps its data in etcd, as its disk says. */
  etcd: boolean;
  /** Nodes that Kubernetes knows; undefined when it could not be asked. */
  registered: string[] | undefined;
}

/**
 * The node that new ones of the role are modelled on: one of that role, else a server. k3d pkg/client/node.go. Of
 * servers rather one that joined than the one that began, which says nothing about joining.
 */
function sourceNode(cluster: Cluster, role: 'server' | 'agent'): Node | undefined {
  const same = role === 'server' ? cluster.servers : cluster.agents;
  return same.find(node => !node.init) ?? same[0] ?? cluster.servers[0];
}

/** Reads the facts, what can be side by side. Throws what Docker throws. */
export async function gatherNodeFacts(
  engine: Engine,
  cluster: Cluster | undefined,
  request: Pick<NodeRequest, 'role' | 'image'>,
  call: Call = {},
): Promise<NodeFacts> {
  const { docker } = engine;
  const node = cluster && sourceNode(cluster, request.role);
  if (!cluster || !node) {
    const facts = await gatherFacts(engine, { images: [request.image || DEFAULT_K3S_IMAGE] }, call);
    return { ...facts, etcd: false, registered: undefined };
  }
  const server = cluster.servers[0];
  const inspect = await docker.inspectContainer(node.id, call);
  const image = await docker.inspectImage(inspect.Image, call);
  const [facts, registries, etcd, registered] = await Promise.all([
    gatherFacts(engine, { images: [request.image || imageReference(inspect, image)] }, call),
    docker.readFile(node.id, REGISTRIES_PATH, call),
    server && request.role === 'server' ? docker.readFile(server.id, ETCD_NAME, call) : undefined,
    registeredNodes(docker, cluster, engine.env, call),
  ]);
  return {
    ...facts,
    source: { inspect, image },
    registries,
    etcd: etcd !== undefined,
    registered,
  };
}

async function registeredNodes(
  docker: Docker,
  cluster: Cluster,
  env: NodeJS.ProcessEnv,
  call: Call,
): Promise<string[] | undefined> {
  const api = answeringAddress(cluster, { env, endpoint: docker.endpoint });
  const server = cluster.servers.find(node => node.running);
  if (!api || !server) return undefined;
  const { signal } = limited(call, ASK_LIMIT);
  try {
    const kubernetes = await openThrough(docker, { cluster: cluster.name, server: server.id, api }, signal);
    return (await kubernetes.listNodes({ signal })).map(node => node.name);
  } catch (error) {
    if (isAbort(error) && call.signal?.aborted) throw error;
    return undefined;
  }
}

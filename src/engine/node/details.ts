import type { Call } from '../../docker/docker.ts';
import type { ContainerInspect } from '../../docker/types.ts';
import { isAbort, toK3duiError } from '../../errors.ts';
import { type NodeDetails, openKubernetes } from '../../kubernetes/kubernetes.ts';
import type { Engine } from '../engine.ts';
import { kubeconfigOf } from '../kubeconfig/of-cluster.ts';
import { logLines } from '../log-lines.ts';
import type { Node } from '../model.ts';
import { limited } from '../wait.ts';
import { type KubeletArgument, kubeletArguments } from './kubelet-args.ts';

/** Everything there is to know of one node. */
export interface NodeFacts {
  inspect: ContainerInspect;
  /** As k3s logged them when it started; undefined when its log does not hold them. */
  kubelet: KubeletArgument[] | undefined;
  /** undefined for what is no Kubernetes node, or could not be asked. */
  kubernetes: NodeDetails | undefined;
  /** Why it could not be asked. */
  kubernetesError?: string;
}

/** Seconds after a start within which k3s starts kubelet. */
const KUBELET_WITHIN = 600;
/** Milliseconds that Kubernetes may take. */
const ASK_LIMIT = 4000;

/** Reads it all side by side. Throws what Docker throws for the container itself; the rest may be missing. */
export async function readNode(engine: Engine, node: Node, call: Call = {}): Promise<NodeFacts> {
  const inspect = await engine.docker.inspectContainer(node.id, call);
  const isK3s = node.role === 'server' || node.role === 'agent';
  const [kubelet, kubernetes] = await Promise.all([
    isK3s ? readKubeletArguments(engine, node.id, inspect, call) : undefined,
    isK3s ? readKubernetesNode(engine, node, call) : {},
  ]);
  return { inspect, kubelet, kubernetes: undefined, ...kubernetes };
}

async function readKubeletArguments(
  engine: Engine,
  id: string,
  { State }: ContainerInspect,
  call: Call,
): Promise<KubeletArgument[] | undefined> {
  const started = Date.parse(State.StartedAt) / 1000;
  if (!(started > 0)) return undefined;
  const options = { since: started - 1, until: Math.min(Date.now() / 1000, started + KUBELET_WITHIN) };
  try {
    for await (const line of logLines(engine.docker.logs(id, options, call))) {
      const found = kubeletArguments(line);
      if (found) return found;
    }
  } catch (error) {
    if (isAbort(error)) throw error;
  }
  return undefined;
}

async function readKubernetesNode(
  engine: Engine,
  node: Node,
  call: Call,
): Promise<Pick<NodeFacts, 'kubernetes' | 'kubernetesError'>> {
  const cluster = engine.inventory.snapshot.clusters.find(({ name }) => name === node.cluster);
  if (!cluster) return { kubernetes: undefined };
  if (!cluster.servers.some(server => server.running)) {
    return { kubernetes: undefined, kubernetesError: 'no server of its cluster runs' };
  }
  const { signal } = limited(call, ASK_LIMIT);
  try {
    const config = await kubeconfigOf(engine, cluster, { signal });
    const kubernetes = await (await openKubernetes(config)).node(node.name, { signal });
    return kubernetes ? { kubernetes } : { kubernetes, kubernetesError: 'Kubernetes does not know this node' };
  } catch (error) {
    if (call.signal?.aborted) throw error;
    return {
      kubernetes: undefined,
      kubernetesError: isAbort(error) ? 'its API does not answer' : toK3duiError(error).message,
    };
  }
}

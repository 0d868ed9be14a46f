import { commandLine } from '../../config/command-line.ts';
import { K3duiError } from '../../errors.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { concluded } from './conclude.ts';

export interface PullRequest {
  images: string[];
  /** How the command says where: `-c demo`, `--node k3d-demo-agent-0`. */
  where: string[];
}

/** Has each node's own containerd pull the images, by its registries.yaml. Throws CLUSTER_NOT_RUNNING. */
export function planImagePull(
  request: PullRequest,
  nodes: readonly { node: string; cluster: string; running: boolean }[],
): Plan {
  const running = nodes.filter(node => node.running);
  if (running.length === 0) {
    throw new K3duiError({
      code: 'CLUSTER_NOT_RUNNING',
      message: 'none of these nodes runs, and it is they that pull',
      hint: 'start them first: k3dui cluster start',
    });
  }
  const clusters = [...new Set(running.map(({ cluster }) => cluster))];
  const steps = running.flatMap(({ node }) =>
    // One after the other in a node: layers that images share are fetched once.
    request.images.map(
      (image, i): PlannedStep => ({
        id: `pull ${image} ${node}`,
        title: `pull ${image}`,
        subject: node,
        after: i === 0 ? [] : [`pull ${request.images[i - 1]} ${node}`],
        action: { kind: 'node-image.pull', node, image },
        optional: true,
      }),
    ),
  );
  return {
    title: `pull ${request.images.join(', ')} into ${running.length === 1 ? running[0]!.node : `${running.length} nodes`}`,
    command: commandLine`k3dui image pull ${[...request.images, ...request.where]}`,
    cluster: clusters.length === 1 ? clusters[0] : undefined,
    steps: concluded(steps, running.length),
    warnings: nodes.filter(({ running }) => !running).map(({ node }) => `${node} is stopped and pulls nothing`),
    onFailure: 'keep',
    timeoutSeconds: 3600,
    secrets: [],
  };
}

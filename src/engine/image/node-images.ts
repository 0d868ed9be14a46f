import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Docker } from '../../docker/docker.ts';
import { K3duiError, toK3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import type { Cluster, Node } from '../model.ts';
import { type NodeContainer, type NodeImage, parseBuilt, parseContainers, parseImages } from './crictl.ts';

/** What one node holds. */
export interface NodeImages {
  node: string;
  cluster: string;
  images: NodeImage[];
  containers: NodeContainer[];
  /** Why nothing is known of it. */
  fault?: string;
}

/** The fault of a node that is stopped, or keeps ending. */
export const NOT_RUNNING = 'does not run';

/** Milliseconds that a node may take to answer. */
const PATIENCE = 20_000;

/** The nodes that run containers: servers and agents. */
export const k3sNodes = (cluster: Cluster): Node[] => [...cluster.servers, ...cluster.agents];

/**
 * Asks nodes, all at once, what images they hold and, unless nobody wants to know, what runs from them. A node that is
 * stopped or does not answer is there with its fault.
 */
export function readNodeImages(
  docker: Docker,
  nodes: readonly Node[],
  call: Call = {},
  { containers: wanted = true } = {},
): Promise<NodeImages[]> {
  return Promise.all(
    nodes.map(async node => {
      const about = { node: node.name, cluster: node.cluster };
      const nothing = { ...about, images: [], containers: [] };
      if (!node.running) return { ...nothing, fault: NOT_RUNNING };
      try {
        const [images, containers] = await Promise.all([
          askNode(docker, node.name, ['crictl', 'images', '-o', 'json'], call),
          wanted ? askNode(docker, node.name, ['crictl', 'ps', '-a', '-o', 'json'], call) : '',
        ]);
        return { ...about, images: parseImages(images), containers: parseContainers(containers) };
      } catch (error) {
        call.signal?.throwIfAborted();
        return { ...nothing, fault: sanitise(toK3duiError(error).message) };
      }
    }),
  );
}

/** When these images were built, asked of one node: id → unix seconds. Ids it does not know are left out. */
export async function readBuilt(
  docker: Docker,
  node: string,
  ids: string[],
  call: Call = {},
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  return parseBuilt(await askNode(docker, node, ['crictl', 'inspecti', '-o', 'json', ...ids], call).catch(() => ''));
}

/** What a command prints in a node. Throws NODE_SILENT, RUNTIME_FAILED. */
export async function askNode(docker: Docker, node: string, command: string[], call: Call): Promise<string> {
  const own = new AbortController();
  const late = sleep(PATIENCE, undefined, { signal: own.signal }).then(() => {
    throw new K3duiError({
      code: 'NODE_SILENT',
      message: `${node} does not answer ${command.slice(0, 2).join(' ')} within ${PATIENCE / 1000} s`,
      hint: 'look at its log; it may be short of memory or disk',
    });
  });
  const signal = call.signal ? AbortSignal.any([call.signal, own.signal]) : own.signal;
  const answer = docker.exec(node, command, {}, { signal });
  answer.catch(() => {});
  late.catch(() => {});
  try {
    const { exitCode, stdout, stderr } = await Promise.race([answer, late]);
    if (exitCode === 0) return stdout;
    const why = sanitise((stderr || stdout).trim().split('\n').at(-1) ?? '');
    throw new K3duiError({
      code: 'RUNTIME_FAILED',
      message: `${command.slice(0, 2).join(' ')} in ${node} failed: ${why}`,
      hint: 'containerd may still be starting: try again in a few seconds',
    });
  } finally {
    own.abort();
  }
}

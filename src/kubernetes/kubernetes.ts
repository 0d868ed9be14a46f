import { accessOf } from './access.ts';
import { Api } from './api.ts';
import { mapKubernetesError, refused } from './errors.ts';
import { type NodeDetails, nodeDetails, type UnschedulablePod, unschedulablePods } from './node-details.ts';
import type { KubernetesNode } from './nodes.ts';

export type { NodeDetails, UnschedulablePod } from './node-details.ts';
export type { KubernetesNode } from './nodes.ts';

export interface KubernetesCall {
  signal?: AbortSignal;
}

/** The Kubernetes API of one cluster. Calls throw K3duiError: KUBERNETES_*, CANCELLED. */
export interface Kubernetes {
  /** The API's address, as the kubeconfig has it. */
  readonly server: string;
  /** True when /readyz says ok; false for any other answer and when nothing answers. Throws only CANCELLED. */
  readyz(call?: KubernetesCall): Promise<boolean>;
  /** `v1.31.5+k3s1` */
  version(call?: KubernetesCall): Promise<string>;
  listNodes(call?: KubernetesCall): Promise<KubernetesNode[]>;
  /**
   * Node name → when it last reported (its kubelet, or its network's agent), in milliseconds. Asked over and over while nodes come up, so it does
   * without the typed client, which costs a third of a second of processor time that k3s wants then.
   */
  heartbeats(call?: KubernetesCall): Promise<Map<string, number>>;
  /** Conditions, events and the like of one node; undefined when it is not registered. */
  node(name: string, call?: KubernetesCall): Promise<NodeDetails | undefined>;
  /** Pods that wait because no node takes them. */
  unschedulablePods(call?: KubernetesCall): Promise<UnschedulablePod[]>;
}

/** Milliseconds. A port that is published before anybody listens behind it may accept and then stay silent. */
const READYZ_LIMIT = 3_000;
const CALL_LIMIT = 15_000;

/**
 * Opens the API of the kubeconfig's current context; `kubeconfig` is its text. Connects with the first call.
 * Throws KUBECONFIG_INVALID.
 */
export async function openKubernetes(kubeconfig: string): Promise<Kubernetes> {
  const access = accessOf(kubeconfig);
  const api = new Api(access);
  const { server } = access;

  async function get(path: string, doing: string, signal?: AbortSignal): Promise<Buffer> {
    try {
      const answer = await api.send({ path, signal, limit: CALL_LIMIT });
      if (answer.status >= 300) throw refused(answer, doing);
      return answer.body;
    } catch (error) {
      throw mapKubernetesError(error, doing, server, signal);
    }
  }

  const json = (signal?: AbortSignal) => async (path: string, doing: string) => {
    const body = await get(path, doing, signal);
    try {
      return JSON.parse(body.toString()) as unknown;
    } catch (error) {
      throw mapKubernetesError(error, doing, server, signal);
    }
  };

  return {
    server,
    async readyz({ signal } = {}) {
      try {
        const answer = await api.send({ path: '/readyz', signal, limit: READYZ_LIMIT, fresh: true });
        return answer.status === 200 && answer.body.toString().trim() === 'ok';
      } catch (error) {
        if (signal?.aborted) throw mapKubernetesError(error, 'ask whether the API is ready', server, signal);
        return false;
      }
    },
    async version({ signal } = {}) {
      const doing = 'ask for the version';
      const body = await get('/version', doing, signal);
      try {
        return String((JSON.parse(body.toString()) as { gitVersion?: string }).gitVersion ?? '');
      } catch (error) {
        throw mapKubernetesError(error, doing, server, signal);
      }
    },
    node: (name, { signal } = {}) => nodeDetails(json(signal), name),
    unschedulablePods: ({ signal } = {}) => unschedulablePods(json(signal)),
    async heartbeats({ signal } = {}) {
      const body = await get('/api/v1/nodes', 'list the nodes', signal);
      try {
        return readHeartbeats(JSON.parse(body.toString()));
      } catch (error) {
        throw mapKubernetesError(error, 'list the nodes', server, signal);
      }
    },
    async listNodes({ signal } = {}) {
      const doing = 'list the nodes';
      try {
        // The typed client takes long to load: only when it is first needed.
        const { listNodes } = await import('./nodes.ts');
        return await listNodes(api, server, CALL_LIMIT, signal);
      } catch (error) {
        throw mapKubernetesError(error, doing, server, signal);
      }
    },
  };
}

interface NodeListed {
  metadata?: { name?: string };
  status?: { conditions?: { lastHeartbeatTime?: string | null }[] };
}

function readHeartbeats(list: { items?: NodeListed[] }): Map<string, number> {
  return new Map(
    (list.items ?? []).map(({ metadata, status }) => [
      metadata?.name ?? '',
      Math.max(
        0,
        ...(status?.conditions ?? []).map(({ lastHeartbeatTime }) => Date.parse(lastHeartbeatTime ?? '') || 0),
      ),
    ]),
  );
}

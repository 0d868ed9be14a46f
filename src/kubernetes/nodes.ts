import {
  CoreV1Api,
  createConfiguration,
  ResponseContext,
  ServerConfiguration,
  type V1Node,
  wrapHttpLibrary,
} from '@kubernetes/client-node';
import type { Api } from './api.ts';
import { refused } from './errors.ts';

/** What Kubernetes says about a node. */
export interface KubernetesNode {
  name: string;
  ready: boolean;
  /** Of its kubelet: `v1.31.5+k3s1`. */
  version: string;
  /** `control-plane`, `etcd`, …; empty for an agent. */
  roles: string[];
  internalIP: string;
  /** No new pods are placed on it: cordoned, or being drained. */
  unschedulable: boolean;
  /** Why it is not ready, in Kubernetes' words; empty when it is. */
  problem: string;
}

const ROLE_LABEL = 'node-role.kubernetes.io/';

/** All nodes that are registered with the API. Throws what the transport throws, and our error for a refusal. */
export async function listNodes(
  api: Api,
  server: string,
  limit: number,
  signal?: AbortSignal,
): Promise<KubernetesNode[]> {
  const { items } = await coreApi(api, server, limit, signal).listNode();
  return items.map(describe);
}

/** The typed client over our own transport, whose connections are kept and whose calls can be aborted. */
function coreApi(api: Api, server: string, limit: number, signal?: AbortSignal): CoreV1Api {
  const httpApi = wrapHttpLibrary({
    async send(request) {
      const url = new URL(request.getUrl());
      const body = request.getBody();
      const path = url.href.slice(server.length);
      const answer = await api.send({
        method: request.getHttpMethod().toString(),
        path,
        headers: request.getHeaders(),
        body: typeof body === 'string' ? body : undefined,
        signal,
        limit,
      });
      if (answer.status >= 300) throw refused(answer, `${request.getHttpMethod()} ${path}`);
      const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
      const text = answer.body.toString();
      return new ResponseContext(answer.status, headers, {
        text: async () => text,
        binary: async () => answer.body,
        stream: () => undefined as never,
      });
    },
  });
  return new CoreV1Api(createConfiguration({ baseServer: new ServerConfiguration(server, {}), httpApi }));
}

function describe({ metadata, spec, status }: V1Node): KubernetesNode {
  const conditions = status?.conditions ?? [];
  const wrong = conditions.find(({ type, status: is }) => (type === 'Ready' ? is !== 'True' : is === 'True'));
  return {
    name: metadata?.name ?? '',
    ready: conditions.some(condition => condition.type === 'Ready' && condition.status === 'True'),
    version: status?.nodeInfo?.kubeletVersion ?? '',
    roles: Object.keys(metadata?.labels ?? {})
      .filter(label => label.startsWith(ROLE_LABEL))
      .map(label => label.slice(ROLE_LABEL.length))
      .sort(),
    internalIP: status?.addresses?.find(address => address.type === 'InternalIP')?.address ?? '',
    unschedulable: spec?.unschedulable === true,
    problem: wrong ? `${wrong.type} is ${wrong.status}${wrong.message ? `: ${wrong.message}` : ''}` : '',
  };
}

import { accessOf } from './access.ts';
import { Api } from './api.ts';
import { mapKubernetesError, refused } from './errors.ts';

/** A Service as far as it matters for who wants to reach it from outside. */
export interface KubernetesService {
  name: string;
  namespace: string;
  /** `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`. */
  type: string;
  /** `nodePort` is 0 where it has none; `protocol` in lower case. */
  ports: { name: string; port: number; nodePort: number; protocol: string }[];
}

/** Somebody waits for it in a dialog: rather say that nothing answers. Milliseconds. */
const LIMIT = 4_000;

interface ServiceList {
  items?: {
    metadata?: { name?: string; namespace?: string };
    spec?: { type?: string; ports?: { name?: string; port?: number; nodePort?: number; protocol?: string }[] };
  }[];
}

/**
 * All Services of the cluster that the kubeconfig (as text) leads to. Without the typed client, which takes 40 MB.
 * Throws KUBECONFIG_INVALID, KUBERNETES_*, CANCELLED.
 */
export async function listServices(
  kubeconfig: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<KubernetesService[]> {
  const access = accessOf(kubeconfig);
  const doing = 'list the Services';
  try {
    const answer = await new Api(access).send({ path: '/api/v1/services', signal, limit: LIMIT, fresh: true });
    if (answer.status >= 300) throw refused(answer, doing);
    const { items = [] } = JSON.parse(answer.body.toString()) as ServiceList;
    return items.map(({ metadata, spec }) => ({
      name: metadata?.name ?? '',
      namespace: metadata?.namespace ?? '',
      type: spec?.type ?? 'ClusterIP',
      ports: (spec?.ports ?? []).map(({ name = '', port = 0, nodePort = 0, protocol = 'TCP' }) => ({
        name,
        port,
        nodePort,
        protocol: protocol.toLowerCase(),
      })),
    }));
  } catch (error) {
    throw mapKubernetesError(error, doing, access.server, signal);
  }
}

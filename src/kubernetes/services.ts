import { ask } from './ask.ts';

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
  call: { signal?: AbortSignal } = {},
): Promise<KubernetesService[]> {
  const answer = await ask(kubeconfig, 'list the Services', call, { path: '/api/v1/services', limit: LIMIT });
  const { items = [] } = answer as ServiceList;
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
}

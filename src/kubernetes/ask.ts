import { accessOf } from './access.ts';
import { Api } from './api.ts';
import { mapKubernetesError, refused } from './errors.ts';

/** Milliseconds until an answer must be there, when the question does not say. */
const LIMIT = 8000;

export interface Question {
  /** Absolute path with its query. */
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Milliseconds until the answer must be there. */
  limit?: number;
  /** Nothing of that name is no error. */
  missing?: boolean;
}

/**
 * Asks one thing of the cluster that the kubeconfig (as text) leads to, over a connection of its own. Gives the answer's
 * JSON; undefined for none, and for nothing of that name. `doing` completes "cannot …". Throws KUBECONFIG_INVALID, KUBERNETES_*, CANCELLED.
 */
export async function ask(
  kubeconfig: string,
  doing: string,
  { signal }: { signal?: AbortSignal },
  { missing, ...request }: Question,
): Promise<unknown> {
  const access = accessOf(kubeconfig);
  try {
    const answer = await new Api(access).send({ limit: LIMIT, ...request, signal, fresh: true });
    if (missing && answer.status === 404) return undefined;
    if (answer.status >= 300) throw refused(answer, doing);
    return answer.body.length === 0 ? undefined : (JSON.parse(answer.body.toString()) as unknown);
  } catch (error) {
    throw mapKubernetesError(error, doing, access.server, signal);
  }
}

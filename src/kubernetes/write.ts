import { accessOf } from './access.ts';
import { Api, type ApiAnswer } from './api.ts';
import { mapKubernetesError, refused } from './errors.ts';
import type { RawObject } from './watch.ts';

/** Milliseconds. */
const LIMIT = 10_000;

/**
 * Makes an object below a path (`/apis/networking.k8s.io/v1/namespaces/shop/ingresses`) of the cluster that the kubeconfig
 * (as text) leads to. Returns it as the API stored it. Throws KUBERNETES_*, KUBECONFIG_INVALID, CANCELLED.
 */
export async function createObject(
  kubeconfig: string,
  path: string,
  object: RawObject,
  signal?: AbortSignal,
): Promise<RawObject> {
  const answer = await send(kubeconfig, 'POST', path, `create ${nameOf(object)}`, signal, object);
  return JSON.parse(answer.body.toString()) as RawObject;
}

/** The object at a path; undefined when there is none. Throws KUBERNETES_*, KUBECONFIG_INVALID, CANCELLED. */
export async function readObject(
  kubeconfig: string,
  path: string,
  signal?: AbortSignal,
): Promise<RawObject | undefined> {
  const answer = await send(kubeconfig, 'GET', path, `read ${path}`, signal);
  return answer.status === 404 ? undefined : (JSON.parse(answer.body.toString()) as RawObject);
}

/** Removes the object at a path; that it is gone already is all right. With a uid only that very one. Throws KUBERNETES_*, CANCELLED. */
export async function deleteObject(
  kubeconfig: string,
  path: string,
  uid?: string,
  signal?: AbortSignal,
): Promise<void> {
  const body = uid === undefined ? undefined : { preconditions: { uid } };
  await send(kubeconfig, 'DELETE', path, `delete ${path}`, signal, body);
}

const nameOf = ({ kind, metadata }: RawObject) =>
  `${String(kind ?? 'object')} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

async function send(
  kubeconfig: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  doing: string,
  signal?: AbortSignal,
  object?: object,
): Promise<ApiAnswer> {
  const access = accessOf(kubeconfig);
  try {
    const body = object && JSON.stringify(object);
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await new Api(access).send({ method, path, headers, body, signal, limit: LIMIT, fresh: true });
    if (answer.status >= 300 && !(answer.status === 404 && method !== 'POST')) throw refused(answer, doing);
    return answer;
  } catch (error) {
    throw mapKubernetesError(error, doing, access.server, signal);
  }
}

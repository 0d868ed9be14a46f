import { ask } from './ask.ts';
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
  const asked = { ...json(object), method: 'POST', path, limit: LIMIT };
  return (await ask(kubeconfig, `create ${nameOf(object)}`, { signal }, asked)) as RawObject;
}

/** The object at a path; undefined when there is none. Throws KUBERNETES_*, KUBECONFIG_INVALID, CANCELLED. */
export async function readObject(
  kubeconfig: string,
  path: string,
  signal?: AbortSignal,
): Promise<RawObject | undefined> {
  const asked = { path, limit: LIMIT, missing: true };
  return (await ask(kubeconfig, `read ${path}`, { signal }, asked)) as RawObject | undefined;
}

/** Removes the object at a path; that it is gone already is all right. With a uid only that very one. Throws KUBERNETES_*, CANCELLED. */
export async function deleteObject(
  kubeconfig: string,
  path: string,
  uid?: string,
  signal?: AbortSignal,
): Promise<void> {
  const only = uid === undefined ? {} : json({ preconditions: { uid } });
  await ask(kubeconfig, `delete ${path}`, { signal }, { ...only, method: 'DELETE', path, limit: LIMIT, missing: true });
}

const nameOf = ({ kind, metadata }: RawObject) =>
  `${String(kind ?? 'object')} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

const json = (object: object) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(object),
});

import { setTimeout as sleep } from 'node:timers/promises';
import type { Docker } from '../../docker/docker.ts';
import { isK3duiError, K3duiError } from '../../errors.ts';
import type { RawObject } from '../../kubernetes/watch.ts';
import { createObject, deleteObject, readObject } from '../../kubernetes/write.ts';
import { requestFromHere } from '../expose/http.ts';
import type { HttpRequest } from '../expose/model.ts';
import { fetchKubeconfigFrom } from '../kubeconfig/fetch.ts';
import type { KubernetesObject } from '../plan.ts';
import type { StepContext, Undo } from '../step.ts';
import { pause } from '../wait.ts';

/** A load balancer that was just replaced is not reached at once; so long is the API asked, in milliseconds. */
const PATIENCE = 20_000;
const PAUSE = 500;

/** Makes an object through the cluster's API; its undo removes that very one. Throws KUBERNETES_*. */
export async function createInCluster(
  docker: Docker,
  action: KubernetesObject & { object: object },
  context: StepContext,
): Promise<Undo> {
  const { path, object } = action;
  const kubeconfig = await kubeconfigFor(docker, action, context.signal);
  const wanted = object as RawObject;
  const name = encodeURIComponent(wanted.metadata?.name ?? '');
  let asked = false;
  const made = await patiently(async () => {
    // Where the answer to the first request was lost the object may be there all the same.
    const there = asked ? await readObject(kubeconfig, `${path}/${name}`, context.signal) : undefined;
    if (there && holds(there, wanted)) return there;
    asked = true;
    return createObject(kubeconfig, path, wanted, context.signal);
  }, context.signal);
  const uid = made.metadata?.uid;
  return async signal => {
    await patiently(
      () => deleteObject(kubeconfig, `${path}/${name}`, typeof uid === 'string' ? uid : undefined, signal),
      signal,
    );
  };
}

/** Removes an object; its undo makes it again as it was. Throws KUBERNETES_*. */
export async function deleteInCluster(
  docker: Docker,
  action: KubernetesObject,
  { signal }: StepContext,
): Promise<Undo | undefined> {
  const kubeconfig = await kubeconfigFor(docker, action, signal);
  const old = await patiently(() => readObject(kubeconfig, action.path, signal), signal);
  if (old === undefined) return undefined;
  await patiently(() => deleteObject(kubeconfig, action.path, undefined, signal), signal);
  const parent = action.path.slice(0, action.path.lastIndexOf('/'));
  const { name, namespace, labels, annotations } = old.metadata ?? {};
  const again = { ...old, status: undefined, metadata: { name, namespace, labels, annotations } };
  return async undoSignal => {
    await patiently(() => createObject(kubeconfig, parent, again, undoSignal), undoSignal);
  };
}

/** Whether all that is wanted is there; the API adds a status, defaults and the like. */
function holds(there: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return there === wanted;
  if (typeof there !== 'object' || there === null) return false;
  return Object.entries(wanted).every(([key, value]) => holds((there as Record<string, unknown>)[key], value));
}

const kubeconfigFor = (docker: Docker, { server, cluster, api }: KubernetesObject, signal: AbortSignal) =>
  fetchKubeconfigFrom(docker, server, cluster, api, { signal });

async function patiently<Result>(ask: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isK3duiError(error, 'KUBERNETES_UNREACHABLE') || signal.aborted || Date.now() > deadline) throw error;
      await pause(PAUSE, signal);
    }
  }
}

/** Asks for a URL until something other than the controller's own refusals answers. Throws URL_SILENT. */
export async function proveUrl(request: HttpRequest, { signal, report }: StepContext): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const { status, ms, why } = await requestFromHere(request, { signal });
    if (status > 0 && ![404, 502, 503, 504].includes(status)) return report({ text: `${status} in ${ms} ms` });
    if (Date.now() > deadline) {
      const said = status > 0 ? `it answers ${status}` : (why ?? 'nothing answers');
      throw new K3duiError({
        code: 'URL_SILENT',
        message: `http://${request.host}:${request.port}${request.path} was asked for, but ${said}`,
        hint:
          status === 404
            ? 'the app may say so itself: look at it with k3dui expose'
            : 'see which hop breaks: k3dui expose',
      });
    }
    report({ text: status > 0 ? `${status}, asking again` : `${why ?? 'no answer'}, asking again` });
    await sleep(PAUSE, undefined, { signal });
  }
}

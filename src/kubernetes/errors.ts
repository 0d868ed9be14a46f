import { isAbort, K3duiError } from '../errors.ts';
import type { ApiAnswer } from './api.ts';

/** The one place where what the Kubernetes API or the way to it throws becomes our error. */
export function mapKubernetesError(error: unknown, doing: string, server: string, signal?: AbortSignal): K3duiError {
  if (error instanceof K3duiError) return error;
  if (signal?.aborted || isAbort(error)) {
    return new K3duiError({ code: 'CANCELLED', message: `cancelled: ${doing}`, cause: error, exitCode: 130 });
  }
  const code = (error as { code?: unknown }).code;
  const why = error instanceof Error ? error.message : String(error);
  if (typeof code === 'string' && /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|EPROTO/.test(code)) {
    return new K3duiError({
      code: 'KUBERNETES_UNREACHABLE',
      message: `TLS with the Kubernetes API at ${server} failed: ${why}`,
      hint: 'the kubeconfig may be from an earlier cluster of this name; read it again',
      cause: error,
    });
  }
  return new K3duiError({
    code: 'KUBERNETES_UNREACHABLE',
    message: `cannot ${doing}: the Kubernetes API at ${server} does not answer (${why || code})`,
    hint: 'the cluster may be starting or stopped; look at its nodes',
    cause: error,
  });
}

/** The error for an answer that is none of 2xx, in the API's own words. */
export function refused(answer: ApiAnswer, doing: string): K3duiError {
  const denied = answer.status === 401 || answer.status === 403;
  return new K3duiError({
    code: denied ? 'KUBERNETES_DENIED' : answer.status === 404 ? 'KUBERNETES_NOT_FOUND' : 'KUBERNETES_ERROR',
    message: `cannot ${doing}: ${messageOf(answer) || `the Kubernetes API answered ${answer.status}`}`,
    hint: denied ? 'the kubeconfig may be from an earlier cluster of this name; read it again' : undefined,
  });
}

function messageOf(answer: ApiAnswer): string {
  const text = answer.body.toString();
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Proxies in between answer with text or HTML.
  }
  return text.slice(0, 200).replace(/\s+/g, ' ').trim();
}

import { isAbort, K3duiError } from '../errors.ts';
import { sanitise } from '../text.ts';

/** The registry's answer to a request that it did not do. */
export interface Refusal {
  status: number;
  /** Its body: JSON with `errors`, or anything. */
  body: string;
}

/** No answer at all came from the registry. */
export function unreachable(url: string, cause: unknown): K3duiError {
  if (isAbort(cause)) {
    return new K3duiError({ code: 'CANCELLED', message: `cancelled: asking ${url}`, cause, exitCode: 130 });
  }
  const code = (cause as { code?: string }).code ?? '';
  const said = sanitise(cause instanceof Error ? cause.message : String(cause));
  const why =
    code === 'ECONNREFUSED'
      ? 'nothing answers there'
      : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? 'its name is not known here'
        : /^HPE_|^ERR_SSL|EPROTO/.test(code)
          ? 'what answers is no registry'
          : said || code;
  return new K3duiError({
    code: 'REGISTRY_UNREACHABLE',
    message: `the registry at ${url} cannot be reached: ${why}`,
    hint: 'is it running? k3dui registry list',
    cause,
  });
}

/** The registry, or what it mirrors, did not do it. `doing` completes "cannot …". */
export function refused(url: string, doing: string, { status, body }: Refusal): K3duiError {
  const why = sanitise(reasonOf(body)) || `it answered ${status}`;
  const make = (code: string, hint: string) =>
    new K3duiError({ code, message: `the registry at ${url} cannot ${doing}: ${why}`, hint });
  if (status === 401 || status === 403 || /^(UNAUTHORIZED|DENIED)/.test(codeOf(body))) {
    return make(
      'REGISTRY_DENIED',
      'wrong or no credentials: `docker login` to it; for a mirror check its user name and password',
    );
  }
  if (status === 405 || codeOf(body) === 'UNSUPPORTED') {
    if (!doing.startsWith('delete')) return make('REGISTRY_REFUSED', 'a mirror takes nothing');
    return make('REGISTRY_DELETE_OFF', 'it was made without leave to delete: make it with --delete-enabled');
  }
  if (status >= 500) return make('REGISTRY_REFUSED', 'its log may say more: k3dui node logs NAME');
  return make('REGISTRY_REFUSED', 'check the name of the repository and the tag');
}

/** Its answer is none that a registry would give. */
export function notARegistry(url: string, cause: unknown): K3duiError {
  return new K3duiError({
    code: 'REGISTRY_REFUSED',
    message: `what answers at ${url} is no registry`,
    hint: 'another program may have its port',
    cause,
  });
}

/** What is asked for is not there. */
export const isMissing = ({ status, body }: Refusal): boolean =>
  status === 404 || /^(NAME_UNKNOWN|MANIFEST_UNKNOWN|BLOB_UNKNOWN)$/.test(codeOf(body));

function firstError(body: string): { code?: string; message?: string; detail?: unknown } {
  try {
    const { errors } = JSON.parse(body) as { errors?: { code?: string; message?: string; detail?: unknown }[] };
    return errors?.[0] ?? {};
  } catch {
    return {};
  }
}

const codeOf = (body: string): string => firstError(body).code ?? '';

function reasonOf(body: string): string {
  const { code, message } = firstError(body);
  return message || code || (body.length < 200 && !body.includes('<') ? body.trim() : '');
}

import { isRecord, StatusError } from './objects.ts';

/** RFC 7386: null removes, objects merge, all else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** By which field Kubernetes joins the entries of a list; lists not named here are replaced whole. */
const mergeKeys: Record<string, string> = {
  conditions: 'type',
  addresses: 'type',
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  imagePullSecrets: 'name',
  taints: 'key',
  ownerReferences: 'uid',
};

function mergeList(list: unknown[], patch: unknown[], key: string): unknown[] {
  const result = [...list];
  for (const entry of patch) {
    if (!isRecord(entry)) continue;
    const at = result.findIndex(old => isRecord(old) && old[key] === entry[key]);
    const { $patch: directive, ...fields } = entry;
    if (directive === 'delete') {
      if (at >= 0) result.splice(at, 1);
    } else if (at >= 0) result[at] = strategicPatch(result[at], fields);
    else result.push(fields);
  }
  return result;
}

/** Kubernetes' strategic merge, with the merge keys of the kinds served here. */
export function strategicPatch(target: unknown, patch: unknown, field = ''): unknown {
  if (Array.isArray(patch)) {
    const key = field === 'ports' && patch.some(p => isRecord(p) && 'port' in p) ? 'port' : mergeKeys[field];
    if (patch.some(entry => isRecord(entry) && entry.$patch === 'replace'))
      return patch.filter(entry => !(isRecord(entry) && entry.$patch === 'replace'));
    return key !== undefined && Array.isArray(target) ? mergeList(target, patch, key) : patch;
  }
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(target) && patch.$patch !== 'replace' ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    const removed = /^\$deleteFromPrimitiveList\/(.+)$/.exec(key)?.[1];
    const list = removed === undefined ? undefined : result[removed];
    if (removed !== undefined && Array.isArray(list) && Array.isArray(value))
      result[removed] = list.filter(entry => !value.includes(entry));
    else if (key.startsWith('$')) continue;
    else if (value === null) delete result[key];
    else result[key] = strategicPatch(result[key], value, key);
  }
  return result;
}

interface Step {
  op: string;
  path: string;
  value?: unknown;
  from?: string;
}

const pointer = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));

function at(document: unknown, parts: string[]): unknown {
  let here = document;
  for (const part of parts) {
    if (Array.isArray(here)) here = here[Number(part)];
    else if (isRecord(here)) here = here[part];
    else return undefined;
  }
  return here;
}

function edit(document: unknown, path: string, op: string, value: unknown): void {
  const parts = pointer(path);
  const last = parts.pop() ?? '';
  const parent = at(document, parts);
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (op === 'remove') parent.splice(index, 1);
    else parent.splice(index, op === 'replace' ? 1 : 0, value);
  } else if (isRecord(parent) && (op === 'add' || last in parent)) {
    if (op === 'remove') delete parent[last];
    else parent[last] = value;
  } else {
    throw new StatusError(
      422,
      'Invalid',
      `the server rejected our request due to an error in our request: ${op} ${path}`,
    );
  }
}

/** RFC 6902. @throws StatusError 422 when a test fails or a path is missing. */
export function jsonPatch(target: unknown, steps: Step[]): unknown {
  const document = structuredClone(target);
  for (const step of steps) {
    const from = step.from === undefined ? undefined : structuredClone(at(document, pointer(step.from)));
    if (step.op === 'test') {
      if (JSON.stringify(at(document, pointer(step.path))) !== JSON.stringify(step.value))
        throw new StatusError(422, 'Invalid', `testing path ${step.path} failed`);
    } else if (step.op === 'copy') edit(document, step.path, 'add', from);
    else if (step.op === 'move') {
      edit(document, step.from ?? '', 'remove', undefined);
      edit(document, step.path, 'add', from);
    } else edit(document, step.path, step.op, step.value);
  }
  return document;
}

/** Applies a patch by its content type. */
export function applyPatch(type: string, target: unknown, patch: unknown): unknown {
  if (type.startsWith('application/json-patch')) return jsonPatch(target, patch as Step[]);
  if (type.startsWith('application/merge-patch')) return mergePatch(target, patch);
  return strategicPatch(target, patch);
}

import { K3duiError } from '../errors.ts';

export interface LbOverride {
  /** In values.yaml: `['settings', 'workerConnections']`. */
  path: string[];
  value: number;
}

/** What of values.yaml can be overridden; all are whole numbers. k3d pkg/types/loadbalancer.go. */
const KNOWN = ['settings.workerConnections', 'settings.defaultProxyTimeout'];

/**
 * `settings.workerConnections=2048`; letter case of the key does not matter, as in k3d. k3d ignores keys that do not
 * exist; here they are an error. Throws LB_OVERRIDE_INVALID.
 */
export function parseLbOverride(text: string): LbOverride {
  const equals = text.indexOf('=');
  const key = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? '' : text.slice(equals + 1);
  const known = KNOWN.find(candidate => candidate.toLowerCase() === key.toLowerCase());
  if (known === undefined) throw invalid(text, `there is no setting '${key}'`);
  if (!/^\d{1,9}$/.test(value)) throw invalid(text, `'${value}' is not a whole number`);
  return { path: known.split('.'), value: Number(value) };
}

/** The values (shape of values.yaml) with the overrides merged in; neither argument is changed. */
export function applyLbOverrides<T extends object>(values: T, overrides: LbOverride[]): T {
  return overrides.reduce((result, { path, value }) => setIn(result, path, value) as T, values);
}

function setIn(target: unknown, path: string[], value: number): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const object = typeof target === 'object' && target !== null ? (target as Record<string, unknown>) : {};
  return { ...object, [key]: setIn(object[key], rest, value) };
}

function invalid(text: string, why: string): K3duiError {
  return new K3duiError({
    code: 'LB_OVERRIDE_INVALID',
    message: `invalid load balancer config override '${text}': ${why}`,
    hint: `write KEY=NUMBER with one of ${KNOWN.join(', ')}`,
  });
}

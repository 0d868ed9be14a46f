import { dump, load } from 'js-yaml';
import { K3duiError } from '../../errors.ts';

/**
 * The load balancer as a value: which listener reaches which nodes. Stored in the container as
 * /etc/confd/values.yaml, k3d's own file (pkg/types/loadbalancer.go).
 */
export interface LoadBalancerModel {
  /** `80.tcp` → node names, in upstream order. */
  ports: Record<string, string[]>;
  settings: LoadBalancerSettings;
}

export interface LoadBalancerSettings {
  workerConnections: number;
  /** Seconds; nginx's template falls back to 600. */
  defaultProxyTimeout?: number;
  [other: string]: unknown;
}

export const VALUES_PATH = '/etc/confd/values.yaml';
/** k3d writes the file with this mode (recordings: modes.json). */
export const VALUES_MODE = 0o744;
export const DEFAULT_WORKER_CONNECTIONS = 1024;

/** Renders values.yaml as k3d does: keys in natural order, settings by name, two spaces, lists not indented. */
export function formatValues(model: LoadBalancerModel): string {
  const ports = Object.fromEntries(sortedListeners(model).map(listener => [listener, model.ports[listener]]));
  const settings = Object.fromEntries(Object.entries(model.settings).sort(([a], [b]) => (a < b ? -1 : 1)));
  return dump({ ports, settings }, { seqNoIndent: true, lineWidth: -1 });
}

/** Listeners by port number, then protocol, as Go's YAML writer sorts `80.tcp` before `443.tcp`. */
export function sortedListeners(model: LoadBalancerModel): string[] {
  const key = (listener: string) => Number(listener.split('.')[0]);
  return Object.keys(model.ports).sort((a, b) => key(a) - key(b) || (a < b ? -1 : 1));
}

/**
 * Reads values.yaml. Unknown settings are kept.
 * Throws K3duiError LB_VALUES_INVALID when it is not what k3d or k3dui would write.
 */
export function parseValues(text: string): LoadBalancerModel {
  let document: unknown;
  try {
    document = load(text);
  } catch (cause) {
    throw invalid('it is not YAML', cause);
  }
  if (document === null || typeof document !== 'object') throw invalid('it holds no mapping');
  const { ports, settings } = document as { ports?: unknown; settings?: unknown };
  const model: LoadBalancerModel = { ports: {}, settings: { workerConnections: DEFAULT_WORKER_CONNECTIONS } };
  for (const [listener, nodes] of Object.entries((ports ?? {}) as Record<string, unknown>)) {
    if (!/^\d+\.(tcp|udp|sctp)$/.test(listener)) throw invalid(`'${listener}' is no PORT.PROTOCOL`);
    if (!Array.isArray(nodes) || !nodes.every(node => typeof node === 'string')) {
      throw invalid(`'${listener}' has no list of nodes`);
    }
    model.ports[listener] = [...new Set(nodes as string[])];
  }
  if (settings !== null && typeof settings === 'object') Object.assign(model.settings, settings);
  return model;
}

function invalid(why: string, cause?: unknown): K3duiError {
  return new K3duiError({
    code: 'LB_VALUES_INVALID',
    message: `the load balancer's ${VALUES_PATH} cannot be read: ${why}`,
    hint: 'look at it with: docker exec NAME cat /etc/confd/values.yaml',
    cause,
  });
}

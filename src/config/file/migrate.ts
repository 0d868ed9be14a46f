import { isEmpty } from '../../record.ts';
import { DEFAULT_CLUSTER_NAME } from '../cluster-spec.ts';
import type { ClusterConfig } from './config.ts';
import { SCHEMA, type Schema } from './schema.ts';
import { API_VERSION } from './versions.ts';

type Values = { [key: string]: unknown };

/**
 * A config of an older version that fits that version's schema as one of today; one of today comes back the same, in
 * its schema's order. Facts from k3d pkg/config/v1alpha3 to 5, migrations.go; unlike k3d's, what was left out stays left
 * out (k3d turns it into `wait: false`, and writes a token so that it can no longer be read).
 */
export function migrate(config: Values): ClusterConfig {
  let current = config;
  if (version(current) === 'k3d.io/v1alpha2') current = fromV2(current);
  // v1alpha4 only moved the name, v1alpha5 only added keys.
  const { name, ...rest } = current;
  const named = name === undefined || name === '' ? rest : { ...rest, metadata: { name } };
  return inOrder({ ...named, apiVersion: API_VERSION }, SCHEMA) as ClusterConfig;
}

function version(config: Values): string {
  return String(config.apiVersion).toLowerCase();
}

function fromV2(config: Values): Values {
  const { labels, options, registries, ...rest } = colonFilters(config) as Values;
  const { k3d = {}, k3s = {}, kubeconfig, runtime = {} } = (options ?? {}) as Record<string, Values>;
  const { disableHostIPInjection: _, ...k3dOptions } = k3d;
  const { extraServerArgs = [], extraAgentArgs = [] } = k3s as Record<string, string[]>;
  const { create, ...otherRegistries } = (registries ?? {}) as Values;
  const name = rest.name || DEFAULT_CLUSTER_NAME;
  return {
    ...rest,
    options: {
      k3d: k3dOptions,
      k3s: {
        extraArgs: [
          ...extraServerArgs.map(arg => ({ arg, nodeFilters: ['server:*'] })),
          ...extraAgentArgs.map(arg => ({ arg, nodeFilters: ['agent:*'] })),
        ],
      },
      kubeconfig,
      runtime: { ...runtime, ...(labels ? { labels } : {}) },
    },
    registries: {
      ...otherRegistries,
      ...(create ? { create: { name: `k3d-${name}-registry`, host: '0.0.0.0', hostPort: 'random' } } : {}),
    },
  };
}

/** Node filters were written `server[0]`; they are `server:0` now. */
function colonFilters(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(colonFilters);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'nodeFilters' && Array.isArray(inner)
        ? inner.map(filter => String(filter).replaceAll('[', ':').replaceAll(']', ''))
        : colonFilters(inner),
    ]),
  );
}

/** In the order of the schema, without empty lists and objects, which say nothing. Keys it does not know come last. */
function inOrder(value: unknown, schema: Schema | undefined): unknown {
  if (Array.isArray(value))
    return value.map(item => inOrder(item, schema?.type === 'array' ? schema.items : undefined));
  if (typeof value !== 'object' || value === null) return value;
  const properties = schema?.type === 'object' ? schema.properties : {};
  const known = Object.keys(properties).filter(key => Object.hasOwn(value, key));
  const keys = [...known, ...Object.keys(value).filter(key => !known.includes(key))];
  return Object.fromEntries(
    keys
      .map(key => [key, inOrder((value as Values)[key], properties[key])] as const)
      .filter(([, inner]) => inner !== undefined && !isEmpty(inner)),
  );
}

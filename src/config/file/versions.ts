import { filteredList, type ObjectSchema, SCHEMA, type Schema } from './schema.ts';

/** What a config file of today says it is. k3d pkg/config/v1alpha5/types.go. */
export const API_VERSION = 'k3d.io/v1alpha5';
export const KIND = 'Simple';

/** What may stand in files of that version; undefined for one that never was. Letter case does not matter, as in k3d. */
export function schemaOf(apiVersion: string): ObjectSchema | undefined {
  return SCHEMAS.get(apiVersion.toLowerCase());
}

/** All versions that can be read, oldest first. */
export function apiVersions(): string[] {
  return [...SCHEMAS.keys()];
}

/** Each older version as what the newer one does not have. Facts from k3d pkg/config/v1alpha2 to 4, schema.json. */
const V4 = named(
  'k3d.io/v1alpha4',
  without(SCHEMA, 'files', 'options.runtime.ulimits', 'registries.create.enforcePortMatch'),
);

const V3 = named(
  'k3d.io/v1alpha3',
  withProperties(
    without(
      V4,
      'metadata',
      'hostAliases',
      'options.runtime.hostPidMode',
      'registries.create.image',
      'registries.create.proxy',
      'registries.create.volumes',
    ),
    { name: SCHEMA.properties.metadata.properties.name },
  ),
);

const args: Schema = { type: 'array', items: { type: 'string' } };

const V2 = named(
  'k3d.io/v1alpha2',
  // Node filters were written server[0] then.
  withoutFilterFormat(
    withProperties(
      without(
        V3,
        'options.k3s.extraArgs',
        'options.k3s.nodeLabels',
        'options.k3d.loadbalancer',
        'options.runtime.labels',
        'registries.create',
      ),
      {
        labels: filteredList('label', { type: 'string', format: 'container label' }),
        options: {
          k3d: { disableHostIPInjection: { type: 'boolean', default: false } },
          k3s: { extraServerArgs: args, extraAgentArgs: args },
        },
        registries: { create: { type: 'boolean', default: false } },
      },
    ),
  ),
);

const SCHEMAS: ReadonlyMap<string, ObjectSchema> = new Map([
  ['k3d.io/v1alpha2', V2],
  ['k3d.io/v1alpha3', V3],
  ['k3d.io/v1alpha4', V4],
  [API_VERSION, SCHEMA],
]);

function named(apiVersion: string, schema: ObjectSchema): ObjectSchema {
  return withProperties(schema, { apiVersion: { type: 'string', enum: [apiVersion], default: apiVersion } });
}

function without(schema: ObjectSchema, ...paths: string[]): ObjectSchema {
  return paths.reduce((rest, path) => leaveOut(rest, path.split('.')), schema);
}

function leaveOut(schema: ObjectSchema, [first = '', ...rest]: string[]): ObjectSchema {
  const { [first]: found, ...others } = schema.properties;
  if (rest.length === 0 || found?.type !== 'object') return { ...schema, properties: others };
  return { ...schema, properties: { ...schema.properties, [first]: leaveOut(found, rest) } };
}

type Additions = { [key: string]: Schema | Additions };

/** With more properties; those under an object that is there go into it. */
function withProperties(schema: ObjectSchema, additions: Additions): ObjectSchema {
  const properties: Record<string, Schema> = { ...schema.properties };
  for (const [key, addition] of Object.entries(additions)) {
    const there = properties[key];
    properties[key] = isSchema(addition)
      ? addition
      : withProperties(there?.type === 'object' ? there : { type: 'object', properties: {} }, addition);
  }
  return { ...schema, properties };
}

function isSchema(addition: Schema | Additions): addition is Schema {
  return typeof addition.type === 'string';
}

function withoutFilterFormat<S extends Schema>(schema: S): S {
  if (schema.type === 'object') {
    const properties = Object.entries(schema.properties).map(([key, value]) => [key, withoutFilterFormat(value)]);
    return { ...schema, properties: Object.fromEntries(properties) };
  }
  if (schema.type === 'array') return { ...schema, items: withoutFilterFormat(schema.items) };
  if (schema.type === 'string' && schema.format === 'node filter') return { ...schema, format: undefined };
  return schema;
}

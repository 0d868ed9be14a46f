import type { Format } from './formats.ts';
import type { ObjectSchema, Schema } from './schema.ts';

/** Formats that JSON schema has a name for. */
const STANDARD: readonly Format[] = ['hostname', 'ipv4'];

/** The schema as JSON schema, for editors. */
export function jsonSchema(schema: ObjectSchema, title = 'SimpleConfig'): object {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title, ...convert(schema) };
}

function convert(schema: Schema): Record<string, unknown> {
  const { description, examples } = schema;
  const common = { ...(description ? { description } : {}), ...(examples ? { examples } : {}) };
  switch (schema.type) {
    case 'object':
      return {
        type: 'object',
        ...common,
        ...(schema.required ? { required: schema.required } : {}),
        properties: Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, convert(value)])),
        ...(schema.open ? {} : { additionalProperties: false }),
      };
    case 'array':
      return { type: 'array', ...common, items: convert(schema.items) };
    case 'any':
      return { type: ['string', 'number'], ...common };
    case 'string':
      return {
        type: 'string',
        ...common,
        ...(schema.enum ? { enum: schema.enum } : {}),
        ...(schema.format && STANDARD.includes(schema.format) ? { format: schema.format } : {}),
        ...(schema.default === undefined ? {} : { default: schema.default }),
      };
    case 'number':
      return {
        type: 'integer',
        ...common,
        ...(schema.minimum === undefined ? {} : { minimum: schema.minimum }),
        ...(schema.default === undefined ? {} : { default: schema.default }),
      };
    case 'boolean':
      return { type: 'boolean', ...common, ...(schema.default === undefined ? {} : { default: schema.default }) };
  }
}

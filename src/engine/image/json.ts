import { type Fields, fields } from '../../record.ts';

/** The value where it is a list, else an empty one. */
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The object that a text says; an empty one for what is no JSON. */
export function parseJson(json: string): Fields {
  try {
    return fields(JSON.parse(json));
  } catch {
    return {};
  }
}

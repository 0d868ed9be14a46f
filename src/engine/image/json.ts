/** Answers of other programs and files of archives: of no shape that one may rely on. */
export type Json = Record<string, unknown>;

/** The value where it is an object, else an empty one. */
export const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

/** The value where it is a list, else an empty one. */
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The object that a text says; an empty one for what is no JSON. */
export function parseJson(json: string): Json {
  try {
    return record(JSON.parse(json));
  } catch {
    return {};
  }
}

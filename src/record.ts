/** What others sent or wrote, of which nothing is certain. */
export type Fields = Record<string, unknown>;

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** True for an object or a list that holds nothing. */
export const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** The value where it is an object, else an empty one. */
export const fields = (value: unknown): Fields => (isRecord(value) ? value : {});

import { isK3duiError } from '../../errors.ts';

/**
 * Makes something and gives its id. When the link breaks before the engine's answer came, it may be there all the same:
 * then it is looked up, so that it can be used, or undone, instead of lying about unknown.
 * @param find gives the id of what was made, undefined when there is no such thing, or none of ours
 */
export async function made(make: () => Promise<string>, find: () => Promise<string | undefined>): Promise<string> {
  try {
    return await make();
  } catch (error) {
    if (!isK3duiError(error, 'DOCKER_UNREACHABLE')) throw error;
    const id = await find().catch(() => undefined);
    if (id === undefined) throw error;
    return id;
  }
}

/** Whether an object carries exactly these labels: the token among them makes a cluster's containers unmistakable. */
export function carries(
  labels: Record<string, string> | null | undefined,
  wanted: Record<string, string> = {},
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels?.[key] === value);
}

import { isAbort, isK3duiError } from '../../errors.ts';

/** So long after a cancel the engine may still answer, in milliseconds: making something is short, if it is not stuck. */
const PATIENCE = 10_000;

/**
 * Makes something and gives its id. When the link breaks before the engine's answer came, or the engine is stuck when
 * everything is cancelled, it may be there all the same: then it is looked up, so that it can be used, or undone, instead
 * of lying about unknown.
 * @param make gets a signal of its own: a cancel alone does not cut it off
 * @param find gives the id of what was made, undefined when there is no such thing, or none of ours
 */
export async function made(
  make: (signal: AbortSignal) => Promise<string>,
  find: () => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<string> {
  const stuck = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onCancel = () => {
    timer = setTimeout(() => stuck.abort(signal.reason), PATIENCE);
  };
  if (signal.aborted) onCancel();
  else signal.addEventListener('abort', onCancel, { once: true });
  try {
    return await make(stuck.signal);
  } catch (error) {
    if (!isK3duiError(error, 'DOCKER_UNREACHABLE') && !isAbort(error)) throw error;
    const id = await find().catch(() => undefined);
    if (id === undefined) throw error;
    return id;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onCancel);
  }
}

/** Whether an object carries exactly these labels: the token among them makes a cluster's containers unmistakable. */
export function carries(
  labels: Record<string, string> | null | undefined,
  wanted: Record<string, string> = {},
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels?.[key] === value);
}

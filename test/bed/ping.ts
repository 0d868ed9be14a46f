import type Docker from 'dockerode';

/** Resolves when the engine answers. @throws after five seconds without an answer, or the socket's error */
export async function ping(docker: Docker): Promise<void> {
  const aborting = docker as unknown as { ping(options: { abortSignal: AbortSignal }): Promise<unknown> };
  await aborting.ping({ abortSignal: AbortSignal.timeout(5000) });
}

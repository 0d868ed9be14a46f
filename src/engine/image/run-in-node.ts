import type { Docker } from '../../docker/docker.ts';

/** Milliseconds: for a command that is to be killed to say who it is, and then for its end. */
const PATIENCE = 2000;

/**
 * Runs a command in a node to its end. When the signal aborts, the command is killed: Docker itself leaves it running.
 * @returns its exit code and all that it printed
 */
export async function runInNode(
  docker: Docker,
  node: string,
  command: string[],
  signal: AbortSignal,
): Promise<{ exitCode: number; output: string }> {
  signal.throwIfAborted();
  const exec = await docker.execInteractive(node, ['sh', '-c', 'echo pid $$; exec "$@"', 'sh', ...command], {
    tty: false,
  });
  exec.endInput();
  let output = '';
  let giveUp: NodeJS.Timeout | undefined;
  let killed = false;
  const kill = (): void => {
    const pid = /^pid (\d+)\n/.exec(output)?.[1];
    giveUp ??= setTimeout(() => exec.close(), PATIENCE);
    // It may only just have been started: it is killed as soon as it has said who it is.
    if (pid === undefined || killed) return;
    killed = true;
    docker
      .exec(node, ['sh', '-c', `kill -9 ${pid}`], {}, { signal: AbortSignal.timeout(PATIENCE) })
      .catch(() => {})
      .finally(() => exec.close());
  };
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  try {
    for await (const { data } of exec.output) {
      output += data.toString();
      if (signal.aborted) kill();
    }
    signal.throwIfAborted();
    return { exitCode: await exec.exitCode(), output: output.replace(/^pid \d+\n/, '') };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(giveUp);
    signal.removeEventListener('abort', kill);
  }
}

import type { Docker } from '../../docker/docker.ts';

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
  const kill = (): void => {
    const pid = /^pid (\d+)\n/.exec(output)?.[1];
    const done = pid === undefined ? Promise.resolve() : docker.exec(node, ['sh', '-c', `kill -9 ${pid}`]);
    done.catch(() => {}).finally(() => exec.close());
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    for await (const { data } of exec.output) output += data.toString();
    signal.throwIfAborted();
    return { exitCode: await exec.exitCode(), output: output.replace(/^pid \d+\n/, '') };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

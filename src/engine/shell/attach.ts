import type { Call, Docker, LogChunk } from '../../docker/docker.ts';
import type { Node } from '../model.ts';

/**
 * Passes on what the node's own process prints from now on, as `docker attach` does for a container without a terminal:
 * nodes take no input. Ends when the process does, and returns its exit code; a cancel only stops looking.
 */
export async function attachTo(
  docker: Docker,
  node: Pick<Node, 'id'>,
  write: (chunk: LogChunk) => void,
  call: Call = {},
): Promise<number> {
  for await (const chunk of docker.logs(node.id, { follow: true, tail: 0 }, call)) write(chunk);
  const { State } = await docker.inspectContainer(node.id, call);
  return State.Running ? 0 : State.ExitCode;
}

import type { Docker } from '../../docker/docker.ts';
import { logLines } from '../log-lines.ts';

/**
 * Tells what these containers log from their start on, those whose role stands in `heard`, until `signal` aborts.
 * Whether anything can be heard never decides about what is waited for.
 */
export async function hearLogs(
  docker: Docker,
  containers: readonly string[],
  heard: string,
  tell: (container: string, line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const hear = async (container: string): Promise<void> => {
    const { Config, State } = await docker.inspectContainer(container, { signal });
    const role = Config.Labels?.['k3d.role'];
    if (!role || !heard.includes(role)) return;
    const since = Date.parse(State.StartedAt) / 1000;
    for await (const line of logLines(docker.logs(container, { follow: true, since }, { signal }))) {
      tell(container, line);
    }
  };
  if (heard !== '') await Promise.allSettled(containers.map(hear));
}

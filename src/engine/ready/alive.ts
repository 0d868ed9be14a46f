import type { Docker } from '../../docker/docker.ts';
import { isK3duiError, K3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import { logLines } from '../log-lines.ts';
import { poll } from '../wait.ts';

/**
 * Docker restarts a node that ends. k3s does end and come back by itself while a cluster forms, so only this many
 * restarts within one wait mean that it will not come up.
 */
const RESTARTS_ALLOWED = 4;
const LOOK_EVERY_MS = 700;
/** What k3s logs when no restart will ever help: an argument it does not know. */
const HOPELESS =
  /flag provided but not defined|Incorrect Usage|unknown flag|invalid argument|no such file or directory: exec/i;

/**
 * Never returns; throws NODE_DIED as soon as it is clear that the container will not come up.
 * @param allowed how many restarts are no reason yet
 */
export async function watchForDeath(
  docker: Docker,
  container: string,
  signal: AbortSignal,
  allowed = RESTARTS_ALLOWED,
): Promise<never> {
  let restartsAtFirst: number | undefined;
  return poll<never>(
    async () => {
      const { State, RestartCount } = await docker.inspectContainer(container, { signal });
      restartsAtFirst ??= RestartCount;
      const restarts = RestartCount - restartsAtFirst;
      const gone = State.Status === 'exited' || State.Status === 'dead';
      if (!gone && restarts === 0) return undefined;
      const fatal = await lastFatalLine(docker, container, signal);
      if (!gone && restarts < allowed && !(fatal && HOPELESS.test(fatal))) return undefined;
      const how = gone
        ? `ended with exit code ${State.ExitCode}`
        : restarts === 1
          ? 'ended, and ended again when Docker restarted it'
          : `was restarted ${restarts} times and ends each time`;
      throw new K3duiError({
        code: 'NODE_DIED',
        message: `${container} ${State.OOMKilled ? 'ran out of memory' : how}${fatal ? `: ${fatal}` : State.Error ? `: ${sanitise(State.Error)}` : ''}`,
        hint:
          fatal && HOPELESS.test(fatal)
            ? 'k3s does not take this argument: correct --k3s-arg'
            : 'its whole log is in the evidence folder',
      });
    },
    { everyMs: LOOK_EVERY_MS, signal },
  );
}

/** The message of the last `level=fatal` line, or the last line at all when there is none. */
async function lastFatalLine(docker: Docker, container: string, signal: AbortSignal): Promise<string | undefined> {
  let fatal: string | undefined;
  let last: string | undefined;
  try {
    for await (const line of logLines(docker.logs(container, { tail: 50 }, { signal }))) {
      if (line.trim() !== '') last = line;
      if (line.includes('level=fatal'))
        fatal = /msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replaceAll('\\"', '"') ?? line;
    }
  } catch (error) {
    if (isK3duiError(error, 'CANCELLED')) throw error;
  }
  const text = fatal ?? last;
  return text === undefined ? undefined : sanitise(text);
}

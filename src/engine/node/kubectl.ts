import type { Call, Docker, ExecResult } from '../../docker/docker.ts';
import { isK3duiError, K3duiError } from '../../errors.ts';
import { sanitise } from '../../text.ts';
import type { StepContext, Undo } from '../step.ts';
import { limited, pause } from '../wait.ts';

/** kubectl's words when the API behind it does not answer: another server may do. */
const NO_ANSWER = /was refused|unable to connect|no route to host|i\/o timeout|ServiceUnavailable|etcdserver|EOF$/im;
const NOT_FOUND = /NotFound|not found/;
/** Milliseconds until a server that does not answer is given up. */
const ANSWER_LIMIT = 20_000;

/**
 * Runs k3s' own kubectl in the first of these servers whose API answers: it needs no published port, and no program on
 * this machine. Throws KUBERNETES_UNREACHABLE when none does.
 */
export async function kubectlIn(
  docker: Docker,
  servers: string[],
  args: string[],
  call: Call,
  limitMs = ANSWER_LIMIT,
): Promise<ExecResult> {
  let last = 'no server runs';
  for (const server of servers) {
    const { signal } = limited(call, limitMs);
    try {
      const result = await docker.exec(server, ['kubectl', ...args], {}, { signal });
      if (result.exitCode === 0 || !NO_ANSWER.test(result.stderr)) return result;
      last = lastLine(result.stderr);
    } catch (error) {
      call.signal?.throwIfAborted();
      if (isK3duiError(error, 'DOCKER_UNREACHABLE')) throw error;
      last = signal.aborted ? `no answer within ${limitMs / 1000} s` : (error as Error).message;
    }
  }
  throw new K3duiError({
    code: 'KUBERNETES_UNREACHABLE',
    message: `no server of the cluster answers: ${sanitise(last)}`,
    hint: 'start its servers, or do it without Kubernetes: --drain=false --force',
  });
}

/**
 * Moves the node's pods elsewhere and keeps new ones off it. Undoing lets them on again, unless they were kept off
 * before. A node that Kubernetes does not know needs none of it. Throws DRAIN_FAILED.
 */
export async function drainNode(
  docker: Docker,
  { node, servers, timeoutSeconds }: { node: string; servers: string[]; timeoutSeconds: number },
  context: StepContext,
): Promise<Undo | undefined> {
  const call = { signal: context.signal };
  const found = await kubectlIn(docker, servers, ['get', 'node', node, '-o', 'json'], call);
  if (found.exitCode !== 0 && NOT_FOUND.test(found.stderr)) return undefined;
  if (!isCordoned(found.stdout)) {
    context.onUndo(async signal => {
      await kubectlIn(docker, servers, ['uncordon', node], { signal });
    });
  }
  context.report({ text: 'waiting for its pods to end' });
  const drain = [
    'drain',
    node,
    '--force',
    '--delete-emptydir-data',
    '--ignore-daemonsets',
    `--timeout=${timeoutSeconds}s`,
  ];
  const result = await kubectlIn(docker, servers, drain, call, (timeoutSeconds + 20) * 1000);
  if (result.exitCode === 0 || NOT_FOUND.test(result.stderr)) return undefined;
  throw new K3duiError({
    code: 'DRAIN_FAILED',
    message: `the pods on ${node} do not go: ${lastLine(result.stderr || result.stdout)}`,
    hint: 'delete it without waiting for them: --drain=false',
  });
}

/** Seconds until it is given up that Kubernetes lets go of a node. */
const PATIENCE = 40;
/** Seconds that one try takes at most; the server asked may be the one that is just being voted out. */
const TRY = 20;

/**
 * Removes the Node object, and waits until it is gone: of a server k3s first takes its member out of etcd, which may
 * cost the others a new election. Tries again, with another server if need be. Throws NODE_NOT_FORGOTTEN,
 * KUBERNETES_UNREACHABLE.
 */
export async function forgetNode(
  docker: Docker,
  { node, servers, patienceSeconds = PATIENCE }: { node: string; servers: string[]; patienceSeconds?: number },
  call: Call,
): Promise<void> {
  const end = Date.now() + patienceSeconds * 1000;
  for (;;) {
    let failure: K3duiError;
    try {
      const args = ['delete', 'node', node, `--timeout=${TRY}s`];
      const result = await kubectlIn(docker, servers, args, call, (TRY + 10) * 1000);
      if (result.exitCode === 0 || NOT_FOUND.test(result.stderr)) return;
      failure = new K3duiError({
        code: 'NODE_NOT_FORGOTTEN',
        message: `Kubernetes does not let go of ${node}: ${lastLine(result.stderr || result.stdout)}`,
        hint: `look at it with: kubectl describe node ${node}`,
      });
    } catch (error) {
      if (!isK3duiError(error, 'KUBERNETES_UNREACHABLE')) throw error;
      failure = error;
    }
    if (Date.now() > end) throw failure;
    await pause(1000, call.signal);
    call.signal?.throwIfAborted();
  }
}

function isCordoned(json: string): boolean {
  try {
    return (JSON.parse(json) as { spec?: { unschedulable?: boolean } }).spec?.unschedulable === true;
  } catch {
    return false;
  }
}

function lastLine(text: string): string {
  return sanitise(text.trim().split('\n').at(-1) ?? '');
}

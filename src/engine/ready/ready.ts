import { setTimeout as sleep } from 'node:timers/promises';
import type { Docker } from '../../docker/docker.ts';
import { isK3duiError, K3duiError, toK3duiError } from '../../errors.ts';
import { type Kubernetes, openKubernetes } from '../../kubernetes/kubernetes.ts';
import { openRegistry } from '../../registry/client.ts';
import { type DebugVariables, debugVariables } from '../debug-variables.ts';
import { clusterKubeconfig } from '../kubeconfig/pure.ts';
import { logLines } from '../log-lines.ts';
import { KUBECONFIG_IN_NODE } from '../names.ts';
import type { ApiAddress, ReadyCheck } from '../plan.ts';
import { first, poll } from '../wait.ts';
import { watchForDeath } from './alive.ts';
import { hearLogs } from './hear.ts';

const POLL_MS = 100;
const KUBECONFIG_LOOK_MS = 1000;
/** k3s' line when a server serves the API and its own controllers run (k3d pkg/types/k3slogs.go). */
const SERVER_LINE = 'k3s is up and running';
/** kubelet's, once the API knows the node. */
const AGENT_LINE = 'Successfully registered node';
/** nginx' line once it listens; its configuration logs notices (k3d waits for the same). */
export const NGINX_LINE = 'start worker processes';
/** k3s', when it has written its kubeconfig. */
const KUBECONFIG_LINE = 'Wrote kubeconfig';
/** k3s' as soon as its own controllers start, which is when it has what agents come for: `Starting /v1, Kind=Node controller`. */
const ADMITS_LINE = /Starting \S+, Kind=\w+ controller/;
/** In case the words change: so long after its API answers a server has been seen to turn agents away, and no longer. */
const ADMITS_PATIENCE_MS = 4000;
/** The registry's, once it listens (k3d pkg/types/k3slogs.go). */
const REGISTRY_LINE = 'listening on';

/** What servers wrote as their kubeconfig, by container name: reading one costs Docker a tenth of a second. */
export type KnownKubeconfigs = Map<string, string>;

/** What a wait may want to know besides. */
export interface WaitOptions {
  /** Gets the kubeconfig with which the API answered; later checks take it from there. */
  known?: KnownKubeconfigs;
  debug?: DebugVariables;
}

/**
 * Waits until the check holds. Throws NODE_DIED when a container will not come up, CANCELLED on abort.
 */
export async function waitUntilReady(
  docker: Docker,
  check: ReadyCheck,
  signal: AbortSignal,
  report: (text: string) => void,
  { known = new Map(), debug = debugVariables({}) }: WaitOptions = {},
): Promise<void> {
  const containers = waitedFor(check);
  const holds = (inner: AbortSignal): Promise<void> => {
    switch (check.check) {
      case 'server':
        return serverUp(docker, check.container, inner);
      case 'api':
        return apiAnswers(docker, check, inner, report, known);
      case 'admits':
        return admitsAgents(docker, check.container, inner);
      case 'registered':
        return nodesRegistered(docker, check, inner, report, known);
      case 'joined':
        return logSays(docker, check.container, check.role === 'server' ? SERVER_LINE : AGENT_LINE, inner);
      case 'loadbalancer':
        return logSays(docker, check.container, NGINX_LINE, inner);
      case 'registry':
        return registryAnswers(docker, check, inner);
    }
  };
  const done = new AbortController();
  const tell = (container: string, line: string) => report(`${container}: ${line}`);
  void hearLogs(docker, containers, debug.heard, tell, AbortSignal.any([signal, done.signal]));
  try {
    await first<void>(
      signal,
      holds,
      ...containers.map(name => (inner: AbortSignal) => watchForDeath(docker, name, inner, debug.restarts)),
    );
  } finally {
    done.abort();
  }
}

/** The containers that have to live for the check to hold. Of an answer of the API those that it passes through. */
function waitedFor(check: ReadyCheck): string[] {
  switch (check.check) {
    case 'api':
      return [check.server, ...(check.loadBalancer ? [check.loadBalancer] : [])];
    case 'registered':
      return check.nodes;
    default:
      return [check.container];
  }
}

/** Where its address cannot be asked from here, its log has to do. */
async function registryAnswers(
  docker: Docker,
  { container, url }: { container: string; url: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  if (url === undefined) return logSays(docker, container, REGISTRY_LINE, signal);
  const registry = openRegistry(url);
  try {
    await poll(
      async () => {
        try {
          await registry.ping({ signal });
          return true;
        } catch (error) {
          // It answers, which is all that is asked here: the rest is between it and whoever uses it.
          return isK3duiError(error, 'REGISTRY_DENIED') ? true : undefined;
        }
      },
      { everyMs: POLL_MS, signal },
    );
  } finally {
    registry.close();
  }
}

/** The server says in its log that it is up; in case its words change, kubectl inside is asked now and then. */
async function serverUp(docker: Docker, container: string, signal: AbortSignal): Promise<void> {
  const byLog = (inner: AbortSignal): Promise<void> => logSays(docker, container, SERVER_LINE, inner);
  const byExec = async (inner: AbortSignal): Promise<void> => {
    const asked = ['kubectl', 'get', '--raw', '/readyz'];
    let firstTime = true;
    await poll(
      async () => {
        if (firstTime) {
          firstTime = false;
          return undefined;
        }
        const answer = await docker.exec(container, asked, {}, { signal: inner }).catch(() => undefined);
        return answer?.exitCode === 0 && answer.stdout.trim() === 'ok' ? true : undefined;
      },
      { everyMs: 4000, signal: inner },
    );
  };
  await first(signal, byLog, byExec);
}

/**
 * An agent that asks for its certificates a moment too early gets 503 and asks again five seconds later
 * (k3s pkg/server/router.go, pkg/agent/config/config.go).
 */
async function admitsAgents(docker: Docker, container: string, signal: AbortSignal): Promise<void> {
  await first(
    signal,
    inner => logSays(docker, container, ADMITS_LINE, inner),
    async inner => sleep(ADMITS_PATIENCE_MS, undefined, { signal: inner }),
  );
}

/** The container's log since its last start holds the text. Goes on over restarts. */
async function logSays(docker: Docker, container: string, text: string | RegExp, signal: AbortSignal): Promise<void> {
  const says = (line: string) => (typeof text === 'string' ? line.includes(text) : text.test(line));
  for (;;) {
    const { State } = await docker.inspectContainer(container, { signal });
    // Docker notes the start a moment after the process began to write.
    const since = Date.parse(State.StartedAt) / 1000 - 0.3;
    for await (const line of logLines(docker.logs(container, { follow: true, since }, { signal }))) {
      if (says(line)) return;
    }
    // The log ended because the container did; Docker starts it again.
    await poll(async () => ((await docker.inspectContainer(container, { signal })).State.Running ? true : undefined), {
      everyMs: POLL_MS * 2,
      signal,
    });
  }
}

/** The published address answers /readyz with ok. */
async function apiAnswers(
  docker: Docker,
  check: { cluster: string; server: string; api: ApiAddress },
  signal: AbortSignal,
  report: (text: string) => void,
  known: KnownKubeconfigs,
): Promise<void> {
  report('waiting for k3s to write its kubeconfig');
  const raw = await kubeconfigWritten(docker, check.server, signal);
  const kubernetes = await openKubernetes(kubeconfigOf(raw, check));
  report(`asking https://${check.api.host}:${check.api.port}/readyz`);
  await poll(async () => ((await kubernetes.readyz({ signal })) ? true : undefined), { everyMs: POLL_MS, signal });
  known.set(check.server, raw);
}

/** Every node has a Node object whose status is from after its container's start. */
async function nodesRegistered(
  docker: Docker,
  check: { cluster: string; server: string; api: ApiAddress; nodes: string[] },
  signal: AbortSignal,
  report: (text: string) => void,
  known: KnownKubeconfigs,
): Promise<void> {
  const [kubernetes, ...started] = await Promise.all([
    openThrough(docker, check, signal, known),
    ...check.nodes.map(async name => Date.parse((await docker.inspectContainer(name, { signal })).State.StartedAt)),
  ]);
  const startedAt = new Map(check.nodes.map((name, i) => [name, started[i] ?? 0]));
  await poll(
    async () => {
      const heartbeats = await kubernetes.heartbeats({ signal }).catch(error => {
        signal.throwIfAborted();
        report(toK3duiError(error).message);
      });
      if (!heartbeats) return undefined;
      // Heartbeats have whole seconds.
      const missing = check.nodes.filter(name => (heartbeats.get(name) ?? -Infinity) + 1000 < startedAt.get(name)!);
      if (missing.length === 0) return true;
      report(`${check.nodes.length - missing.length} of ${check.nodes.length} registered`);
      return undefined;
    },
    { everyMs: POLL_MS * 2, signal },
  );
}

interface Published {
  cluster: string;
  server: string;
  api: ApiAddress;
}

/** A Kubernetes client over the published address, as soon as the server has written its kubeconfig. */
export async function openThrough(
  docker: Docker,
  where: Published,
  signal: AbortSignal,
  known?: KnownKubeconfigs,
): Promise<Kubernetes> {
  const raw = known?.get(where.server) ?? (await kubeconfigWritten(docker, where.server, signal));
  return openKubernetes(kubeconfigOf(raw, where));
}

/**
 * Reading from a node costs Docker, and so the node that is starting, a good deal: the log tells when there is something
 * to read. It is looked for now and then all the same, in case the words change.
 */
async function kubeconfigWritten(docker: Docker, server: string, signal: AbortSignal): Promise<string> {
  const read = (everyMs: number) => (inner: AbortSignal) =>
    poll(
      async () => {
        const raw = (await docker.readFile(server, KUBECONFIG_IN_NODE, { signal: inner }))?.toString('utf8');
        return raw?.includes('client-key-data') ? raw : undefined;
      },
      { everyMs, signal: inner },
    );
  return first(signal, read(KUBECONFIG_LOOK_MS), async inner => {
    await logSays(docker, server, KUBECONFIG_LINE, inner);
    return read(POLL_MS)(inner);
  });
}

function kubeconfigOf(raw: string, { cluster, server, api }: Published): string {
  try {
    return clusterKubeconfig(raw, cluster, api);
  } catch (cause) {
    throw new K3duiError({
      code: 'KUBECONFIG_INVALID',
      message: `${server} wrote a kubeconfig that cannot be read`,
      cause,
    });
  }
}

import type { Call, Docker } from '../../docker/docker.ts';
import { isAbort } from '../../errors.ts';
import { limited } from '../wait.ts';
import type { Probe } from './probe.ts';

/** Limit of one connection attempt, in seconds. */
const LIMIT_SECONDS = 2;
/** Limit of a command in a container, whose start may take Docker a while; in milliseconds. */
const EXEC_LIMIT_MS = 6000;

/**
 * Ways to open a TCP connection that images have: k3d-proxy is an Alpine (busybox), Debian's nginx image has bash and
 * curl, k3s' own busybox has telnet but neither nc nor timeout. Tried in turn until one is there.
 */
const WAYS: ((host: string, port: string) => string[])[] = [
  (host, port) => ['nc', '-w', String(LIMIT_SECONDS), host, port, '-e', 'true'],
  (host, port) => ['sh', '-c', TELNET, 'sh', host, port],
  (host, port) => ['timeout', String(LIMIT_SECONDS), 'bash', '-c', `: </dev/tcp/${host}/${port}`],
  (host, port) => [
    'curl',
    '-s',
    '-o',
    '/dev/null',
    '--connect-timeout',
    String(LIMIT_SECONDS),
    '-m',
    '3',
    `http://${host.includes(':') ? `[${host}]` : host}:${port}/`,
  ],
];

/** Telnet has no time limit of its own; it ends by itself as soon as it is connected, as there is nothing to read. */
const TELNET = `command -v telnet >/dev/null || exit 127
telnet "$1" "$2" </dev/null 2>&1 & p=$!
(sleep ${LIMIT_SECONDS}; kill $p) >/dev/null 2>&1 &
wait $p`;

/** Whether `host` and `port` may stand in a shell's line: a name or an address. */
const isPlainHost = (host: string) => /^[\w.:-]+$/.test(host);

/**
 * One TCP connection from within a container, with whatever its image has for it; how long it took includes Docker's own
 * work. Throws only when cancelled: what cannot be tried is `untestable`.
 */
export async function reachFrom(
  docker: Docker,
  from: { id: string; name: string },
  host: string,
  port: number,
  call: Call,
): Promise<Probe> {
  if (!isPlainHost(host)) return { state: 'untestable', ms: 0, why: 'that is no address' };
  const begin = performance.now();
  const { signal } = limited(call, EXEC_LIMIT_MS);
  const took = () => Math.round(performance.now() - begin);
  try {
    for (const way of WAYS) {
      const command = way(host, String(port));
      const tried = performance.now();
      const { exitCode, stdout, stderr } = await docker.exec(from.id, command, {}, { signal });
      if (exitCode === 126 || exitCode === 127) continue;
      const ms = Math.round(performance.now() - tried);
      return { ...reading(command[0]!, exitCode, `${stdout}\n${stderr}`), ms };
    }
    return { state: 'untestable', ms: took(), why: `${from.name} has neither nc nor bash nor telnet nor curl` };
  } catch (error) {
    if (call.signal?.aborted) throw error;
    if (signal.aborted) return { state: 'timeout', ms: took(), why: `no answer within ${EXEC_LIMIT_MS / 1000} s` };
    if (isAbort(error)) throw error;
    return { state: 'untestable', ms: took(), why: error instanceof Error ? error.message : String(error) };
  }
}

/** What the command's end means. */
function reading(tool: string, exitCode: number, said: string): Omit<Probe, 'ms'> {
  if (exitCode === 0) return { state: 'open' };
  if (tool === 'curl') {
    // 6: name unknown, 7: could not connect, 28: time; all others come after a connection was made.
    if (exitCode === 6) return { state: 'shut', why: 'the name of the node does not resolve' };
    if (exitCode === 7) return { state: 'shut' };
    return exitCode === 28 ? { state: 'timeout' } : { state: 'open' };
  }
  // timeout(1) of coreutils says 124, busybox' 143 or 124.
  if (exitCode === 124 || exitCode === 143 || /timed out/i.test(said)) return { state: 'timeout' };
  if (/bad address|not known|not resolve|no address|Name or service/i.test(said)) {
    return { state: 'shut', why: 'the name of the node does not resolve' };
  }
  return { state: 'shut' };
}

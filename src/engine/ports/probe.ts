import { connect } from 'node:net';
import type { Call, Docker } from '../../docker/docker.ts';
import { listeningSockets } from '../cluster/host-ports.ts';
import { isLocal, reachableHost } from '../endpoint.ts';
import type { Cluster } from '../model.ts';
import { reachFrom } from './reach.ts';
import type { PortRow } from './table.ts';

/**
 * open: something answers. shut: nothing listens. refused behind: the host port is open, but nothing behind it answers.
 * timeout: no answer in time. untestable: nobody can tell from here.
 */
export type ProbeState = 'open' | 'shut' | 'refused behind' | 'timeout' | 'untestable';

export interface Probe {
  state: ProbeState;
  /** How long it took; through the load balancer that includes Docker's own work. */
  ms: number;
  /** In words, where the state alone does not say it. */
  why?: string;
}

export interface PortProbe extends Probe {
  /** From this machine to the host port. */
  host: Probe;
  /** From inside the load balancer (for a direct port: from inside the node) to each node behind the listener. */
  upstreams: (Probe & { node: string })[];
}

/** Limit of one connection attempt. */
const LIMIT_MS = 2000;
const UDP = 'UDP has no connections: silence and an answer that never comes look the same';

/**
 * Tests a path now: a TCP connection from this machine to the host port, and one from inside the load balancer to each
 * node behind it. Never throws but CANCELLED: what cannot be tested is said to be so.
 */
export async function probePort(docker: Docker, cluster: Cluster, row: PortRow, call: Call): Promise<PortProbe> {
  if (row.protocol !== 'tcp') {
    const untestable: Probe = {
      state: 'untestable',
      ms: 0,
      why: row.protocol === 'udp' ? UDP : `${row.protocol} cannot be tested`,
    };
    return { ...untestable, host: untestable, upstreams: row.upstreams.map(({ node }) => ({ node, ...untestable })) };
  }
  const upstreams = await Promise.all(
    row.upstreams.map(async ({ node }) => ({ node, ...(await probeUpstream(docker, cluster, row, node, call)) })),
  );
  // A connection that nginx cannot pass on makes it leave those nodes alone for ten seconds, so that a service that comes
  // up meanwhile would seem dead because of this test. Then whether the port is open is looked up instead.
  const hopeless =
    row.upstreams.length > 1 && upstreams.every(({ state }) => state !== 'open' && state !== 'untestable');
  const host = (hopeless ? await lookUpHost(docker, row) : undefined) ?? (await probeHost(docker, row, call));
  return { ...verdict(host, upstreams), host, upstreams };
}

/** Both halves as one state. */
function verdict(host: Probe, upstreams: (Probe & { node: string })[]): Probe {
  if (host.state !== 'open' || upstreams.length === 0) return host;
  if (upstreams.some(({ state }) => state === 'open')) return { state: 'open', ms: host.ms };
  if (upstreams.every(({ state }) => state === 'untestable')) {
    return { state: 'open', ms: host.ms, why: `what is behind it cannot be tested: ${upstreams[0]!.why ?? 'no way'}` };
  }
  if (upstreams.every(({ state }) => state === 'timeout')) {
    return { state: 'timeout', ms: host.ms, why: 'the port is open, but no node behind it answers in time' };
  }
  return { state: 'refused behind', ms: host.ms, why: 'the port is open, but nothing answers behind it' };
}

async function probeHost(docker: Docker, row: PortRow, call: Call): Promise<Probe> {
  if (row.hostPort === 0) return { state: 'shut', ms: 0, why: 'it is not published now' };
  const host = reachableHost({ host: '', hostIP: row.hostIP, port: row.hostPort }, {}, docker.endpoint);
  return connectTo(host, row.hostPort, LIMIT_MS, call.signal);
}

/** The port among the sockets that listen on this machine; undefined where that tells nothing. */
async function lookUpHost(docker: Docker, row: PortRow): Promise<Probe | undefined> {
  if (row.hostPort === 0 || !isLocal(docker.endpoint)) return undefined;
  const sockets = await listeningSockets();
  return sockets.some(({ port, protocol }) => port === row.hostPort && protocol === 'tcp')
    ? { state: 'open', ms: 0 }
    : undefined;
}

/** One TCP connection, closed at once. Throws only when cancelled. */
export function connectTo(host: string, port: number, limitMs: number, signal?: AbortSignal): Promise<Probe> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connect({ host, port });
    const end = (probe: Omit<Probe, 'ms'>) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      socket.destroy();
      resolve({ ...probe, ms: Math.round(performance.now() - begin) });
    };
    const cancel = () => {
      clearTimeout(timer);
      socket.destroy();
      reject(signal?.reason);
    };
    const timer = setTimeout(() => end({ state: 'timeout', why: `no answer within ${limitMs / 1000} s` }), limitMs);
    signal?.addEventListener('abort', cancel, { once: true });
    socket.once('connect', () => end({ state: 'open' }));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET') end({ state: 'shut' });
      else end({ state: error.code === 'ETIMEDOUT' ? 'timeout' : 'shut', why: error.message });
    });
  });
}

async function probeUpstream(docker: Docker, cluster: Cluster, row: PortRow, node: string, call: Call): Promise<Probe> {
  const inside =
    row.kind === 'proxy' || (row.kind === 'api' && cluster.loadBalancer) ? cluster.loadBalancer : undefined;
  const from = inside ?? [...cluster.servers, ...cluster.agents].find(({ name }) => name === node);
  const target = [...cluster.servers, ...cluster.agents].find(({ name }) => name === node);
  if (!target) return { state: 'shut', ms: 0, why: 'there is no such node' };
  if (!target.running) return { state: 'shut', ms: 0, why: 'the node does not run' };
  if (!from?.running) return { state: 'untestable', ms: 0, why: `${from?.name ?? 'the load balancer'} does not run` };
  return reachFrom(docker, from, node, row.listenerPort, call);
}

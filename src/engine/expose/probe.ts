import type { Call, Docker } from '../../docker/docker.ts';
import { connectTo } from '../ports/probe.ts';
import { reachFrom } from '../ports/reach.ts';
import { holdFromHere, requestFrom, requestFromHere } from './http.ts';
import type { Exposure, Target } from './model.ts';
import { hostsCommand, isLocalhostName, resolveHere } from './resolve.ts';

/**
 * good: it was tried and works. bad: it does not. warn: it works for most. unknown: it cannot be tried from here.
 */
export type PartState = 'good' | 'warn' | 'bad' | 'unknown';

/** How trying one part of a hop went. */
export interface PartResult {
  state: PartState;
  /** From within a container that includes Docker's own work. */
  ms: number;
  /** In a word or two: `open`, `404`, `refused`. */
  said: string;
  /** The line that mends it, where that is known here already. */
  command?: string;
}

/** Results by hop and part; undefined while a part is being tried. */
export type ChainResult = readonly (readonly (PartResult | undefined)[])[];

/** So many commands in containers at once. */
const AT_ONCE = 4;
const CONNECT_LIMIT = 2000;

/**
 * Tries every hop of a way, all at once as far as that is bearable. Never throws but when cancelled.
 * @param onNews told what is known after each part
 */
export async function probeChain(
  docker: Docker,
  exposure: Exposure,
  call: Call,
  onNews: (result: ChainResult) => void = () => {},
): Promise<ChainResult> {
  const result = exposure.hops.map(hop => hop.parts.map((): PartResult | undefined => undefined));
  const news = () => onNews(result.map(parts => [...parts]));
  const todo = exposure.hops.flatMap((hop, at) => hop.parts.flatMap((part, index) => ({ part, at, index })));
  const jobs = todo.filter(({ part }) => part.target !== undefined);
  for (const { part, at, index } of todo) {
    if (part.target === undefined)
      result[at]![index] = { state: part.fault ? 'bad' : 'unknown', ms: 0, said: part.fault ?? 'not tried' };
  }
  news();
  // From this machine first, and from the pods outwards: what is nearest to a break is known soonest.
  const queue = jobs.toReversed();
  const work = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const { part, at, index } = job;
      result[at]![index] = await tryTarget(docker, part.target!, call);
      news();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return result;
}

async function tryTarget(docker: Docker, target: Target, call: Call): Promise<PartResult> {
  switch (target.how) {
    case 'resolve':
      return tryName(target.host, target.address);
    case 'connect': {
      const { from, host, port } = target;
      const probe = from
        ? await reachFrom(docker, from, host, port, call)
        : await connectTo(host, port, CONNECT_LIMIT, call.signal);
      const { state, ms, why } = probe;
      if (state === 'open') return { state: 'good', ms, said: 'open' };
      if (state === 'untestable') return { state: 'unknown', ms, said: why ?? 'cannot be tried' };
      return { state: 'bad', ms, said: why ?? (state === 'timeout' ? 'no answer' : 'refused') };
    }
    case 'hold': {
      const { held, ms, why } = await holdFromHere(target.host, target.port, call);
      return held ? { state: 'good', ms, said: 'stays open' } : { state: 'bad', ms, said: why ?? 'closed' };
    }
    case 'request': {
      const { status, ms, why } = await requestFromHere(target.request, call);
      if (status === 0) return { state: 'bad', ms, said: why ?? 'no answer' };
      return { state: isGateway(status) ? 'bad' : 'good', ms, said: String(status) };
    }
    case 'route':
      return tryRoute(docker, target, call);
  }
}

/** What a proxy says that has nobody behind it. */
const isGateway = (status: number) => status === 502 || status === 503 || status === 504;

async function tryName(host: string, address: string): Promise<PartResult> {
  const { addresses, right, ms } = await resolveHere(host, address);
  if (right) return { state: 'good', ms, said: `is ${addresses[0]}` };
  const command = hostsCommand(host, address, process.platform);
  if (addresses.length > 0) return { state: 'bad', ms, said: `is ${addresses[0]}, not ${address}`, command };
  // Browsers know these names by themselves: it is no break for most.
  if (isLocalhostName(host)) return { state: 'warn', ms, said: 'resolves in browsers only', command };
  return { state: 'bad', ms, said: 'does not resolve', command };
}

async function tryRoute(
  docker: Docker,
  { from, request, app }: Extract<Target, { how: 'route' }>,
  call: Call,
): Promise<PartResult> {
  const { status, ms, why, untestable } = await requestFrom(docker, from, request, call);
  if (untestable) return { state: 'unknown', ms, said: why ?? 'cannot be tried' };
  // The controller itself does not answer: that is told by its own hops, which stand further out.
  if (status === 0) return { state: 'unknown', ms, said: why ?? 'no answer' };
  if (isGateway(status)) return { state: 'bad', ms, said: String(status) };
  if (status !== 404 || app === undefined) return { state: 'good', ms, said: String(status) };
  // A controller without such a rule says 404; so may the app behind it.
  const own = await requestFrom(docker, from, { ...app, host: request.host }, call);
  if (own.status === 404) return { state: 'good', ms, said: '404, the app says' };
  return { state: own.untestable ? 'unknown' : 'bad', ms, said: '404: not taken up' };
}

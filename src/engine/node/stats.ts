import type { Call, Docker } from '../../docker/docker.ts';
import type { ContainerStats } from '../../docker/types.ts';
import { isK3duiError } from '../../errors.ts';
import { pause } from '../wait.ts';

/** A container's load at one moment. */
export interface StatsSample {
  /** Milliseconds since the epoch. */
  at: number;
  /** Percent of one processor, as `docker stats` says it: 200 is two whole ones. */
  cpu: number;
  /** Bytes, file caches that can be dropped at any time left out. */
  memory: number;
  /** Bytes: its own limit, or what the machine has. */
  memoryLimit: number;
}

/** Seconds of history kept for a graph. */
export const HISTORY = 30;

/**
 * The sample in one line of Docker's statistics; undefined for a container that does not run, and for the first line of
 * a stream, which has nothing to compare with. Computed as Docker's own client does (cli/command/container/stats_helpers.go).
 */
export function sampleOf(stats: ContainerStats, at: number): StatsSample | undefined {
  const { cpu_stats: now, precpu_stats: before, memory_stats: memory } = stats;
  const system = (now?.system_cpu_usage ?? 0) - (before?.system_cpu_usage ?? 0);
  if (!now?.system_cpu_usage || !before?.system_cpu_usage || system <= 0) return undefined;
  const used = (now.cpu_usage?.total_usage ?? 0) - (before.cpu_usage?.total_usage ?? 0);
  const processors = now.online_cpus || now.cpu_usage?.percpu_usage?.length || 1;
  return {
    at,
    cpu: Math.max(0, (used / system) * processors * 100),
    memory: memoryOf(memory),
    memoryLimit: memory?.limit ?? 0,
  };
}

/** cgroup v1 counts caches as `total_inactive_file`, v2 as `inactive_file`. */
function memoryOf(memory: ContainerStats['memory_stats']): number {
  const usage = memory?.usage ?? 0;
  const cache = memory?.stats?.total_inactive_file ?? memory?.stats?.inactive_file ?? 0;
  return cache < usage ? usage - cache : usage;
}

/** The last samples of one container, oldest first; the same array is never changed. */
export function addSample(history: readonly StatsSample[], sample: StatsSample): readonly StatsSample[] {
  return [...history.slice(-(HISTORY - 1)), sample];
}

/** Milliseconds until a stream that broke is opened again. */
const AGAIN_MS = 3000;

/**
 * Streams the load of containers until the call is aborted; a stream that breaks is opened again, one whose container
 * is gone is not. Returns at once.
 */
export function watchStats(
  docker: Docker,
  ids: readonly string[],
  onSample: (id: string, sample: StatsSample) => void,
  call: Required<Call>,
): void {
  for (const id of ids) void watchOne(docker, id, onSample, call.signal);
}

async function watchOne(
  docker: Docker,
  id: string,
  onSample: (id: string, sample: StatsSample) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const line of docker.stats(id, { signal })) {
        const sample = sampleOf(line, Date.now());
        if (sample) onSample(id, sample);
      }
    } catch (error) {
      if (signal.aborted || isK3duiError(error, 'NOT_FOUND')) return;
    }
    await pause(AGAIN_MS, signal);
  }
}
